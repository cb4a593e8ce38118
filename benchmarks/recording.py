"""What recording costs the caller, in microseconds a call: medians of 60 chunks, in turn with floor and peers.

The writer works for real beside it (it shares the interpreter, as it does in an application); between two chunks
the queue is flushed to disk, so that no chunk meets a full queue. The exceptions have 12 frames with locals; two take
turns, since sentry_sdk drops the one that it has just seen. statsig logs to a receiver on loopback (in its local mode
it would throw the events away), sentry_sdk to a transport that does nothing.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections import deque
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal

from _measure import environment, print_result

import telemetry_sdk
from telemetry_sdk.receiver import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.receiver import Receiver

CHUNKS = 60
EVENTS = 1_000
ERRORS = 50
FRAMES = 12


class ToolUse(telemetry_sdk.Event, name="tool_use"):
    tool: Literal["bash", "edit"]
    value: float


def main() -> int:
    """Measure, and tell whether the targets are met."""
    with tempfile.TemporaryDirectory() as state, running(accept_keys=["secret-key"]) as receiver:
        os.environ.update(environment(state))  # no choice of the user's counts here
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
        errors = cycle((_deep_error(), _deep_error()))
        statsig, sentry = _peers(receiver)
        events: dict[str, Callable[[], object]] = {
            "append a dict (floor)": lambda: queue.append(
                {"name": "tool_use", "value": 12.5, "metadata": {"tool": "bash"}}
            ),
            "log_event by name": lambda: client.log_event("tool_use", value=12.5, metadata={"tool": "bash"}),
            "log_event by class": lambda: client.log_event(ToolUse(tool="bash", value=12.5)),
            "statsig.log_event": statsig,
        }
        captures: dict[str, Callable[[], object]] = {
            "walk the traceback (floor)": lambda: _walk(next(errors)),
            "capture_exception": lambda: client.capture_exception(next(errors)),
            "sentry_sdk.capture_exception": lambda: sentry(next(errors)),
        }
        figures = {**_measured(events, EVENTS, client), **_measured(captures, ERRORS, client)}
        client.opt_out(persist=False)
        client.close()
        _shutdown()
    for name, microseconds in figures.items():
        print_result(what=name, microseconds=microseconds)
    ratio = figures["log_event by name"] / figures["append a dict (floor)"]
    targets = {
        "log_event at most 3 appends": ratio <= 3,
        "capture_exception at most 80 µs": figures["capture_exception"] <= 80,
    }
    print_result(targets=targets, ratio=round(ratio, 2))
    return 0 if all(targets.values()) else 1


def _measured(
    calls: dict[str, Callable[[], object]], count: int, client: telemetry_sdk.TelemetryClient
) -> dict[str, float]:
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


def _peers(receiver: Receiver) -> tuple[Callable[[], object], Callable[[BaseException], object]]:
    """Return the vendors' own calls; neither leaves this machine."""
    import sentry_sdk
    from sentry_sdk.transport import Transport
    from statsig import StatsigEvent, StatsigOptions, StatsigUser, statsig

    class Nowhere(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            """Drop it."""

    specs = '{"time": 1, "has_updates": true, "feature_gates": [], "dynamic_configs": [], "layer_configs": []}'
    statsig.initialize("secret-key", StatsigOptions(api=receiver.statsig_url, bootstrap_values=specs))
    sentry_sdk.init("http://key@127.0.0.1:9/1", transport=Nowhere)
    user = StatsigUser("someone")

    def log() -> object:
        return statsig.log_event(StatsigEvent(user, "tool_use", value=12.5, metadata={"tool": "bash"}))

    return log, sentry_sdk.capture_exception


def _shutdown() -> None:
    """Let statsig's threads end before the receiver does."""
    from statsig import statsig

    statsig.shutdown()


if __name__ == "__main__":
    sys.exit(main())
