"""Cleans snapshots of exceptions. Names are read from code objects and types, never from what they print."""

from __future__ import annotations

from .._internal import descriptors
from .error_record import clean_entry, clean_frame, error_record, folded, redacted_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._internal.raw_records import ChainedException, RawFrame, Snapshot
    from .code.modules import KnownModules
    from .error_record import Tags

_BUILT_IN = type(BaseException.__str__)


def clean_snapshot(snapshot: Snapshot, modules: KnownModules, tags: Tags, repeats: int = 0) -> dict[str, Any] | None:
    """Return the record of a snapshot; None if there is nothing to send."""
    exceptions = [_exception(found, index, snapshot, modules) for index, found in enumerate(snapshot.exceptions)]
    error = {
        "id": snapshot.id,
        "time": snapshot.time,
        "level": snapshot.level,
        "handled": snapshot.handled,
        "exceptions": exceptions[::-1],  # Sentry shows the last one as the event's title
        "tags": snapshot.tags,
        "repeats": repeats,
    }
    return error_record(error, tags)


def _exception(found: ChainedException, index: int, snapshot: Snapshot, modules: KnownModules) -> dict[str, Any]:
    mechanism = {
        "type": snapshot.mechanism if index == 0 else "chained",
        "handled": snapshot.handled,
        "exception_id": index,
        "parent_id": found.parent,
        "source": found.source,
        "is_exception_group": found.is_group,
        "errno": found.errno,
    }
    return clean_entry(
        modules.knows_type(found.type),
        frames=folded(_frame(frame, modules) for frame in found.frames),
        mechanism=mechanism,
        template=_template(found, modules),
        details=found.details,
    )


def _template(found: ChainedException, modules: KnownModules) -> str | None:
    """Return the template of a message that the exception prints and known code raised."""
    if found.message is None or not found.frames or not _prints_its_argument(found.type):
        return None
    code, _, name = found.frames[-1]
    if name is None or not modules.knows(code, name):
        return None
    return modules.template(code, found.raised_at, name, found.message)


def _prints_its_argument(kind: type) -> bool:
    """Tell whether `str` of such an exception is the built-in one."""
    for base in descriptors.class_mro(kind):
        found = descriptors.class_dict(base).get("__str__")
        if found is not None:
            return type(found) is _BUILT_IN
    return False


def _frame(frame: RawFrame, modules: KnownModules) -> dict[str, Any]:
    code, line, name = frame
    if name is None or not modules.knows(code, name):
        return redacted_frame()
    return clean_frame(name, code.co_qualname, line, in_app=modules.in_app(name))
