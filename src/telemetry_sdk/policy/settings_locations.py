"""Locates and reads the settings files: managed, project (up to its root) and user."""

from __future__ import annotations

import os
import sys

from telemetry_sdk._internal.frozen import Frozen

from .layers import MANAGED, PROJECT, USER
from .settings_file import SettingsFile, read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from .profile import Profile

    AnyPath: TypeAlias = "str | os.PathLike[str]"


class UnknownLocation(Frozen):
    """A directory that cannot be determined, so that its settings are unknown."""

    layer: str
    source: str
    problem: str


def read_all(
    profile: Profile,
    environ: Mapping[str, object],
    cwd: AnyPath | None,
    home: AnyPath | None,
    managed: AnyPath | None,
) -> tuple[list[SettingsFile], list[UnknownLocation]]:
    """Read every settings file once, highest layer first; nearest directory first within a layer."""
    unknown: list[UnknownLocation] = []
    home_path = _home(environ, home, unknown)
    managed_path = os.fspath(managed) if managed is not None else _managed(profile)
    files = [read_settings(MANAGED, managed_path)] if managed_path else []
    files += _project_files(profile, _directories(profile, cwd, home_path, unknown), home_path)
    if home_path:
        files.append(read_settings(USER, _join(home_path, profile.user_file)))
    return files, unknown


def _managed(profile: Profile) -> str:
    """Return the managed file's path on this system, or "" where the profile has none."""
    paths = dict(profile.managed_files)
    return paths.get(sys.platform, paths.get("", ""))


def _home(environ: Mapping[str, object], home: AnyPath | None, unknown: list[UnknownLocation]) -> str:
    """Return the home directory, absolute; "" if it is unknown."""
    if home is not None:
        named: object = os.fspath(home)
    else:
        named = environ.get("USERPROFILE" if sys.platform == "win32" else "HOME") or os.path.expanduser("~")
    if isinstance(named, str) and os.path.isabs(named):
        return named
    problem = "the home directory cannot be determined"
    unknown.append(UnknownLocation(layer=USER, source="HOME" if home is None else "home", problem=problem))
    return ""


def _directories(
    profile: Profile, cwd: AnyPath | None, home: str, unknown: list[UnknownLocation]
) -> list[tuple[str, str]]:
    """Return the project's directories, nearest first, each with the directory that its links may not leave.

    Up to the repository's root; else up to the home directory; outside of it to the file system's root.
    """
    try:
        start: str = os.getcwd() if cwd is None else os.path.realpath(os.fspath(cwd))
        os.stat(start)
    except (OSError, ValueError):
        problem = "the working directory cannot be determined"
        unknown.append(UnknownLocation(layer=PROJECT, source="working directory", problem=problem))
        return []
    lineage = [start]
    while (parent := os.path.dirname(lineage[-1])) != lineage[-1]:
        lineage.append(parent)
    for count, directory in enumerate(lineage, 1):
        if os.path.lexists(os.path.join(directory, profile.repository_mark)):
            return [(inner, directory) for inner in lineage[:count]]
    end = _real(home)
    count = lineage.index(end) + 1 if end in lineage else len(lineage)
    return [(directory, directory) for directory in lineage[:count]]


def _project_files(profile: Profile, directories: list[tuple[str, str]], home: str) -> list[SettingsFile]:
    """Read the project's files; the user file of the home directory is not a project's."""
    end = _real(home)
    return [
        read_settings(layer, _join(directory, name), within=root)
        for layer, name in profile.project_files
        for directory, root in directories
        if not (directory == end and name == profile.user_file)
    ]


def _real(home: str) -> str:
    try:
        return os.path.realpath(home) if home else ""
    except (OSError, ValueError):
        return ""


def _join(directory: str, name: str) -> str:
    return os.path.join(directory, *name.split("/"))
