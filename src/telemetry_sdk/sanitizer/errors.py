"""The gate for errors: a record is rebuilt, never edited.

A record is neutral and clean: only types, functions, modules and lines of known modules, how the exceptions
hang together, an errno and other facts; of a message the template that raised it, if the application's own file
vouches for it; of a bound Sentry SDK trace ids, and that a breadcrumb of some kind was left. It holds no path, no
source, no value of a variable.
"""

from __future__ import annotations

from .._internal.shapes import REDACTED, is_count, is_hex, is_identifier, is_module, is_qualified, is_time
from .breadcrumbs import LEVELS, clean_breadcrumbs, clean_trace
from .client_reports import REPORTS
from .structure import clean_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Protocol

    class Witness(Protocol):
        """What is still known of the application where only a record is left."""

        def admits(self, name: str) -> bool:
            """Tell whether a module's name can be one of a known module."""
            ...

        def vouches(self, name: str, function: str, line: int, told: str) -> bool:
            """Tell whether a template is one that this line of the application's own code raises."""
            ...


MECHANISMS = ("generic", "chained", "excepthook", "threading", "unraisablehook", "asyncio", "logging")
MAX_LINE = 10_000_000
MAX_EXCEPTIONS = 32
MAX_FRAMES = 100
MAX_THREADS = 16


class ErrorGate:
    """Rebuilds error records from the allow-list: `tags` maps each registered key to its values.

    `witness` judges a module's name and a template where only the record is left (read from disk). None: names are
    judged by shape alone, and there are no templates.
    """

    def __init__(self, tags: Mapping[str, frozenset[str]], witness: Witness | None = None) -> None:
        self._tags = tags
        self._witness = witness

    def clean(self, record: object) -> dict[str, Any] | None:
        """Return the record built anew, or None if it is none. Idempotent."""
        if type(record) is not dict:
            return None
        kind = record.get("kind")
        if type(kind) is str and kind in REPORTS:
            return REPORTS[kind](record)
        if not is_hex(record.get("id"), 32) or not is_time(record.get("time")):
            return None
        values = [self._exception(value) for value in _dicts(record.get("exceptions"))[-MAX_EXCEPTIONS:]]
        threads = [self._thread(value) for value in _dicts(record.get("threads"))[:MAX_THREADS]]
        if not values and not threads:
            return None  # says nothing: what was said was text
        repeats = record.get("repeats")
        level = record.get("level")
        accompanying = {
            "threads": threads,
            "breadcrumbs": clean_breadcrumbs(record.get("breadcrumbs")),
            "trace": clean_trace(record.get("trace")),
        }
        return {
            "id": record["id"],
            "time": record["time"],
            "level": level if type(level) is str and level in LEVELS else "error",
            "handled": record.get("handled") is not False,
            "exceptions": values,
            "tags": self._clean_tags(record.get("tags")),
            "repeats": repeats if is_count(repeats) else 0,
            "fingerprint": None,  # the encoder makes one where there is no stack trace
            **{key: value for key, value in accompanying.items() if value},
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
        frames = self._frames(value.get("frames"))
        facts = clean_facts(value.get("facts")) if known else None
        return {
            "type": kind if known else REDACTED,
            "module": module if known else None,
            "value": self._vouched(value.get("value"), frames) if known else None,
            "mechanism": _mechanism(value.get("mechanism")),
            "frames": frames,
            **({"facts": facts} if facts else {}),
        }

    def _vouched(self, told: object, frames: list[dict[str, Any]]) -> str | None:
        """Keep a template that the last frame's line raises."""
        where = frames[-1] if frames else None
        if type(told) is not str or self._witness is None or where is None or not where["in_app"]:
            return None
        line = where["lineno"]
        vouched = line is not None and self._witness.vouches(where["module"], where["function"], line, told)
        return told if vouched else None

    def _thread(self, value: dict[str, Any]) -> dict[str, Any]:
        """Rebuild a thread's stack; no thread's name leaves."""
        return {
            "current": value.get("current") is True,
            "crashed": value.get("crashed") is True,
            "frames": self._frames(value.get("frames")),
        }

    def _frames(self, frames: object) -> list[dict[str, Any]]:
        return _folded([self._clean_frame(frame) for frame in frames[:MAX_FRAMES]]) if type(frames) is list else []

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
            "lineno": line if is_count(line) and line <= MAX_LINE else None,
            "in_app": frame.get("in_app") is True,
        }

    def _is_module(self, module: object) -> bool:
        return type(module) is str and is_module(module) and (self._witness is None or self._witness.admits(module))


def _dicts(values: object) -> list[dict[str, Any]]:
    return [value for value in values if type(value) is dict] if type(values) is list else []


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
        if is_count(given.get(key)) and given[key] <= MAX_EXCEPTIONS:
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
    if not is_count(number):
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
