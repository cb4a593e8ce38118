"""From an item of Sentry's own SDK to a record: names are all that is left of the code, so a judge weighs them.

Read from a foreign payload field by field; what is not read here does not exist. The record still has to pass
the gate.
"""

from __future__ import annotations

import time

from .._internal.shapes import MAX_COUNT, REDACTED, is_hex
from ..capture.snapshot import MAX_EXCEPTIONS, MAX_FRAMES, MAX_MESSAGE, event_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol

    class Judge(Protocol):
        """Tells whether names belong to known code, and where the application's own is."""

        def knows_frame(self, module: str, function: str, path: str) -> bool:
            """Tell whether a function of that name in a file of that absolute path is a known module's own."""
            ...

        def knows_class(self, module: str, name: str, *, raised_here: bool = False) -> tuple[str, str] | None:
            """Return a class's module and qualified name if it is a known module's own, else None.

            `raised_here`: known code raised it.
            """
            ...

        def message_of_line(self, name: str, function: str, line: int, message: str) -> str | None:
            """Return the template of a message that this line of the application's own code raises, or None."""
            ...

        def in_app(self, name: str) -> bool:
            """Tell whether a module is the application's own."""
            ...


MAX_CRUMBS = 1_000  # looked at; the last hundred stay
MAX_THREADS = 16
MAX_DIGITS = 8  # of a line's number


class Item:
    """One item of an envelope as the vendor's SDK made it: raw, in memory only."""

    __slots__ = ("payload", "type")

    def __init__(self, kind: str, payload: Mapping[str, Any]) -> None:
        self.type = kind
        self.payload = payload

    @property
    def handled(self) -> bool:
        """Whether the event's exception was caught where it was known."""
        return _handled(_listed(self.payload.get("exception")))


def from_item(item: Item, judge: Judge) -> dict[str, Any] | None:
    """Return the record of an item, or None for a type that does not leave."""
    build = _BUILDERS.get(item.type)
    return None if build is None or type(item.payload) is not dict else build(item.payload, judge)


def place(item: Item) -> tuple[object, ...]:
    """Return what tells one error from another: its type and its last frames. For the throttle."""
    payload: Any = item.payload if type(item.payload) is dict else {}
    values = _listed(payload.get("exception")) or _listed(payload.get("threads"))
    last = values[-1] if values else {}
    frames = _listed(last.get("stacktrace"), "frames")
    frames = [frame for frame in frames if frame.get("module") != "logging"][-3:] or frames[-3:]
    told = tuple((_text(f.get("abs_path")), _text(f.get("function")), _number(f.get("lineno"))) for f in frames)
    return item.type, _text(last.get("module")), _text(last.get("type")), told


def _event(payload: dict[str, Any], judge: Judge) -> dict[str, Any]:
    given = payload.get("event_id")
    values = _listed(payload.get("exception"))[-MAX_EXCEPTIONS:]
    threads = _listed(payload.get("threads"))[:MAX_THREADS]
    contexts = payload.get("contexts")
    return {
        "id": given if is_hex(given, 32) else event_id(),
        "time": seconds(payload.get("timestamp")) or time.time(),
        "level": payload.get("level"),
        "handled": _handled(values),
        "exceptions": [_exception(value, judge) for value in values],
        "threads": [_thread(value, judge) for value in threads],
        "tags": _tags(payload.get("tags")),
        "breadcrumbs": [_breadcrumb(crumb) for crumb in _listed(payload.get("breadcrumbs"))[-MAX_CRUMBS:]],
        "trace": contexts.get("trace") if type(contexts) is dict else None,
    }


def _exception(value: dict[str, Any], judge: Judge) -> dict[str, Any]:
    frames = _frames(value, judge)
    raised_here = bool(frames) and "module" in frames[-1]
    module, kind = _text(value.get("module")) or "builtins", _text(value.get("type"))
    known = judge.knows_class(module, kind, raised_here=raised_here)
    mechanism: Any = value.get("mechanism")
    how: dict[str, Any] = {**mechanism} if type(mechanism) is dict else {}
    meta = how.get("meta")
    how["errno"] = meta.get("errno") if type(meta) is dict else None
    return {
        "type": known[1] if known else REDACTED,
        "module": known[0] if known else None,
        "value": _message(value.get("value"), frames, judge) if known else None,
        "mechanism": how,
        "frames": frames,
    }


