"""Cleans items of Sentry's own SDK: each field is read by its name and rebuilt; all others are ignored.

An item holds only names of code, so a code index decides which of them are known.
"""

from __future__ import annotations

import time

from .._internal.ids import event_id
from .._internal.raw_records import MAX_EXCEPTIONS, MAX_FRAMES, MAX_MESSAGE
from .._internal.shapes import is_hex
from .breadcrumbs import clean_breadcrumbs, clean_trace
from .client_reports import client_report_record, session_record
from .error_record import MAX_THREADS, clean_entry, clean_frame, error_record, folded, redacted_frame
from .foreign_values import dicts, seconds, text, whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .._internal.raw_records import Item
    from .code.modules import KnownModules
    from .code.remote_modules import RemoteModules
    from .error_record import Tags

    CodeIndex = KnownModules | RemoteModules

TYPES = frozenset(("event", "session", "client_report"))  # items of any other type are never sent


def clean_item(
    item: Item, code: CodeIndex, tags: Tags, changes: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """Return the record of an item, or None: nothing of it may be sent.

    `changes`: fields of an error that replace the item's own.
    """
    if type(item.payload) is not dict or type(item.type) is not str or item.type not in TYPES:
        return None
    if item.type == "session":
        return session_record(item.payload)
    if item.type == "client_report":
        return client_report_record(item.payload)
    return error_record({**_error(item.payload, code), **(changes or {})}, tags)


def throttle_key(item: Item) -> tuple[object, ...]:
    """Return what tells one error from another: its type and its last frames."""
    payload: Any = item.payload if type(item.payload) is dict else {}
    values = dicts(payload.get("exception")) or dicts(payload.get("threads"))
    last = values[-1] if values else {}
    frames = dicts(last.get("stacktrace"), "frames")
    frames = [frame for frame in frames if frame.get("module") != "logging"][-3:] or frames[-3:]
    places = tuple((text(f.get("abs_path")), text(f.get("function")), whole_number(f.get("lineno"))) for f in frames)
    return item.type, text(last.get("module")), text(last.get("type")), places


def is_handled(payload: Mapping[str, Any]) -> bool:
    """Tell whether an event's exception was caught by the application."""
    values = dicts(payload.get("exception"))
    mechanism = values[-1].get("mechanism") if values else None
    return not (type(mechanism) is dict and mechanism.get("handled") is False)


def _error(payload: dict[str, Any], code: CodeIndex) -> dict[str, Any]:
    given = payload.get("event_id")
    return {
        "id": given if is_hex(given, 32) else event_id(),
        "time": seconds(payload.get("timestamp")) or time.time(),
        "level": payload.get("level"),
        "handled": is_handled(payload),
        "exceptions": [_exception(value, code) for value in dicts(payload.get("exception"))[-MAX_EXCEPTIONS:]],
        "threads": [_thread(value, code) for value in dicts(payload.get("threads"))[:MAX_THREADS]],
        "tags": _tags(payload.get("tags")),
        "breadcrumbs": clean_breadcrumbs(payload.get("breadcrumbs")),
        "trace": clean_trace(payload.get("contexts")),
    }


def _exception(value: dict[str, Any], code: CodeIndex) -> dict[str, Any]:
    frames = _frames(value, code)
    raised_here = bool(frames) and frames[-1]["module"] is not None
    module, kind = text(value.get("module")) or "builtins", text(value.get("type"))
    mechanism: Any = value.get("mechanism")
    given: dict[str, Any] = mechanism if type(mechanism) is dict else {}
    meta = given.get("meta")
    errno = meta.get("errno") if type(meta) is dict else None
    return clean_entry(
        code.knows_class(module, kind, raised_here=raised_here),
        frames=frames,
        mechanism={**given, "errno": errno.get("number") if type(errno) is dict else None},
        template=_template(value.get("value"), frames, code),
    )


def _template(message: object, frames: list[dict[str, Any]], code: CodeIndex) -> str | None:
    """Return the template of a message by the line that raised it."""
    if type(message) is not str or len(message) > MAX_MESSAGE or not frames or frames[-1]["lineno"] is None:
        return None
    place = frames[-1]["module"], frames[-1]["function"], frames[-1]["lineno"]
    template = code.template_of_line(*place, message)
    if template is None and "\n" in message:  # the vendor's SDK writes an exception's notes below its message
        template = code.template_of_line(*place, message.partition("\n")[0])
    return template


def _thread(value: dict[str, Any], code: CodeIndex) -> dict[str, Any]:
    """Return a thread's stack without its name and without the frames of `logging` at its end."""
    frames = _frames(value, code)
    if any(frame["module"] not in {None, "logging"} for frame in frames):
        while frames[-1]["module"] == "logging":
            frames.pop()
    return {"current": value.get("current") is True, "crashed": value.get("crashed") is True, "frames": frames}


def _frames(value: dict[str, Any], code: CodeIndex) -> list[dict[str, Any]]:
    """Return the frames, oldest first; of a deep recursion its two ends."""
    frames = dicts(value.get("stacktrace") or value.get("raw_stacktrace"), "frames")
    if len(frames) > MAX_FRAMES:
        half = MAX_FRAMES // 2
        frames = frames[:half] + frames[-half:]
    return folded(_frame(frame, code) for frame in frames)


def _frame(frame: dict[str, Any], code: CodeIndex) -> dict[str, Any]:
    module, function = text(frame.get("module")), text(frame.get("function"))
    path = text(frame.get("abs_path")) or text(frame.get("filename"))
    if not (module and function and path and code.knows_frame(module, function, path)):
        return redacted_frame()
    return clean_frame(module, function, whole_number(frame.get("lineno")), in_app=code.in_app(module))


def _tags(tags: object) -> object:
    """Return tags as a dict; Sentry takes pairs, too."""
    if type(tags) is list:
        return {pair[0]: pair[1] for pair in tags if type(pair) is list and len(pair) == 2 and type(pair[0]) is str}  # noqa: PLR2004 - a pair
    return tags
