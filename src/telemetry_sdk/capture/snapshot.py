"""Takes a snapshot of an exception as plain values, on the caller's thread.

No source, no locals, no linecache, and no foreign code: attributes are read through the built-in types' own
descriptors, which a subclass cannot override. Kept alive are only code objects, types and the first argument of each
exception if it is a str; all in memory, until the sanitizer has matched the argument with its message template.
"""

from __future__ import annotations

import sys
import time

from .._internal import descriptors
from .._internal.ids import event_id
from .._internal.raw_records import MAX_EXCEPTIONS, MAX_FRAMES, MAX_MESSAGE, ChainedException, Snapshot
from .control_flow import error_behind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any

    from .._internal.raw_records import RawFrame

HALF = MAX_FRAMES // 2
CAPTURED = "__telemetry_sdk_captured__"
MAX_KINDS = 20  # error types of one validation


def take_snapshot(
    exc: BaseException,
    *,
    level: str = "error",
    handled: bool = True,
    tags: Mapping[str, object] | None = None,
    mechanism: str = "generic",
) -> Snapshot:
    """Return the snapshot of an exception, its causes and its group's members."""
    return Snapshot(
        _chain(exc),
        event_id=event_id(),
        time=time.time(),
        level=level,
        handled=handled,
        mechanism=mechanism,
        tags=tags.copy() if type(tags) is dict else None,
    )


def _chain(exc: BaseException) -> list[ChainedException]:
    """Return an exception, its causes, contexts and group members, at most `MAX_EXCEPTIONS`, each once."""
    links: list[ChainedException] = []
    seen: set[int] = set()
    waiting: list[tuple[BaseException, int | None, str | None]] = [(exc, None, None)]
    while waiting and len(links) < MAX_EXCEPTIONS:
        current, parent, source = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        index = len(links)
        links.append(_chained(current, parent, source))
        if links[index].is_group:
            members = descriptors.group_members(current)[:MAX_EXCEPTIONS]
            waiting += [(members[i], index, f"exceptions[{i}]") for i in reversed(range(len(members)))]
        cause = descriptors.cause(current)
        if cause is not None:
            waiting.append((cause, index, "__cause__"))
        elif not descriptors.suppresses_context(current):
            context = descriptors.context(current)
            if context is not None:
                waiting.append((context, index, "__context__"))
    return links


def _chained(exc: BaseException, parent: int | None, source: str | None) -> ChainedException:
    kind = type(exc)
    errno = (
        descriptors.error_number(exc) if issubclass(kind, OSError) else None
    )  # OSError's own metaclass: no foreign code
    args = descriptors.args(exc)
    message = args[0] if args else None
    frames, raised_at = _walk(descriptors.traceback(exc))
    return ChainedException(
        kind,
        frames=frames,
        raised_at=raised_at,
        parent=parent,
        source=source,
        is_group=issubclass(kind, BaseExceptionGroup),
        errno=errno if type(errno) is int else None,
        message=message if type(message) is str and len(message) <= MAX_MESSAGE else None,
        details=read_details(exc, kind),
    )


def _walk(tb: TracebackType | None) -> tuple[list[RawFrame], int]:
    """Return a traceback's frames, oldest first (of a deep recursion its two ends), and the last one's instruction."""
    entries: list[TracebackType] = []
    while tb is not None:
        entries.append(tb)
        tb = tb.tb_next
    at = entries[-1].tb_lasti if entries else -1
    if len(entries) > MAX_FRAMES:
        del entries[HALF:-HALF]
    frames: list[RawFrame] = []
    for entry in entries:
        frame = entry.tb_frame
        name = dict.get(frame.f_globals, "__name__")
        frames.append((frame.f_code, entry.tb_lineno, name if type(name) is str else None))
    return frames, at


def captured(
    error: object,
    *,
    level: str,
    handled: bool,
    tags: Mapping[str, object] | None = None,
    mechanism: str = "generic",
    again: bool = True,
) -> Snapshot | None:
    """Return the snapshot of an exception, marked as captured; None if it is none.

    An exception that is no `Exception` and no group, such as `SystemExit`, stands for the error that it was raised
    from. `again` False: None, too, if the exception was captured before.
    """
    if not issubclass(type(error), BaseException):  # isinstance would ask the object for its class
        return None
    given: Any = error
    found = given if is_error(given) else error_behind(given)
    if found is None or (mark(found) and not again):
        return None
    return take_snapshot(found, level=level, handled=handled, tags=tags, mechanism=mechanism)


def is_error(error: object) -> bool:
    """Tell whether `error` is an exception that is no interrupt: no KeyboardInterrupt, SystemExit, CancelledError."""
    kind = type(error)
    return issubclass(kind, Exception) or issubclass(kind, BaseExceptionGroup)


def mark(exc: BaseException) -> bool:
    """Mark an exception as captured; return whether it was already: a hook that meets it later lets it pass.

    The mark goes where the exception goes and keeps nothing alive, as an id or a reference would not.
    """
    space: dict[str, object] = descriptors.instance_dict(exc)
    known = CAPTURED in space
    space[CAPTURED] = True
    return known


def read_details(exc: BaseException, kind: type) -> dict[str, Any] | None:
    """Return an exception's details as plain values, or None. Not cleaned yet."""
    for base in descriptors.class_mro(kind):
        if base is Exception:
            return None
        if base is UnicodeDecodeError or base is UnicodeEncodeError:
            return {"codec": base.__dict__["encoding"].__get__(exc)}
        module = descriptors.class_dict(base).get("__module__")
        key = (module, descriptors.class_name(base))
        if type(module) is str and key in _READERS and getattr(sys.modules.get(module), key[1], None) is base:
            return _READERS[key](exc)
    return None


def _attributes(**names: str) -> Callable[[BaseException], dict[str, Any]]:
    """Return a reader of the instance's own attributes, by the detail's name."""
    return lambda exc: {detail: descriptors.instance_dict(exc).get(name) for detail, name in names.items()}


def _lookup(exc: BaseException) -> dict[str, Any]:
    return {"lookup": descriptors.error_number(exc)}


def _http(exc: BaseException) -> dict[str, Any]:
    response = descriptors.instance_dict(exc).get("response")
    httpx = sys.modules.get("httpx")
    if httpx is None or type(response) is not httpx.Response:
        return {}
    return {"status": response.__dict__.get("status_code")}


def _validation(exc: Any) -> dict[str, Any]:
    count = exc.error_count()
    if count > MAX_KINDS:
        return {"errors": count}
    found = exc.errors(include_url=False, include_context=False, include_input=False)
    return {"errors": count, "kinds": [entry.get("type") for entry in found]}


_READERS: Mapping[tuple[object, str], Callable[[Any], dict[str, Any]]] = {
    ("json.decoder", "JSONDecodeError"): _attributes(line="lineno", column="colno"),
    ("subprocess", "CalledProcessError"): _attributes(returncode="returncode"),
    ("ssl", "SSLError"): _attributes(ssl="reason"),
    ("socket", "gaierror"): _lookup,
    ("httpx", "HTTPStatusError"): _http,
    ("urllib.error", "HTTPError"): _attributes(status="code"),
    ("pydantic_core._pydantic_core", "ValidationError"): _validation,
}
