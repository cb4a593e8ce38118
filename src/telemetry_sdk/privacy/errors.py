"""The gate for errors: a snapshot becomes a record, and a record is rebuilt, never edited.

A record is neutral and clean: only types, functions, modules and lines of known modules, how the exceptions
hang together, an errno. It holds no message, no path, no source, no value of a variable.
"""

from __future__ import annotations

from .shapes import REDACTED, is_hex, is_identifier, is_module, is_qualified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeGuard

    from .modules import KnownModules
    from .snapshot import Link, RawFrame, Snapshot

LEVELS = ("fatal", "error", "warning", "info", "debug")  # Sentry's levels
MECHANISMS = ("generic", "chained", "excepthook", "threading", "unraisablehook", "asyncio", "logging")
MAX_LINE = 10_000_000
MAX_EXCEPTIONS = 32
MAX_FRAMES = 100
MAX_TIME = 4_102_444_800.0  # the year 2100, in seconds: a later clock is broken


def from_snapshot(snapshot: Snapshot, modules: KnownModules, mechanism: str = "generic") -> dict[str, Any]:
    """Return the record of a snapshot; it still has to pass `clean`."""
    values = [_value(link, index, snapshot, modules, mechanism) for index, link in enumerate(snapshot.links)]
    return {
        "id": snapshot.id,
        "time": snapshot.time,
        "level": snapshot.level,
        "handled": snapshot.handled,
        "exceptions": values[::-1],  # Sentry shows the last one as the event's title
        "tags": snapshot.tags,
    }


def _value(link: Link, index: int, snapshot: Snapshot, modules: KnownModules, mechanism: str) -> dict[str, Any]:
    known = modules.knows_type(link.type)
    how: dict[str, Any] = {
        "type": mechanism if index == 0 else "chained",
        "handled": snapshot.handled,
        "exception_id": index,
    }
    if link.parent is not None:
        how.update(parent_id=link.parent, source=link.source)
    if link.group:
        how["is_exception_group"] = True
    if link.errno is not None:
        how["errno"] = {"number": link.errno}
    return {
        "type": known[1] if known else REDACTED,
        "module": known[0] if known else None,
        "mechanism": how,
        "frames": [_frame(frame, modules) for frame in link.frames],
    }


def _frame(frame: RawFrame, modules: KnownModules) -> dict[str, Any]:
    code, line, name = frame
    if name is None or not modules.knows(code, name):
        return {"function": REDACTED}
    return {"function": code.co_qualname, "module": name, "lineno": line, "in_app": modules.in_app(name)}


class ErrorGate:
    """Rebuilds error records from the allow-list: `tags` maps each registered key to its values.

    `admits` judges a module's name where only the record is left (read from disk); None: by shape alone.
    """

    def __init__(self, tags: Mapping[str, frozenset[str]], admits: Callable[[str], bool] | None = None) -> None:
        self._tags = tags
        self._admits = admits

    def clean(self, record: object) -> dict[str, Any] | None:
        """Return the record built anew, or None if it is none. Idempotent."""
        if type(record) is not dict or not is_hex(record.get("id"), 32):
            return None
        time, exceptions = record.get("time"), record.get("exceptions")
        if type(time) is not float or not 0 < time < MAX_TIME or type(exceptions) is not list or not exceptions:
            return None
        values = [self._exception(value) for value in exceptions[-MAX_EXCEPTIONS:] if type(value) is dict]
        if not values:
            return None
        repeats = record.get("repeats")
        level = record.get("level")
        return {
            "id": record["id"],
            "time": time,
            "level": level if type(level) is str and level in LEVELS else "error",
            "handled": record.get("handled") is not False,
            "exceptions": values,
            "tags": self._clean_tags(record.get("tags")),
            "repeats": repeats if _is_count(repeats) else 0,
            "fingerprint": None,  # the encoder makes one where there is no stack trace
        }

    def _clean_tags(self, tags: object) -> dict[str, str]:
        if type(tags) is not dict:
            return {}
        return {
            key: allowed[value]
            for key, values in self._tags.items()
            for allowed in [{value: value for value in values}]
            for value in [tags.get(key)]
            if type(value) is str and value in allowed
        }

    def _exception(self, value: dict[str, Any]) -> dict[str, Any]:
        module, kind = value.get("module"), value.get("type")
        known = self._is_module(module) and is_qualified(kind)
        frames = value.get("frames")
        return {
            "type": kind if known else REDACTED,
            "module": module if known else None,
            "value": None,  # no message leaves
            "mechanism": _mechanism(value.get("mechanism")),
            "frames": _folded([self._clean_frame(f) for f in frames[:MAX_FRAMES]]) if type(frames) is list else [],
        }

    def _clean_frame(self, frame: object) -> dict[str, Any]:
        redacted = {"function": REDACTED, "module": None, "lineno": None, "in_app": False}
        if type(frame) is not dict:
            return redacted
        module, function, line = frame.get("module"), frame.get("function"), frame.get("lineno")
        if not (self._is_module(module) and is_qualified(function)):
            return redacted
        return {
            "function": function,
            "module": module,
            "lineno": line if _is_count(line) and line <= MAX_LINE else None,
            "in_app": frame.get("in_app") is True,
        }

    def _is_module(self, module: object) -> bool:
        return type(module) is str and is_module(module) and (self._admits is None or self._admits(module))


def _folded(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fold consecutive unknown frames into one."""
    kept: list[dict[str, Any]] = []
    for frame in frames:
        if frame["module"] is None and kept and kept[-1]["module"] is None:
            continue
        kept.append(frame)
    return kept


def _mechanism(value: object) -> dict[str, Any]:
    given: dict[str, Any] = value if type(value) is dict else {}
    kind = given.get("type")
    clean: dict[str, Any] = {
        "type": kind if type(kind) is str and kind in MECHANISMS else "generic",
        "handled": given.get("handled") is not False,
    }
    for key in ("exception_id", "parent_id"):
        if _is_count(given.get(key)) and given[key] <= MAX_EXCEPTIONS:
            clean[key] = given[key]
    if _is_source(given.get("source")):
        clean["source"] = given["source"]
    if given.get("is_exception_group") is True:
        clean["is_exception_group"] = True
    errno = _clean_errno(given.get("errno"))
    if errno is not None:
        clean["errno"] = errno
    return clean


def _clean_errno(value: object) -> dict[str, Any] | None:
    """Keep an errno that this system names; the name is derived, never copied."""
    number = value.get("number") if type(value) is dict else None
    if not _is_count(number):
        return None
    from errno import errorcode

    name = errorcode.get(number)
    return None if name is None or not is_identifier(name) else {"number": number, "name": name}


def _is_source(value: object) -> bool:
    """Tell whether `value` names how an exception hangs on its parent: a dunder or a group's index."""
    if type(value) is not str or len(value) > 16:  # noqa: PLR2004 - "exceptions[31]"
        return False
    return value in {"__cause__", "__context__"} or (
        value.startswith("exceptions[") and value.endswith("]") and value[11:-1].isdecimal() and value.isascii()
    )


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < 1 << 53
