"""The clean record of an error: exceptions, frames, mechanisms, tags.

Holds types, functions, modules and lines of known modules, the chain, error numbers, message templates, details,
and registered tags. It holds no path, no source, no value of a variable.
"""

from __future__ import annotations

from .._internal.raw_records import MAX_EXCEPTIONS
from .._internal.shapes import REDACTED, is_count, is_hex, is_identifier, is_module, is_qualified, is_time
from .exception_details import described

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    Tags = Mapping[str, frozenset[str]]  # registered keys with their values

LEVELS = ("fatal", "error", "warning", "info", "debug")  # Sentry's
MECHANISMS = ("generic", "chained", "excepthook", "threading", "unraisablehook", "asyncio", "logging")
MAX_LINE = 10_000_000
MAX_THREADS = 16
MAX_SOURCE = 16  # characters: "exceptions[31]"
_OPTIONAL = ("threads", "breadcrumbs", "trace")


def clean_level(level: object, default: str = "error") -> str:
    """Return a level of Sentry's, or the default."""
    return level if type(level) is str and level in LEVELS else default


def error_record(error: Mapping[str, Any], registered: Tags) -> dict[str, Any] | None:
    """Return the record of an error whose exceptions and threads are clean; None if it has neither, id or time."""
    if not is_hex(error.get("id"), 32) or not is_time(error.get("time")):
        return None
    if not error["exceptions"] and not error.get("threads"):
        return None
    repeats = error.get("repeats")
    return {
        "id": error["id"],
        "time": error["time"],
        "level": clean_level(error.get("level")),
        "handled": error.get("handled") is not False,
        "exceptions": error["exceptions"],
        "tags": _clean_tags(error.get("tags"), registered),
        "repeats": repeats if is_count(repeats) else 0,
        **{key: error[key] for key in _OPTIONAL if error.get(key)},
    }


def clean_entry(
    known: tuple[str, str] | None,
    *,
    frames: list[dict[str, Any]],
    mechanism: Mapping[str, Any],
    template: str | None,
    details: object = None,
) -> dict[str, Any]:
    """Return one exception. `known`: module and qualified name of a known class, None for any other.

    The value is the message template, else the details, else the error number's name; only the latter is kept of an
    unknown class.
    """
    is_known = known is not None and is_module(known[0]) and is_qualified(known[1])
    module, name = known if known is not None and is_known else (None, REDACTED)
    clean = _clean_mechanism(mechanism)
    value = (template or described(details)) if is_known else None
    return {
        "type": name,
        "module": module,
        "value": value or clean.get("errno", {}).get("name"),
        "mechanism": clean,
        "frames": frames,
    }


def clean_frame(module: str, function: str, line: object, *, in_app: bool) -> dict[str, Any]:
    """Return a frame of a known module, redacted if a name does not have the shape of one."""
    if not (is_module(module) and is_qualified(function)):
        return redacted_frame()
    kept = line if is_count(line) and 0 < line <= MAX_LINE else None
    return {"function": function, "module": module, "lineno": kept, "in_app": in_app}


def redacted_frame() -> dict[str, Any]:
    """Return the frame that stands for one of unknown code."""
    return {"function": REDACTED, "module": None, "lineno": None, "in_app": False}


def folded(frames: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the frames with consecutive redacted ones as one."""
    kept: list[dict[str, Any]] = []
    for frame in frames:
        if frame["module"] is not None or not kept or kept[-1]["module"] is not None:
            kept.append(frame)
    return kept


def _clean_tags(tags: object, registered: Tags) -> dict[str, str]:
    if type(tags) is not dict:
        return {}
    return {
        key: value
        for key, values in registered.items()
        for given in [tags.get(key)]
        if type(given) is str
        for value in values
        if value == given
    }


def _clean_mechanism(given: Mapping[str, Any]) -> dict[str, Any]:
    kind = given.get("type")
    clean: dict[str, Any] = {
        "type": kind if type(kind) is str and kind in MECHANISMS else "generic",
        "handled": given.get("handled") is not False,
    }
    for key in ("exception_id", "parent_id"):
        if is_count(given.get(key)) and given[key] <= MAX_EXCEPTIONS:
            clean[key] = given[key]
    if is_source(given.get("source")):
        clean["source"] = given["source"]
    if given.get("is_exception_group") is True:
        clean["is_exception_group"] = True
    errno = _clean_errno(given.get("errno"))
    return clean if errno is None else {**clean, "errno": errno}


def _clean_errno(number: object) -> dict[str, Any] | None:
    """Return an error number of this system with its name."""
    if not is_count(number):
        return None
    from errno import errorcode

    name = errorcode.get(number)
    return {"number": number, "name": name} if is_identifier(name) else None


def is_source(value: object) -> bool:
    """Tell whether `value` names a parent's attribute: `__cause__`, `__context__`, or a group's `exceptions[3]`."""
    if type(value) is not str or len(value) > MAX_SOURCE:
        return False
    return value in {"__cause__", "__context__"} or (
        value.startswith("exceptions[") and value.endswith("]") and value[11:-1].isdecimal() and value.isascii()
    )
