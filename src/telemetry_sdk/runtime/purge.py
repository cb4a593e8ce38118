"""Deleting all that was recorded in a state directory: what waits, the ledger, the id, specs, what bug reports left.

First every running process is told to stop. The revocations stay, so that they hear of it, and so do locks and
`state.json`: counts, and the servers' word on when to ask again.
"""

from __future__ import annotations

import os

from .. import ledger
from ..spool.reader import Store
from ..storage import files
from ..storage.revocations import Revocations
from .recorder import SPECS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..losses import LossReason

OF_BUG_REPORTS = ("drafts", "receipts", "bundles")
_HEX = frozenset("0123456789abcdef")
_LENGTH = 16  # of the hash of endpoints


def is_state_directory(path: str) -> bool:
    """Tell whether a directory bears the name of one of ours: the hash of endpoints."""
    name = os.path.basename(path)
    return len(name) == _LENGTH and _HEX.issuperset(name) and not os.path.islink(path)


def purge(path: str, services: Collection[str]) -> tuple[bool, dict[str, int]]:
    """Revoke the services and delete everything; return whether all could be revoked, and files deleted by kind."""
    revocations = Revocations(path, services)
    told = [revocations.revoke(service) for service in services]
    deleted = {
        "spool": sum(map(_emptied, _spools(path))),
        "ledger": ledger.purge(path),
        "installation id": int(files.remove(os.path.join(path, "installation-id"))),
        "specs": sum(files.remove(os.path.join(path, name)) for name in files.names(path) if name.startswith(SPECS)),
        **{name: _emptied(os.path.join(path, name)) for name in OF_BUG_REPORTS},
    }
    store = Store(path, lost=_uncounted)
    store.adopt()
    store.sweep()
    return all(told), deleted


def _spools(path: str) -> Iterator[str]:
    for run in files.names(path):
        if run.endswith(".run") and not os.path.islink(os.path.join(path, run)):
            for kind in ("metrics", "errors"):
                yield os.path.join(path, run, kind)


def _emptied(directory: str) -> int:
    """Delete a directory's files, and return how many; a link is not followed."""
    if os.path.islink(directory):
        return 0
    return sum(files.remove(os.path.join(directory, name)) for name in files.names(directory))


def _uncounted(_reason: LossReason, _count: int) -> None:
    """Count nothing: what the user deletes is not lost."""
