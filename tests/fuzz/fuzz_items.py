"""Coverage-guided fuzzing of clean_sentry_item: its result may not hold a planted string.

    $ .tools/bin/uv pip install --python .venv/bin/python atheris     # not locked: it has wheels for few Pythons
    $ .venv/bin/python tests/fuzz/fuzz_items.py -max_total_time=120

The fuzzer builds a payload of Sentry's schema, planted all over; what it finds is written to a file `crash-…`.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import atheris

with atheris.instrument_imports(include=["telemetry_sdk.sanitizer", "telemetry_sdk.encoders"]):
    from telemetry_sdk.privacy import clean_sentry_item
    from telemetry_sdk.sanitizer.payload_schema import violation

if TYPE_CHECKING:
    from collections.abc import Callable

PLANTED = (
    "qzvxwkjq",
    "/home/qzvxwkjq/x.py",
    "qzvxwkjq.Error",
    "Qzvxwkjq",
    "json.qzvxwkjq",
    "<qzvxwkjq>",
    "qzvxwkjq\u200b",
)
TRUE = (
    "json",
    "json.decoder",
    "loads",
    "ValueError",
    "JSONDecodeError",
    json.__file__,
    "error",
    "exited",
    "builtins",
    "os",
)
KEYS = (
    *("exception", "values", "type", "module", "value", "stacktrace", "frames", "function", "abs_path", "lineno"),
    *("filename", "mechanism", "handled", "meta", "errno", "number", "threads", "breadcrumbs", "category", "level"),
    *("contexts", "trace", "trace_id", "os", "name", "version", "tags", "timestamp", "event_id", "environment", "sid"),
    *(
        "status",
        "started",
        "errors",
        "duration",
        "discarded_events",
        "reason",
        "quantity",
        "current",
        "crashed",
        "qzvxwkjq",
    ),
)
TYPES = ("event", "session", "client_report", "transaction", "qzvxwkjq")


def value(data: atheris.FuzzedDataProvider, depth: int) -> Any:
    """Return a JSON value that the fuzzer chooses."""
    leaves: tuple[Callable[[], Any], ...] = (
        lambda: data.PickValueInList(list(PLANTED)),
        lambda: data.PickValueInList(list(TRUE)),
        lambda: data.ConsumeInt(5),
        data.ConsumeFloat,
        data.ConsumeBool,
        lambda: None,
        lambda: data.ConsumeUnicode(8),
    )
    choice = data.ConsumeIntInRange(0, len(leaves) + (2 if depth else -1))
    if choice < len(leaves):
        return leaves[choice]()
    count = data.ConsumeIntInRange(0, 4)
    if choice == len(leaves):
        return [value(data, depth - 1) for _ in range(count)]
    return {data.PickValueInList(list(KEYS)): value(data, depth - 1) for _ in range(count)}


def once(raw: bytes) -> None:
    """Take one input of the fuzzer."""
    data = atheris.FuzzedDataProvider(raw)
    kind = data.PickValueInList(list(TYPES))
    payload = {data.PickValueInList(list(KEYS)): value(data, 5) for _ in range(data.ConsumeIntInRange(0, 5))}
    clean = clean_sentry_item(kind, payload, app_modules=["acme"])
    if clean is None:
        return
    if "qzvxwkjq" in json.dumps(clean).casefold():
        raise AssertionError(f"{payload!r} left {clean!r}")
    if violation(kind, clean) is not None:
        raise AssertionError(f"{clean!r} is not in the payload schema")


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-max_len=2000"], once)
    atheris.Fuzz()
