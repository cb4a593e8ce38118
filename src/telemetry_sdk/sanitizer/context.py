"""The context of a run's records: versions, platform family, random ids."""

from __future__ import annotations

import os
import sys

from .._internal.shapes import is_release, is_user_id, is_uuid, numeric_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_FAMILIES = {"linux": "Linux", "darwin": "macOS", "win32": "Windows", "cygwin": "Windows"}
_METRICS = ("app", "app_version", "sdk_version", "os", "arch", "python", "provider")
_ERRORS = ("sdk_version", "os", "arch", "python_version")
UNKNOWN = "unknown"


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
