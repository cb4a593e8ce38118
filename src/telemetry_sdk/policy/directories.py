"""The user's home directory, and the project's: the working directory and its parents, as far as they count."""

from __future__ import annotations

import os
import sys

from .._internal.layers import LOCAL, LOCAL_HOME, MODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VARIABLE = "USERPROFILE" if sys.platform == "win32" else "HOME"
_LINKS = 40
"""Links that are followed; Linux follows as many."""


def home_directory(environ: Mapping[str, object]) -> tuple[str, str]:
    """Return the home directory, "" if it is unknown, and a warning or "".

    It is `HOME` (Windows: `USERPROFILE`); where that is not set, the entry of the system's user database. In local mode
    `TELEMETRY_SDK_LOCAL_HOME` replaces it, if the environment sets both.
    """
    named = environ.get(LOCAL_HOME) if environ.get(MODE) == LOCAL else None
    named = named or environ.get(VARIABLE)
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


def searched_directories(start: str, end: str) -> list[str]:
    """Return the directories searched for project files, nearest first.

    Up to the home directory, whose real path is `end`; outside of it to the file system's root.
    """
    lineage = [start]
    while (parent := os.path.dirname(lineage[-1])) != lineage[-1]:
        lineage.append(parent)
    return lineage[: lineage.index(end) + 1] if end in lineage else lineage


def link_boundaries(directories: Sequence[str], mark: str) -> list[str]:
    """Return for each directory the one that its links may not leave: the repository's root, else itself."""
    boundaries: list[str] = []
    root = ""
    for directory in reversed(directories):
        if os.path.lexists(os.path.join(directory, mark)):
            root = directory
        boundaries.append(root or directory)
    return boundaries[::-1]


def project_roots(directories: Sequence[str], end: str) -> tuple[str, ...]:
    """Return the searched directories that are the project's own.

    Not the home directory, whose real path is `end`, nor a parent of the working directory that holds it.
    """
    return tuple(
        directory
        for number, directory in enumerate(directories)
        if directory not in {end, os.path.dirname(directory)} and not (number and _is_below(end, directory))
    )


def lies_in(path: str, directories: Sequence[str]) -> str:
    """Return the directory in which a path, or a link that it leads through, really lies; "" if in none of them."""
    if not directories:
        return ""
    stops = [real_path(path), *_links(path)]
    return next((d for d in directories for stop in stops if stop == d or _is_below(stop, d)), "")


def _links(path: str) -> list[str]:
    """Return the links that a path leads through, each under its real path."""
    found: list[str] = []
    waiting = [os.path.abspath(path)] if "\0" not in path else []
    while waiting and len(found) < _LINKS:
        name = waiting.pop()
        while (parent := os.path.dirname(name)) != name:
            if os.path.islink(name):
                link = os.path.join(real_path(parent), os.path.basename(name))
                if link not in found:
                    found.append(link)
                    waiting.append(os.path.join(parent, os.readlink(name)))
            name = parent
    return found


def real_path(path: str) -> str:
    """Return the path without links, "" for one that cannot exist."""
    try:
        return os.path.realpath(path) if path else ""
    except (OSError, ValueError):
        return ""


def _is_below(path: str, directory: str) -> bool:
    return path.startswith(directory.rstrip(os.sep) + os.sep)
