"""Describes the state directories, `<base>/<app>/<hash>/`; reads no link and no other user's directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from telemetry_sdk.integrations.outside import stored_bindings
from telemetry_sdk.options import is_app, user_state_dir
from telemetry_sdk.policy.stored_profile import profile_path
from telemetry_sdk.sender.detached_status import problem
from telemetry_sdk.spool.accounts import directory_counts
from telemetry_sdk.storage import files
from telemetry_sdk.storage.shared_state import SharedState

if TYPE_CHECKING:
    from telemetry_sdk.policy import Policy


def states(policy: Policy, app: str | None) -> list[dict[str, Any]]:
    """Return a dict for each state directory: its application, path, unsent records, drafts, sizes, counts.

    `current`: of an application's directories the one that was used last. `bindings`: of the vendors' packages, as of
    the last run that recorded.
    """
    found = [_state(name, path) for name, path in state_directories(policy, app)]
    for name in {state["app"] for state in found}:
        own = [state for state in found if state["app"] == name]
        max(own, key=lambda state: _changed(state["path"]))["current"] = True
    return found


def state_directories(policy: Policy, app: str | None) -> list[tuple[str, str]]:
    """Return (app, path) of each state directory found; `app` None: of all applications."""
    base = state_base(policy)
    names = files.names(base) if base is not None else []
    return [(name, path) for name in names if app in {None, name} for path in files.state_directories(base, name)]


def application_names(base: str | None) -> list[str]:
    """Return the names of the applications with a state directory or a stored profile."""
    return [name for name in (files.names(base) if base else []) if is_app(name) and _has_state(base or "", name)]


def state_base(policy: Policy) -> str | None:
    """Return the directory of all applications' state, from settings files or the environment."""
    named = [s.value.strip() for s in policy.settings if s.name == "TELEMETRY_SDK_STATE_DIR"]
    value = named[0] if named else os.environ.get("TELEMETRY_SDK_STATE_DIR", "").strip()
    return os.path.abspath(value) if value else user_state_dir(os.environ)


def _has_state(base: str, app: str) -> bool:
    if files.application_directory(base, app) is None:
        return False
    found = files.state_directories(base, app)
    return any(map(files.is_state_directory, found)) or os.path.lexists(profile_path(os.path.join(base, app, "any")))


def _state(app: str, path: str) -> dict[str, Any]:
    beside = files.names(os.path.dirname(path))
    shared = SharedState(path)
    counts = directory_counts(path, shared)
    return {
        "app": app,
        "path": path,
        "current": False,
        "writable": os.access(path, os.W_OK | os.X_OK),
        "waiting": counts["waiting"],
        "delivered": counts["delivered"],
        "dropped": counts["dropped"],
        "spool_bytes": sum(_sizes(os.path.join(path, "spool"))),
        "drafts": len(_sizes(os.path.join(path, "drafts"))),
        "ledger_bytes": sum(_sizes(os.path.join(path, "sent"))),
        "problem": problem(shared.read()) or None,
        "installation_id": installation_id(path),
        "bindings": stored_bindings(shared),
        "revoked": [name.removeprefix("revoked-") for name in beside if name.startswith("revoked-")],
    }


def _changed(path: str) -> float:
    """Return when a state directory was used last, in seconds since the epoch."""
    return max((_modified(os.path.join(path, name)) for name in ("state.json", "spool", "sent", "drafts")), default=0.0)


def _modified(path: str) -> float:
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0


def installation_id(path: str) -> str | None:
    """Return the random id of this installation; None if none was made, or it was deleted."""
    try:
        return files.read(os.path.join(path, "installation-id"), 64).decode("ascii", "replace").strip()
    except OSError:  # none was made, or metrics were opted out of
        return None


def _sizes(directory: str) -> list[int]:
    """Return the sizes of a directory's files in bytes."""
    names = files.names(directory) if files.is_own_directory(directory) else []
    return [_size(os.path.join(directory, name)) for name in names]


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0  # deleted since it was listed
