"""The user's home directory: one rule for settings, the choice file and the state directory."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "USERPROFILE" if sys.platform == "win32" else "HOME"


def home_directory(environ: Mapping[str, object]) -> tuple[str, str]:
    """Return the home directory, "" if it is unknown, and a warning or "".

    It is `HOME` (Windows: `USERPROFILE`); where that is not set, the entry of the system's user database.
    """
    named = environ.get(VARIABLE)
    if isinstance(named, str) and named:
        return (named, "") if os.path.isabs(named) else ("", f"{VARIABLE} is not an absolute path: set it to one")
    found = _of_the_system(environ)
    if os.path.isabs(found):
        return found, f"{VARIABLE} is not set: {found} is used, as the system names it"
    return "", f"{VARIABLE} is not set, and the system names no home directory: set it"


def _of_the_system(environ: Mapping[str, object]) -> str:
    if sys.platform == "win32":
        drive, path = environ.get("HOMEDRIVE"), environ.get("HOMEPATH")
        return drive + path if isinstance(drive, str) and isinstance(path, str) else ""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""
