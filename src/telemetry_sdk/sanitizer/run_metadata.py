"""The metadata of a run's records: versions, platform family, random ids."""

from __future__ import annotations

import os
import sys

from .._internal.ids import new_uuid
from .._internal.services import ERRORS
from .._internal.shapes import is_release, is_user_id, is_uuid, numeric_version
from .._internal.version import VERSION
from ..storage import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..options import Options
    from ..policy.current import CurrentPolicy

_FAMILIES = {"linux": "Linux", "darwin": "macOS", "win32": "Windows", "cygwin": "Windows"}
_METRICS = ("app", "app_version", "sdk_version", "os", "arch", "python", "provider")
_ERRORS = ("sdk_version", "os", "arch", "python_version")
UNKNOWN = "unknown"


class InstallationId:
    """A random UUID for metrics only, one for each application, new after every opt-in.

    Reads the id of a state directory, or makes one. Where none can be kept, one lives as long as the process.
    """

    def __init__(self, state_dir: str | None) -> None:
        self._state_dir = state_dir
        self._path = os.path.join(state_dir or "", "installation-id")
        self._unkept = new_uuid()

    def get(self) -> str:
        """Return the id; asked again for each segment, since an opt-out deletes it."""
        if self._state_dir is None:
            return self._unkept
        try:
            for _ in range(3):  # another process may make it, or an opt-out delete it, between two steps
                kept = self._read()
                if kept is not None:
                    return kept
                if not files.is_own_directory(self._state_dir):
                    break
                made = new_uuid()
                if files.create_whole(self._path, made.encode("ascii")):
                    return made
        except OSError:  # nothing can be kept here
            return self._unkept
        return self._unkept

    def _read(self) -> str | None:
        try:
            text = files.read(self._path, 64).decode("ascii", "replace").strip()
        except FileNotFoundError:
            return None
        if is_uuid(text):
            return text
        files.remove(self._path)  # damaged: an id is random, a new one serves as well
        return None


class RunMetadata:
    """What the records of a run have in common. `state_dir`: where the installation id is kept, or None."""

    def __init__(self, options: Options, state_dir: str | None, policy: CurrentPolicy) -> None:
        self._options = options
        self._installation = InstallationId(state_dir)
        self._policy = policy
        self._session = new_uuid()

    @property
    def provider(self) -> str:
        """The provider's name, which may change while the program runs."""
        return self._policy.provider

    def of(self, service: str) -> dict[str, Any] | None:
        """Return the clean metadata of a service; None without valid ids."""
        options = self._options
        common = {**platform(), "sdk_version": VERSION, "environment": options.environment}
        if service == ERRORS:
            release = f"{options.app}@{options.version}"
            return errors_context({**common, "release": release, "user_id": options.user_id})
        return metrics_context(
            {
                **common,
                "user": options.user_id or self._installation.get(),
                "session": self._session,
                "app": options.app,
                "app_version": options.version,
                "provider": self.provider,
            }
        )


def platform() -> dict[str, str]:
    """Return the platform's family, its numeric version, the architecture and Python's version."""
    uname = os.uname() if hasattr(os, "uname") else None
    version = uname.release if uname else _windows_version()
    arch = uname.machine if uname else os.environ.get("PROCESSOR_ARCHITECTURE", UNKNOWN)
    python = ".".join(map(str, sys.version_info[:3]))
    return {
        "os": _FAMILIES.get(sys.platform, "other"),
        "os_version": numeric_version(version) or UNKNOWN,
        "arch": arch,
        "python": python,
        "python_version": python,
    }


def metrics_context(context: Mapping[str, object]) -> dict[str, Any] | None:
    """Return the context of metric events; None without valid ids."""
    user, session = context.get("user"), context.get("session")
    if not is_uuid(session) or not is_user_id(user):
        return None
    clean = {key: _release(context, key) or UNKNOWN for key in _METRICS}
    return {**clean, "user": user, "session": session, "environment": _release(context, "environment")}


def errors_context(context: Mapping[str, object]) -> dict[str, Any]:
    """Return the context of errors. It never holds the installation id, which is for metrics only."""
    user = context.get("user_id")
    return {
        **{key: _release(context, key) or UNKNOWN for key in _ERRORS},
        "os_version": numeric_version(context.get("os_version")) or UNKNOWN,
        **{key: _release(context, key) for key in ("release", "dist", "environment")},
        "user_id": user if is_user_id(user) else None,
    }


def _release(context: Mapping[str, object], key: str) -> str | None:
    value = context.get(key)
    return value if type(value) is str and is_release(value) else None


def _windows_version() -> str:
    if sys.platform == "win32":
        found = sys.getwindowsversion()
        return f"{found.major}.{found.minor}.{found.build}"
    return UNKNOWN
