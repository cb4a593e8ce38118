"""Checks the parts of Sentry's event schema that its server checks."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, cast

from .errors import Refusal
from .validation import (
    check_optional,
    require_choice,
    require_list,
    require_object,
    require_objects,
    require_string,
    require_unsigned,
)

_EVENT_ID = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[^\r\n\t/\\]*")
_LEVELS = frozenset(("fatal", "error", "warning", "info", "debug"))
_PLATFORMS = frozenset(
    [
        *("as3", "c", "cfml", "cocoa", "csharp", "elixir", "go", "groovy", "haskell", "java", "javascript"),
        *("native", "node", "objc", "other", "perl", "php", "python", "ruby"),
    ]
)
_STRINGS = ("logger", "server_name", "transaction")
_OBJECTS = ("contexts", "debug_meta", "extra", "modules", "request", "sdk", "user")
_NAMES = {"release": 250, "environment": 64, "dist": 64}  # Sentry's limits, in characters
_TAG = 200  # Sentry's limit of a tag's key and of its value, in characters
_FRAME_STRINGS = ("function", "module", "filename", "abs_path", "context_line", "package")


def check_event(event: dict[str, Any]) -> None:
    """Check an error event. Raises Refusal 400 that names the field."""
    check_event_id(event.get("event_id"))
    check_timestamp(event.get("timestamp"), "timestamp")
    require_choice(event.get("platform", "other"), _PLATFORMS, "platform")
    require_choice(event.get("level", "error"), _LEVELS, "level")
    for field in _STRINGS:
        check_optional(event, field, str)
    for field in _OBJECTS:
        check_optional(event, field, dict)
    for field, longest in _NAMES.items():
        _check_name(event.get(field), longest, field)
    _check_tags(event.get("tags"))
    _check_strings(event.get("fingerprint"), "fingerprint")
    _check_lists(event)


def check_event_id(value: Any) -> str:
    """Check an event's id: 32 hexadecimal digits in lower case, no dashes."""
    if not isinstance(value, str) or not _EVENT_ID.fullmatch(value):
        raise Refusal(400, "event_id must be 32 hexadecimal digits")
    return value


def check_timestamp(value: Any, name: str) -> None:
    """Check a time: RFC 3339, or seconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return
    try:
        datetime.fromisoformat(require_string(value, name))
    except ValueError:
        raise Refusal(400, f"{name} must be RFC 3339 or seconds since 1970") from None


def check_client_report(report: dict[str, Any]) -> None:
    """Check a client report. Raises Refusal 400."""
    for loss in require_objects(report.get("discarded_events", []), "discarded_events"):
        require_unsigned(loss.get("quantity"), "discarded_events.quantity")
        for field in ("reason", "category"):
            require_string(loss.get(field), f"discarded_events.{field}")


def _check_lists(event: dict[str, Any]) -> None:
    for exception in _values(event, "exception"):
        _check_exception(exception)
    for thread in _values(event, "threads"):
        _check_stacktrace(thread.get("stacktrace"), "threads.values.stacktrace")
    for breadcrumb in _values(event, "breadcrumbs"):
        check_optional(breadcrumb, "category", str, "breadcrumbs.values.")
        require_choice(breadcrumb.get("level", "info"), _LEVELS, "breadcrumbs.values.level")


def _check_exception(exception: dict[str, Any]) -> None:
    at = "exception.values."
    if exception.get("type") is None and exception.get("value") is None:
        raise Refusal(400, f"{at}type or {at}value is required")
    for field in ("type", "value", "module"):
        check_optional(exception, field, str, at)
    mechanism = require_object(exception.get("mechanism") or {}, f"{at}mechanism")
    check_optional(mechanism, "type", str, f"{at}mechanism.")
    check_optional(mechanism, "handled", bool, f"{at}mechanism.")
    _check_stacktrace(exception.get("stacktrace"), f"{at}stacktrace")


def _check_stacktrace(stacktrace: Any, at: str) -> None:
    if stacktrace is None:
        return
    frames = require_objects(require_object(stacktrace, at).get("frames"), f"{at}.frames")
    if not frames:
        raise Refusal(400, f"{at}.frames must not be empty")
    for frame in frames:
        _check_frame(frame, f"{at}.frames.")


def _check_frame(frame: dict[str, Any], at: str) -> None:
    for field in _FRAME_STRINGS:
        check_optional(frame, field, str, at)
    for field in ("lineno", "colno"):
        if frame.get(field) is not None:
            require_unsigned(frame[field], f"{at}{field}")
    check_optional(frame, "in_app", bool, at)
    check_optional(frame, "vars", dict, at)
    for field in ("pre_context", "post_context"):
        _check_strings(frame.get(field), f"{at}{field}")
    if not any(frame.get(field) for field in ("function", "module", "filename", "abs_path", "instruction_addr")):
        raise Refusal(400, f"{at}function, module or filename is required")


def _check_tags(tags: Any) -> None:
    if tags is None:
        return
    pairs = require_object(tags, "tags").items() if isinstance(tags, dict) else map(_pair, require_list(tags, "tags"))
    for key, value in pairs:
        if not require_string(key, "a tag's key", _TAG):
            raise Refusal(400, "a tag's key is empty")
        if isinstance(value, dict | list) or len(text := str(cast("object", value))) > _TAG or "\n" in text:
            raise Refusal(400, f"a tag's value must be one line of at most {_TAG} characters")


def _pair(value: Any) -> tuple[Any, Any]:
    match value:
        case [key, of_key]:
            return key, of_key
        case _:
            raise Refusal(400, "tags must be an object, or a list of pairs")


def _check_name(value: Any, longest: int, name: str) -> None:
    if value is not None and not _NAME.fullmatch(require_string(value, name, longest)):
        raise Refusal(400, f"{name} must be one line without slashes")


def _check_strings(value: Any, name: str) -> None:
    for part in [] if value is None else require_list(value, name):
        require_string(part, name)


def _values(event: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """Return the objects of a list, or of `{"values": [...]}`."""
    value = event.get(field)
    if value is None:
        return []
    if isinstance(value, dict):
        value = require_object(value, field).get("values")
    return require_objects(value, f"{field}.values")
