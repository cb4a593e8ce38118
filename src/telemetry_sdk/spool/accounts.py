"""The accounts of a state directory: what its segments' names say, folded into the shared state.

Folding adds the fates of ended segments and their names to the state in one rename, then deletes the files. A name
that is folded already counts nothing, so a kill in between changes no account.
"""

from __future__ import annotations

import os

from .._internal.services import RECORDED
from ..storage import files
from ..storage.shared_state import add_counts, numbers
from . import record_format, segment_name
from .adoption import adopt
from .merging import finish, replaced
from .segment_name import DAMAGED, DELIVERED, ENDED, OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..losses import LossReason
    from ..storage.shared_state import SharedState
    from .segment_name import SegmentName

READS = 10  # attempts to see state and names unchanged


def fold(directory: str, state: SharedState) -> bool:
    """Fold the ended segments; False if the state could not be written: then they are emptied and stay."""
    ended = _ended(directory)
    if all(name.state == DAMAGED for name in ended) and {name.identity for name in ended} <= _folded(state.read()):
        return True

    def edit(table: dict[str, Any]) -> None:
        nonlocal ended
        ended = _ended(directory)  # under the state's lock: another process may have folded some since
        known = _folded(table)
        for name in ended:
            if name.identity not in known:
                _add(table, name)
        table["folded"] = [name.identity for name in ended]

    written = state.change(edit)
    for name in ended:
        if name.state == ENDED:
            path = os.path.join(directory, name.text)
            if not (files.remove(path) if written else _emptied(path)):
                continue  # a read-only directory: folded already, or to be folded later
    return written


def counts(directory: str, state: SharedState) -> dict[str, dict[str, int]]:
    """Return `waiting` and `delivered` by service and `dropped` by reason, as of one moment."""
    names = segment_name.listed(directory)
    before = state.read()
    for _ in range(READS):
        seen, names = names, segment_name.listed(directory)
        read, before = before, state.read()
        if read == before and list(map(str, seen)) == list(map(str, names)):
            break
    total: dict[str, Any] = {
        "delivered": {},
        "dropped": {},
        "waiting": dict.fromkeys(RECORDED, 0),
    }
    for table in ("delivered", "dropped"):
        add_counts(total, table, numbers(before.get(table)))
    known, gone = _folded(before), replaced(directory, names)
    for name in names:
        if name.identity in gone:
            continue
        total["waiting"][name.service] += _open_count(directory, name) if name.state == OPEN else name.waiting
        if name.identity not in known:
            _add(total, name)
    return total


def discard(directory: str, state: SharedState, service: str, reason: LossReason) -> int:
    """End all segments of a service, open ones too, and fold them; return how many records were dropped.

    Never raises: what is left in a directory that cannot be read or written is kept from being sent by the revocation.
    """
    dropped = 0
    if not files.is_own_directory(directory):
        return 0

    def end(_: object = None) -> None:
        nonlocal dropped
        finish(directory, service)
        for name in segment_name.listed(directory):
            if name.service == service and name.state == OPEN:
                adopt(directory, name, force=True)
        for name in segment_name.listed(directory):
            if name.service == service and name.state not in {OPEN, ENDED}:
                dropped += _end(directory, name, reason)

    try:
        if not state.change(end):  # under the state's lock, where it can be had: no merge comes in between
            end()
        fold(directory, state)
    except OSError:  # too many open files, a read-only directory
        return dropped
    return dropped


def _end(directory: str, name: SegmentName, reason: LossReason) -> int:
    """End a segment and empty it; return how many records were dropped."""
    ended = name.ended(reason)
    try:
        segment_name.rename(directory, name, ended)
        os.truncate(os.path.join(directory, ended.text), 0)
    except OSError:
        return 0  # ended by a sender meanwhile
    return name.waiting


def directory_counts(path: str, state: SharedState) -> dict[str, dict[str, int]]:
    """Return the accounts of a state directory, without a spool of one's own."""
    return counts(os.path.join(path, "spool"), state)


def _ended(directory: str) -> list[SegmentName]:
    return [name for name in segment_name.listed(directory) if name.state in {ENDED, DAMAGED}]


def _folded(table: dict[str, Any]) -> set[str]:
    known = table.get("folded")
    return set(known) if type(known) is list else set()


def _add(table: dict[str, Any], name: SegmentName) -> None:
    """Add a segment's fates to the tables of a state."""
    fates = dict(name.fates)
    delivered = fates.pop(DELIVERED, 0)
    if delivered:
        add_counts(table, "delivered", {name.service: delivered})
    if fates:
        add_counts(table, "dropped", fates)


def _open_count(directory: str, name: SegmentName) -> int:
    try:
        return record_format.count(files.read(os.path.join(directory, name.text)))
    except (OSError, ValueError):  # closed meanwhile, or still without its header
        return 0


def _emptied(path: str) -> bool:
    try:
        os.truncate(path, 0)
    except OSError:
        return False
    return True


def fates_of(fates: Iterable[str]) -> dict[str, int]:
    """Return how often each fate stands in a list."""
    table: dict[str, int] = {}
    for fate in fates:
        table[fate] = table.get(fate, 0) + 1
    return table
