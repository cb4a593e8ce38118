"""From a snapshot to a record: names are asked of the code itself. The record still has to pass the gate."""

from __future__ import annotations

from .shapes import REDACTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .modules import KnownModules
    from .snapshot import Link, RawFrame, Snapshot


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
        "mechanism": how,
        "frames": [_frame(frame, modules) for frame in link.frames],
    }


def _frame(frame: RawFrame, modules: KnownModules) -> dict[str, Any]:
    code, line, name = frame
    if name is None or not modules.knows(code, name):
        return {"function": REDACTED}
    return {"function": code.co_qualname, "module": name, "lineno": line, "in_app": modules.in_app(name)}
