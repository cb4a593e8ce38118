"""What is said of a run with each record: versions, platform family, random ids. Judged like all else, twice."""

from __future__ import annotations

import os
import sys

from .._internal.shapes import is_release, is_user_id, is_uuid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FAMILIES = {"linux": "Linux", "darwin": "macOS", "win32": "Windows", "cygwin": "Windows"}
_METRICS = ("app", "app_version", "sdk_version", "os", "arch", "python", "provider")
_ERRORS = ("sdk_version", "os", "os_version", "arch", "python_version")
UNKNOWN = "unknown"


def platform() -> dict[str, str]:
    """Return the platform's family, its version, the architecture and Python's version; no host name."""
    uname = os.uname() if hasattr(os, "uname") else None
    version = uname.release if uname else _windows_version()
    arch = uname.machine if uname else os.environ.get("PROCESSOR_ARCHITECTURE", UNKNOWN)
    python = ".".join(map(str, sys.version_info[:3]))
    return {
        "os": _FAMILIES.get(sys.platform, "other"),
        "os_version": version,
        "arch": arch,
        "python": python,
        "python_version": python,
    }


def metrics_context(context: object) -> dict[str, Any] | None:
    """Rebuild the context of metric events; None where the random ids are none."""
    if type(context) is not dict or not is_uuid(context.get("session")):
        return None
    user = context.get("user")
    if not is_user_id(user):
        return None
    clean = {key: _version(context.get(key)) for key in _METRICS}
    environment = context.get("environment")
    return {
        **clean,
        "user": user,
        "session": context["session"],
        "environment": environment if is_release(environment) else None,
    }


def errors_context(context: object) -> dict[str, Any] | None:
    """Rebuild the context of errors. It never holds the installation id, which is for metrics only."""
    if type(context) is not dict:
        return None
    clean: dict[str, Any] = {key: _version(context.get(key)) for key in _ERRORS}
    for key in ("release", "dist", "environment"):
        value = context.get(key)
        clean[key] = value if is_release(value) else None
    user = context.get("user_id")
    clean["user_id"] = user if is_user_id(user) else None
    return clean


def _version(value: object) -> str:
    return value if type(value) is str and is_release(value) else UNKNOWN


def _windows_version() -> str:
    if sys.platform == "win32":
        found = sys.getwindowsversion()
        return f"{found.major}.{found.minor}.{found.build}"
    return UNKNOWN
