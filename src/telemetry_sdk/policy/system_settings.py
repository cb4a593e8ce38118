"""Managed settings: files, their drop-in directory, macOS property lists, the Windows registry."""

from __future__ import annotations

import os
import sys

from .layers import MANAGED, USER
from .settings_file import BROKEN, MISSING, READ, SettingsFile, fingerprint, parse_settings, read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .profile import Profile

FILES_LIMIT = 64
"""Managed files in all; an administrator's drop-in directory holds a handful."""

_REGISTRY = "HKEY_"


def managed_settings(profile: Profile, managed: str | None) -> list[SettingsFile]:
    """Read the managed settings of this system, or the file `managed` in their place, lowest first.

    A registry key of HKEY_CURRENT_USER is the user's own.
    """
    files: list[SettingsFile] = []
    for path in _paths(profile) if managed is None else [managed]:
        if path.startswith(_REGISTRY):
            files += _registry_value(path)
            continue
        files.append(read_settings(MANAGED, path))
        if not path.endswith(".plist"):
            files += _drop_ins(path)
    return files


def _paths(profile: Profile) -> list[str]:
    """Return the paths for this system; a login name that the system does not know leaves its own out."""
    system = {platform for platform, _ in profile.managed_files}
    wanted = sys.platform if sys.platform in system else ""
    paths = [path for platform, path in profile.managed_files if platform == wanted]
    return [path.replace("{user}", _login_name()) if "{user}" in path else path for path in paths]


def _login_name() -> str:
    if sys.platform == "win32":
        return os.environ.get("USERNAME", "")
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def _drop_ins(path: str) -> list[SettingsFile]:
    """Read every `*.json` of the directory beside the file, by name; one that cannot be listed is broken."""
    directory = f"{os.path.splitext(path)[0]}.d"
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(".json") and name[0] != ".")
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError) and not os.path.lexists(directory)
        problem = "" if missing else "cannot be listed"
        return [_directory(directory, MISSING if missing else BROKEN, problem)]
    if len(names) >= FILES_LIMIT:
        return [_directory(directory, BROKEN, f"holds more than {FILES_LIMIT - 1} files: merge some of them")]
    return [_directory(directory, READ), *(read_settings(MANAGED, os.path.join(directory, name)) for name in names)]


def _directory(path: str, state: str, problem: str = "") -> SettingsFile:
    return SettingsFile(layer=MANAGED, path=path, state=state, fingerprint=fingerprint(path), problem=problem)


def _registry_value(path: str) -> list[SettingsFile]:
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
