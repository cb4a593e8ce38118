"""What only the system knows of managed settings: a login name, and values of the Windows registry."""

from __future__ import annotations

import os
import sys
from typing import Any

from telemetry_sdk._internal.layers import MANAGED, USER

from .settings_file import BROKEN, SettingsFile, parse_settings


def login_name() -> str:
    """Return the login name, "" if the system knows none."""
    if sys.platform == "win32":
        return os.environ.get("USERNAME", "")
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def registry_value(path: str) -> list[SettingsFile]:
    """Read the value `Settings` of a registry key, JSON; none where the key or the value is missing."""
    winreg: Any = __import__("winreg")  # not typed on other systems
    root, _, key = path.partition("\\")
    layer = USER if root == "HKEY_CURRENT_USER" else MANAGED
    try:
        with winreg.OpenKey(getattr(winreg, root), key) as opened:
            value, _ = winreg.QueryValueEx(opened, "Settings")
    except FileNotFoundError:
        return []
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        return [SettingsFile(layer=layer, path=path, state=BROKEN, fingerprint=(), problem=problem)]
    return [parse_settings(layer, path, value if isinstance(value, str) else "")]
