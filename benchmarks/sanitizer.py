"""What the sanitizer and the payload schema cost: microseconds a record, and how that grows with adversarial input.

Floor: the same record through `json.dumps`, which is the least that sending it costs. Peer: Sentry's own scrubber
on the same error. Growth: the time for twice the input over the time for it, at its worst; 2.2 is the bound.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from _measure import print_result
from sentry_sdk.client import Client
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.utils import event_from_exception

import telemetry_sdk
from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.raw_records import Item
from telemetry_sdk.capture.snapshot import take_snapshot
from telemetry_sdk.encoders import sentry as sentry_encoder
from telemetry_sdk.encoders import statsig
from telemetry_sdk.events import with_fields
from telemetry_sdk.pipeline.processors import clean_event
from telemetry_sdk.sanitizer.code.modules import KnownModules
from telemetry_sdk.sanitizer.code.raise_expressions import message_parts
from telemetry_sdk.sanitizer.code.templates import braced, matched, percent
from telemetry_sdk.sanitizer.items import clean_item
from telemetry_sdk.sanitizer.payload_schema import violation
from telemetry_sdk.sanitizer.run_metadata import errors_context, metrics_context, platform
from telemetry_sdk.sanitizer.snapshots import clean_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FRAMES = 12
ROUNDS = 200
APPLICATION = """
def fail(depth, path):
    if depth:
        return fail(depth - 1, path)
    raise ValueError(f"could not open config {path} for model")
"""
TARGETS = {"error": 200.0, "item": 200.0, "event": 3.0, "template": 500.0, "schema: event": 2.5}  # microseconds
GROWTH = 2.2


class ToolUse(telemetry_sdk.Event, name="tool_use"):
    tool: Literal["bash", "edit"]
    duration_ms: float
    ok: bool


def main() -> int:
    """Measure, and tell whether the targets are met."""
    with tempfile.TemporaryDirectory() as directory:
        application = _application(Path(directory))
        error = _caught(application.fail, FRAMES - 2, "/some/path")
        modules = KnownModules(["acme_benchmark"])
        snapshot = take_snapshot(error)
        sentry, _ = event_from_exception(error, client_options=Client(dsn="http://k@127.0.0.1:9/1").options)
        named, fields = with_fields(ToolUse(tool="bash", duration_ms=1.5, ok=True), None)
        event = (time.time(), named, None, fields)
        code, at = snapshot.exceptions[0].frames[-1][0], snapshot.exceptions[0].raised_at
        cleaned = clean_snapshot(snapshot, modules, {}, 0)
        diagnostics = Diagnostics()
        sent, encoded = _encoded(cleaned, clean_event(event, str(uuid.uuid4()), diagnostics))
        costs = {
            "json.dumps of the clean error (floor)": _median(lambda: json.dumps(cleaned)),
            "error": _median(lambda: clean_snapshot(snapshot, modules, {}, 0)),
            "item": _median(lambda: clean_item(Item("event", dict(sentry)), modules, {})),
            "EventScrubber of the same (peer)": _median(lambda: EventScrubber().scrub_event(dict(sentry))),
            "event": _median(lambda: clean_event(event, "0" * 32, diagnostics)),
            "template": _median(lambda: message_parts(code, at)),
            "schema: error": _median(lambda: violation("event", sent)),
            "schema: event": _median(lambda: violation("statsig_event", encoded)),
        }
        missed = [name for name, most in TARGETS.items() if costs[name] > most]
        for name, cost in costs.items():
            print_result(what=name, microseconds=round(cost, 2))
        growth = {name: round(_growth(make), 2) for name, make in _adversarial().items()}
        slow = [name for name, factor in growth.items() if factor > GROWTH]
        for name, factor in growth.items():
            print_result(what=f"twice the input: {name}", times=factor)
        print_result(missed=missed + slow)
    return 1 if missed or slow else 0


def _encoded(error: Any, event_text: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the payloads of a clean error and a clean event."""
    common = {**platform(), "sdk_version": "1", "app": "acme", "app_version": "1.4.2", "provider": "first_party"}
    context: Any = metrics_context({**common, "user": str(uuid.uuid4()), "session": str(uuid.uuid4())})
    of_errors: Any = errors_context({**common, "release": "acme@1.4.2", "environment": "production"})
    encoded = json.loads(statsig.EventEncoder(context).encode(event_text) or b"")
    del encoded["user"]  # is checked once for all events of a run
    return sentry_encoder.event(error, of_errors), encoded


def _application(directory: Path) -> Any:
    file = directory / "acme_benchmark.py"
    file.write_text(APPLICATION)
    spec = importlib.util.spec_from_file_location("acme_benchmark", file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["acme_benchmark"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _caught(call: Callable[..., object], *args: object) -> BaseException:
    try:
        call(*args)
    except Exception as error:
        return error
    raise AssertionError("it did not raise")


def _median(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    call()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1e6


def _adversarial() -> Mapping[str, Callable[[int], Callable[[], object]]]:
    """Return, by name, what makes a call on input of a given size."""
    modules = KnownModules()

    def frames(size: int) -> Callable[[], object]:
        path = "/".join(["a b"] * 100)
        frame = {"module": "a." * 100 + "b", "function": "f" * 200, "abs_path": path, "lineno": 1}
        thrown = [{"type": "x" * 200, "stacktrace": {"frames": [frame] * size}}]
        return lambda: clean_item(Item("event", {"exception": {"values": thrown}}), modules, {})

    def crumbs(size: int) -> Callable[[], object]:
        values = [{"category": "c" * 50, "timestamp": "2026-01-01T00:00:00Z"}] * size
        return lambda: clean_item(Item("event", {"breadcrumbs": values, "exception": {"values": [{}]}}), modules, {})

    return {
        "frames of an item": frames,
        "breadcrumbs of an item": crumbs,
        "a message against its template": lambda size: (
            lambda: matched(("a", None, "ab", None, "ba", None), "a" + "ab" * size)
        ),
        "a percent format": lambda size: lambda: percent(("%(" * size,)),
        "a brace format": lambda size: lambda: braced(("{}{" * size,)),
        "an item against the schema": lambda size: (
            lambda: violation("event", {"tags": dict.fromkeys(map(str, range(size)), "x")})
        ),
    }


def _growth(make: Callable[[int], Callable[[], object]], size: int = 2_000) -> float:
    """Return the least of several ratios: a busy machine makes them larger, never smaller."""
    gc.collect()
    once, twice = make(size), make(2 * size)
    return min(_median(twice, 9) / max(_median(once, 9), 1e-3) for _ in range(3))


if __name__ == "__main__":
    raise SystemExit(main())
