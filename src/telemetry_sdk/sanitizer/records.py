"""From a snapshot to a record: names are asked of the code itself. The record still has to pass the gate."""

from __future__ import annotations

from .._internal.shapes import REDACTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..capture.snapshot import Link, RawFrame, Snapshot
    from .code.modules import KnownModules

_BUILT_IN = type(BaseException.__str__)
_mro: Any = type.__dict__["__mro__"].__get__
_space: Any = type.__dict__["__dict__"].__get__


def from_snapshot(snapshot: Snapshot, modules: KnownModules) -> dict[str, Any]:
    """Return the record of a snapshot; it still has to pass `clean`."""
    values = [_value(link, index, snapshot, modules) for index, link in enumerate(snapshot.links)]
    return {
        "id": snapshot.id,
        "time": snapshot.time,
        "level": snapshot.level,
        "handled": snapshot.handled,
        "exceptions": values[::-1],  # Sentry shows the last one as the event's title
        "tags": snapshot.tags,
    }


def _value(link: Link, index: int, snapshot: Snapshot, modules: KnownModules) -> dict[str, Any]:
    known = modules.knows_type(link.type)
    how: dict[str, Any] = {
        "type": snapshot.mechanism if index == 0 else "chained",
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
        "value": _message(link, modules) if known else None,
        "facts": link.facts if known else None,
        "mechanism": how,
        "frames": [_frame(frame, modules) for frame in link.frames],
    }


def _message(link: Link, modules: KnownModules) -> str | None:
    """Return the template of the message, if the exception prints its first argument and known code raised it."""
    if link.message is None or not link.frames or not _prints_its_argument(link.type):
        return None
    code, _, name = link.frames[-1]
    if name is None or not modules.knows(code, name):
        return None
    return modules.message(code, link.at, name, link.message)


def _prints_its_argument(kind: type) -> bool:
    """Tell whether `str` of such an exception is the built-in one."""
    for base in _mro(kind):
        found = _space(base).get("__str__")
        if found is not None:
            return type(found) is _BUILT_IN
    return False


def _frame(frame: RawFrame, modules: KnownModules) -> dict[str, Any]:
    code, line, name = frame
    if name is None or not modules.knows(code, name):
        return {"function": REDACTED}
    return {"function": code.co_qualname, "module": name, "lineno": line, "in_app": modules.in_app(name)}
