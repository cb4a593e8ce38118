"""Describes what is in the state directories, `<base>/<app>/<hash>/`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from telemetry_sdk.options import user_state_dir
from telemetry_sdk.spool.disk import directory_counts
from telemetry_sdk.storage.shared_state import SharedState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telemetry_sdk.policy import Policy


def states(policy: Policy, app: str | None) -> list[dict[str, Any]]:
    """Return a dict for each state directory: app, path, unsent records, drafts, bytes of the ledger."""
    return [_state(name, path) for name, path in state_directories(policy, app)]


def state_directories(policy: Policy, app: str | None) -> list[tuple[str, str]]:
    """Return (app, path) of each state directory found; `app` None: of all applications."""
    base = state_base(policy)
    return [
        (owner.name, place.path)
        for owner in (_entries(base) if base is not None else ())
        if app in {None, owner.name} and owner.is_dir(follow_symlinks=False)
        for place in _entries(owner.path)
        if place.is_dir(follow_symlinks=False)
    ]


def state_base(policy: Policy) -> str | None:
    """Return the directory of all applications' state, from settings files or the environment."""
    named = [s.value.strip() for s in policy.settings if s.name == "TELEMETRY_SDK_STATE_DIR"]
    value = named[0] if named else os.environ.get("TELEMETRY_SDK_STATE_DIR", "").strip()
    return os.path.abspath(value) if value else user_state_dir(os.environ)


def _state(app: str, path: str) -> dict[str, Any]:
    beside = [entry.name for entry in _entries(os.path.dirname(path))]
    counts = directory_counts(path, SharedState(path))
    return {
        "app": app,
        "path": path,
        "waiting": counts["waiting"],
        "drafts": _size([os.path.join(path, "drafts")])["files"],
        "ledger_bytes": _size([os.path.join(path, "sent")])["bytes"],
        "revoked": [name.removeprefix("revoked-") for name in beside if name.startswith("revoked-")],
    }


def _size(directories: Iterator[str] | list[str]) -> dict[str, int]:
    sizes = [_bytes(entry) for path in directories for entry in _entries(path)]
    return {"files": len(sizes), "bytes": sum(sizes)}


def _bytes(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0  # deleted since it was listed


def _entries(path: str) -> list[os.DirEntry[str]]:
    """Return a directory's entries by name; none if it cannot be read."""
    try:
        with os.scandir(path) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []
