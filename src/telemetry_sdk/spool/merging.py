"""Merges the segments of many short runs: in an outage every command leaves one.

The parts are marked as being sent, so that no writer evicts them. The merged segment is written beside them and
renamed, which is the one change of the accounts; an opt-out is under the same lock, of the state. Then the parts are
deleted: the merged segment names them, and after a kill whoever takes the sender's lock deletes those that are left.
"""

from __future__ import annotations

import os
from json import loads

from .._internal.clock import monotonic
from .._internal.compact_json import compact
from .._internal.ids import new_run
from ..storage import files
from . import record_format, segment_name
from .batch import BATCH_EVENTS, shared
from .segment_name import MERGED, SENDING, WAITING, SegmentName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from ..storage.shared_state import SharedState

SEGMENT_BYTES = 256 << 10  # of a merged segment
FIRST_LINE = 64 << 10  # bytes: the names of a thousand parts
SPARE = "merged"  # the name under which a merged segment is written
SPARES = (SPARE, f"{SPARE}.tmp")


class MergePart:
    """A segment to be merged. `data`: its runs, each with its header; `key`: what all parts of a segment share."""

    def __init__(self, name: SegmentName, data: bytes, key: str) -> None:
        self.name = name
        self.data = data
        self.key = f"{name.service} {key}"


def merge(directory: str, state: SharedState, until: float) -> list[SegmentName]:
    """Merge what waits and was never tried, the oldest first; return the new segments. For the sender's lock's holder.

    No segment is read after `until`, monotonic seconds.
    """
    merged: list[SegmentName | None] = []
    groups: dict[str, list[MergePart]] = {}
    for name in segment_name.listed(directory):
        if monotonic() >= until:
            break
        untouched = name.state == WAITING and not (name.tries or name.fates)
        part = _read(directory, name) if untouched and name.count < BATCH_EVENTS else None
        if part is None:
            continue
        group = groups.setdefault(part.key, [])
        if not _fits(group, part):
            merged.append(_merge(directory, state, group))
            group.clear()
        group.append(part)
    merged += [_merge(directory, state, group) for group in groups.values()]
    return [name for name in merged if name is not None]


def finish(directory: str, service: str | None = None) -> None:
    """Delete what a merge that was interrupted left (`service`: of this one). Raises `OSError` if that fails."""
    names = segment_name.listed(directory)
    gone = replaced(directory, [name for name in names if service in {None, name.service}])
    for name in names:
        if name.identity in gone:
            os.unlink(os.path.join(directory, name.text))
    for spare in SPARES:
        files.remove(os.path.join(directory, spare))


def replaced(directory: str, names: Iterable[SegmentName]) -> set[str]:
    """Return the identities of segments that are part of a merged one: they count nothing."""
    marked = {name.identity for name in names if name.state == SENDING}
    merged = [name for name in names if name.merged and name.waiting] if marked else []
    return {part for name in merged for part in parts(directory, name)} & marked


def parts(directory: str, name: SegmentName) -> list[str]:
    """Return the identities of the parts of a merged segment; none if it cannot be read."""
    try:
        first = files.read(os.path.join(directory, name.text), FIRST_LINE).partition(b"\n")[0]
        found = loads(record_format.payload_of(first) or b"{}")
    except (OSError, ValueError, RecursionError):  # taken meanwhile, or damaged
        return []
    names = found.get("merged") if type(found) is dict else None
    return [name for name in names if type(name) is str] if type(names) is list else []


def _read(directory: str, name: SegmentName) -> MergePart | None:
    """Return a segment to be merged; None if it is large, damaged, of another version or gone."""
    path = os.path.join(directory, name.text)
    try:
        found = os.lstat(path)
        data = files.read(path) if found.st_size <= SEGMENT_BYTES // 2 else b""
        runs = record_format.parse(data)
    except (OSError, ValueError, RecursionError):
        return None
    whole = sum(len(payloads) for _, payloads in runs) == name.count and all(None not in some for _, some in runs)
    keys = {repr(shared(head)) for head, _ in runs}
    if not whole or len(keys) != 1:
        return None
    body = data.partition(b"\n")[2]
    if not name.merged:
        ((head, _),) = runs
        body = record_format.line(compact({**head, "changed": found.st_mtime})) + body
    return MergePart(name, body, keys.pop())


def _fits(group: Sequence[MergePart], part: MergePart) -> bool:
    count, size = sum(one.name.count for one in group), sum(len(one.data) for one in group)
    return count + part.name.count <= BATCH_EVENTS and size + len(part.data) <= SEGMENT_BYTES


def _merge(directory: str, state: SharedState, group: Sequence[MergePart]) -> SegmentName | None:
    """Merge a group into one segment; None if it is too small, or could not be written."""
    marked = {one: path for one in group if (path := _renamed(directory, one.name, one.name.changed(SENDING)))}
    merged = _publish(directory, state, list(marked), list(marked.values())) if len(marked) > 1 else None
    for one, path in marked.items():
        if merged is not None:
            files.remove(path)
        else:
            _renamed(directory, one.name.changed(SENDING), one.name)
    return merged


def _publish(
    directory: str, state: SharedState, group: Sequence[MergePart], paths: Sequence[str]
) -> SegmentName | None:
    """Write a merged segment and give it its name, unless consent to a part was withdrawn meanwhile."""
    oldest, names = group[0].name, [one.name for one in group]
    run = f"{oldest.run.partition('-')[0]}{MERGED}{new_run().partition('-')[2]}"
    merged = SegmentName(run, 1, oldest.service, count=sum(name.count for name in names), state=WAITING)
    first = record_format.header({"merged": [name.identity for name in names]})
    spare, done = os.path.join(directory, SPARE), False

    def publish(_: dict[str, Any]) -> None:
        nonlocal done
        if all(map(os.path.exists, paths)):
            os.rename(spare, os.path.join(directory, merged.text))
            done = True

    try:
        files.replace(spare, b"".join([first, *(one.data for one in group)]), locked=True)
    except OSError:
        return None
    state.change(publish)
    if not done:
        files.remove(spare)
    return merged if done else None


def _renamed(directory: str, name: SegmentName, changed: SegmentName) -> str:
    """Rename a segment and return its new path; "" if it is gone or cannot be renamed."""
    try:
        segment_name.rename(directory, name, changed)
    except OSError:
        return ""
    return os.path.join(directory, changed.text)