def _message(message: object, frames: list[dict[str, Any]], judge: Judge) -> str | None:
    """Return the template of a message by the line that raised it."""
    if type(message) is not str or len(message) > MAX_MESSAGE or not frames or "module" not in frames[-1]:
        return None
    where = frames[-1]
    place = where["module"], where["function"], _number(where["lineno"])
    told = judge.message_of_line(*place, message)
    if told is None and "\n" in message:  # the vendor's SDK writes an exception's notes below its message
        told = judge.message_of_line(*place, message.partition("\n")[0])
    return told


def _thread(value: dict[str, Any], judge: Judge) -> dict[str, Any]:
    frames = _frames(value, judge)
    if any(frame.get("module", "logging") != "logging" for frame in frames):
        while frames[-1].get("module") == "logging":
            frames.pop()  # how a message was logged says nothing of where
    return {"current": value.get("current"), "crashed": value.get("crashed"), "frames": frames}


def _frames(value: dict[str, Any], judge: Judge) -> list[dict[str, Any]]:
    """Return the frames, oldest first; of a deep recursion its two ends."""
    frames = _listed(value.get("stacktrace") or value.get("raw_stacktrace"), "frames")
    if len(frames) > MAX_FRAMES:
        half = MAX_FRAMES // 2
        frames = frames[:half] + frames[-half:]
    return [_frame(frame, judge) for frame in frames]


def _frame(frame: dict[str, Any], judge: Judge) -> dict[str, Any]:
    module, function = _text(frame.get("module")), _text(frame.get("function"))
    path = _text(frame.get("abs_path")) or _text(frame.get("filename"))
    if not (module and function and path and judge.knows_frame(module, function, path)):
        return {"function": REDACTED}
    line = _number(frame.get("lineno"))
    return {"function": function, "module": module, "lineno": line or None, "in_app": judge.in_app(module)}


def _handled(values: list[dict[str, Any]]) -> bool:
    mechanism = values[-1].get("mechanism") if values else None
    return not (type(mechanism) is dict and mechanism.get("handled") is False)


def _tags(tags: object) -> dict[str, Any]:
    """Return tags as a dict; Sentry takes pairs, too."""
    if type(tags) is list:
        return {pair[0]: pair[1] for pair in tags if type(pair) is list and len(pair) == 2 and type(pair[0]) is str}  # noqa: PLR2004 - a pair
    return tags if type(tags) is dict else {}


def _breadcrumb(crumb: dict[str, Any]) -> dict[str, Any]:
    return {
        "category": crumb.get("category"),
        "level": crumb.get("level"),
        "time": seconds(crumb.get("timestamp")),
    }


def _session(payload: dict[str, Any], judge: Judge) -> dict[str, Any]:
    del judge
    duration: Any = payload.get("duration")
    return {
        "kind": "session",
        **{key: payload.get(key) for key in ("sid", "init", "status", "errors")},
        "started": seconds(payload.get("started")),
        "time": seconds(payload.get("timestamp")),
        "duration": float(duration) if type(duration) in {int, float} else None,
    }


def _client_report(payload: dict[str, Any], judge: Judge) -> dict[str, Any]:
    del judge
    return {
        "kind": "client_report",
        "time": seconds(payload.get("timestamp")),
        "discarded": payload.get("discarded_events"),
    }


_BUILDERS: Mapping[str, Callable[[dict[str, Any], Judge], dict[str, Any]]] = {
    "event": _event,
    "session": _session,
    "client_report": _client_report,
}


def seconds(value: object) -> float | None:
    """Return a time of Sentry's schema, a number or RFC 3339, as seconds since the epoch; None if it is none."""
    if type(value) in {int, float}:
        return float(value)  # type: ignore[arg-type]
    if type(value) is not str or len(value) > 40:  # noqa: PLR2004 - with nanoseconds and an offset 35
        return None
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _listed(value: object, key: str = "values") -> list[dict[str, Any]]:
    """Return the dicts of a list that stands alone or under its key, or the one that stands alone: Sentry has all."""
    found: Any = value.get(key, [value]) if type(value) is dict else value
    return [entry for entry in found if type(entry) is dict] if type(found) is list else []


def _text(value: object) -> str:
    return value if type(value) is str else ""


def _number(value: object) -> int:
    """Return a whole number, also where an old SDK wrote it as a text or with a point; 0 for what is none."""
    if type(value) is str:
        return int(value) if value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS else 0
    if type(value) is float:
        return int(value) if value.is_integer() and abs(value) < MAX_COUNT else 0
    return value if type(value) is int else 0
