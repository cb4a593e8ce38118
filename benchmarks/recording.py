"""What recording costs the caller, in microseconds a call: medians over 60 chunks, in turn with the floor and the peers.

The writer works for real beside it (it shares the interpreter, as it does in an application); between two chunks
the queue is flushed to disk, so that no chunk meets a full queue. The exception has 12 frames with locals.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Literal

from _measure import say

import telemetry_sdk

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNKS = 60
EVENTS = 1_000
ERRORS = 50
FRAMES = 12


class ToolUse(telemetry_sdk.Event, name="tool_use"):
    tool: Literal["bash", "edit"]
    value: float


def main() -> int:
    """Measure, and tell whether the targets are met."""
    with tempfile.TemporaryDirectory() as state:
        client = telemetry_sdk.start(
            app="benchmark",
            version="1",
            statsig_key="client-key",
            statsig_url="http://127.0.0.1:9/v1",
            sentry_dsn="http://key@127.0.0.1:9/1",
            state_dir=state,
            max_events_per_minute=None,
        )
        queue: deque[Any] = deque(maxlen=90_000)
        error = _deep_error()
        statsig, sentry = _peers()
        events: dict[str, Callable[[], object]] = {
            "append a dict (floor)": lambda: queue.append({"name": "tool_use", "value": 12.5, "metadata": {"tool": "bash"}}),
            "log_event by name": lambda: client.log_event("tool_use", value=12.5, metadata={"tool": "bash"}),
            "log_event by class": lambda: client.log_event(ToolUse(tool="bash", value=12.5)),
            "statsig.log_event": statsig,
        }
        errors: dict[str, Callable[[], object]] = {
            "walk the traceback (floor)": lambda: _walk(error),
            "capture_exception": lambda: client.capture_exception(error),
            "sentry_sdk.capture_exception": lambda: sentry(error),
        }
        figures = {**_measured(events, EVENTS, client), **_measured(errors, ERRORS, client)}
        client.opt_out()
        client.close()
    for name, microseconds in figures.items():
        say(what=name, microseconds=microseconds)
    ratio = figures["log_event by name"] / figures["append a dict (floor)"]
    targets = {
        "log_event at most 3 appends": ratio <= 3,
        "capture_exception at most 80 µs": figures["capture_exception"] <= 80,
    }
    say(targets=targets, ratio=round(ratio, 2))
    return 0 if all(targets.values()) else 1


def _measured(calls: dict[str, Callable[[], object]], count: int, client: telemetry_sdk.TelemetryClient) -> dict[str, float]:
    took: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(CHUNKS + 2):
        for name, call in calls.items():
            began = time.perf_counter()
            for _ in range(count):
                call()
            if turn > 1:
                took[name].append((time.perf_counter() - began) / count * 1e6)
            client.flush_sync(10, to="spool")
    return {name: round(statistics.median(values), 3) for name, values in took.items()}


def _walk(error: BaseException) -> list[object]:
    frames: list[object] = []
    trace = error.__traceback__
    while trace is not None:
        frames.append((trace.tb_frame.f_code, trace.tb_lineno))
        trace = trace.tb_next
    return frames


def _deep_error() -> BaseException:
    def descend(left: int) -> None:
        local, other = "x" * 200, list(range(50))
        if left:
            descend(left - 1)
        raise ValueError(local, other)

    try:
        descend(FRAMES - 2)
    except ValueError as error:
        return error
    raise AssertionError


def _peers() -> tuple[Callable[[], object], Callable[[BaseException], object]]:
    """Return the vendors' own calls; neither reaches a network."""
    import sentry_sdk
    from sentry_sdk.transport import Transport
    from statsig import StatsigEvent, StatsigOptions, StatsigUser, statsig

    class Nowhere(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            """Drop it."""

    statsig.initialize("secret-key", StatsigOptions(local_mode=True))
    sentry_sdk.init("http://key@127.0.0.1:9/1", transport=Nowhere)
    user = StatsigUser("someone")

    def log() -> object:
        return statsig.log_event(StatsigEvent(user, "tool_use", value=12.5, metadata={"tool": "bash"}))

    return log, sentry_sdk.capture_exception


if __name__ == "__main__":
    sys.exit(main())
