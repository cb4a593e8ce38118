"""Deletes what an application keeps on this machine: after an opt-out, by `purge`, and by age."""

from __future__ import annotations

import os
from time import time

from .. import ledger
from .._internal.services import METRICS, RECORDED
from ..losses import OPTED_OUT, PURGED
from ..policy.current import Revocations
from ..storage import files
from ..storage.files import application_directory, state_directories
from ..storage.shared_state import SharedState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from ..losses import LossReason

DRAFTS = "drafts"
PREVIEWS = "previews"  # what was shown of each draft
BUG_REPORT_DIRECTORIES = (DRAFTS, PREVIEWS, "receipts", "bundles")
SPECS_PREFIX = "statsig-specs-"  # begins the name of the file that keeps them
INSTALLATION_ID = "installation-id"
PROFILE = "profile.json"
SWEPT = "swept"  # an empty file in the application's directory: its time is that of the last daily sweep
DAY = 86_400.0  # seconds


def discard_services(base: str | None, app: str, services: Collection[str]) -> int:
    """Delete what an application left of services that the user has turned off, for whatever endpoints.

    Return the number of records deleted.
    """
    deleted = 0
    for path in state_directories(base, app):
        for service in services:
            deleted += _discard(path, service, OPTED_OUT)
            if service == METRICS:
                files.remove(os.path.join(path, INSTALLATION_ID))
        _remove_if_empty(path)
    return deleted


def purge_ledgers(base: str | None, app: str) -> None:
    """Delete an application's ledgers."""
    for path in state_directories(base, app):
        ledger.purge(path)


def purge(path: str, services: Collection[str], *, drafts: bool) -> tuple[bool, dict[str, int]]:
    """Delete all that was recorded in a state directory, `drafts` of bug reports on request; recording stops.

    Return whether all running processes are reached, and the number of files deleted by kind (of the spool: records).
    The revocations stay, so that they reach running processes, and `state.json`: counts, and when servers may be asked.
    """
    revocations = Revocations(os.path.dirname(path), services)
    reached = [revocations.revoke(service) for service in services]
    directories = [name for name in BUG_REPORT_DIRECTORIES if drafts or name not in {DRAFTS, PREVIEWS}]
    deleted = {
        "spool": sum(_discard(path, service, PURGED) for service in RECORDED),
        "ledger": ledger.purge(path),
        "installation id": int(files.remove(os.path.join(path, INSTALLATION_ID))),
        "specs": sum(
            files.remove(os.path.join(path, name)) for name in files.names(path) if name.startswith(SPECS_PREFIX)
        ),
        **{name: sum(map(files.remove, _files(path, name))) for name in directories},
    }
    return all(reached), deleted


def draft_count(path: str) -> int:
    """Return how many files the drafts of a state directory have."""
    return len(_files(path, DRAFTS))


def remove_profile(base: str, app: str) -> bool:
    """Delete an application's stored profile, and the time of its last sweep, where no state directory needs them."""
    kept = ("spool", "sent", *BUG_REPORT_DIRECTORIES)
    if any(_files(path, name) for path in state_directories(base, app) for name in kept):
        return False
    directory = application_directory(base, app)
    if directory is None:
        return False
    files.remove(os.path.join(directory, SWEPT))
    return files.remove(os.path.join(directory, PROFILE))


def sweep_state(base: str | None, app: str, days: int | None) -> int:
    """Delete an application's drafts, receipts and bundles older than `days` days, and its old ledgers.

    Return the number of bug-report files deleted. `days` None (undetermined): nothing is deleted.
    """
    if days is None:
        return 0
    deleted = 0
    for path in state_directories(base, app):
        ledger.Ledger(path, "", days=min(days, ledger.DAYS)).sweep()
        files.sweep_spares(path, time() - DAY)
        for name in BUG_REPORT_DIRECTORIES:
            if _files(path, name):
                from ..bug_report import sweep

                deleted += sweep(os.path.join(path, name), days)
    return deleted


def sweep_application(base: str | None, app: str, days: int | None) -> int:
    """Do what `sweep_state` does, once a day: for the exit of an application that has everything off.

    Never raises; where the time cannot be stored, nothing is deleted.
    """
    directory = application_directory(base, app)
    if days is None or directory is None:
        return 0
    try:
        if not _is_due(os.path.join(directory, SWEPT)):
            return 0
    except OSError:
        return 0
    return sweep_state(base, app, days)


def _is_due(marker: str) -> bool:
    """Tell whether the marker is a day old, missing or from the future; set it to now. Raises `OSError`."""
    now = time()
    try:
        if 0 <= now - os.lstat(marker).st_mtime < DAY:
            return False
    except FileNotFoundError:
        os.close(files.create(marker))
        return True
    os.utime(marker, (now, now), follow_symlinks=os.utime not in os.supports_follow_symlinks)
    return True


def _discard(path: str, service: str, reason: LossReason) -> int:
    from ..spool.accounts import discard  # loads json, for which a client that is off has no use

    return discard(os.path.join(path, "spool"), SharedState(path), service, reason)


def _remove_if_empty(path: str) -> None:
    try:
        os.rmdir(os.path.join(path, "spool"))
    except OSError:
        return  # records wait in it, or there is none


def _files(path: str, name: str) -> list[str]:
    """Return the paths of the files of a directory in a state directory; none if it is a link or another user's."""
    directory = os.path.join(path, name)
    return (
        [os.path.join(directory, file) for file in files.names(directory)] if files.is_own_directory(directory) else []
    )
