"""Deletes what an application keeps on this machine, in one state directory or in all of them."""

from __future__ import annotations

import os

from .. import ledger
from .._internal.services import METRICS, RECORDED
from ..losses import OPTED_OUT, PURGED
from ..spool.disk import discard
from ..storage import files
from ..storage.directories import state_directories
from ..storage.revocations import Revocations
from ..storage.shared_state import SharedState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from ..losses import LossReason

BUG_REPORT_DIRECTORIES = ("drafts", "receipts", "bundles")
SPECS_PREFIX = "statsig-specs-"  # begins the name of the file that keeps them


def discard_services(base: str | None, app: str, services: Collection[str]) -> None:
    """Delete what an application left of services that the user has turned off, for whatever endpoints."""
    for path in state_directories(base, app):
        for service in services:
            _discard(path, service, OPTED_OUT)
            if service == METRICS:
                files.remove(os.path.join(path, "installation-id"))
        _remove_if_empty(path)


def purge_ledgers(base: str | None, app: str) -> None:
    """Delete an application's ledgers."""
    for path in state_directories(base, app):
        ledger.purge(path)


def purge(path: str, services: Collection[str]) -> tuple[bool, dict[str, int]]:
    """Delete all that was recorded in a state directory; running processes stop recording.

    Return whether all of them are reached, and the number of files deleted by kind (of the spool: records). The
    revocations stay, so that they reach running processes, and `state.json`: counts, and when servers may be asked.
    """
    revocations = Revocations(os.path.dirname(path), services)
    reached = [revocations.revoke(service) for service in services]
    deleted = {
        "spool": sum(_discard(path, service, PURGED) for service in RECORDED),
        "ledger": ledger.purge(path),
        "installation id": int(files.remove(os.path.join(path, "installation-id"))),
        "specs": sum(
            files.remove(os.path.join(path, name)) for name in files.names(path) if name.startswith(SPECS_PREFIX)
        ),
        **{name: _emptied(os.path.join(path, name)) for name in BUG_REPORT_DIRECTORIES},
    }
    return all(reached), deleted


def _discard(path: str, service: str, reason: LossReason) -> int:
    return discard(os.path.join(path, "spool"), SharedState(path), service, reason)


def _remove_if_empty(path: str) -> None:
    try:
        os.rmdir(os.path.join(path, "spool"))
    except OSError:
        return  # records wait in it, or there is none


def _emptied(directory: str) -> int:
    """Delete a directory's files and return how many; a link is not followed."""
    if os.path.islink(directory):
        return 0
    return sum(files.remove(os.path.join(directory, name)) for name in files.names(directory))
