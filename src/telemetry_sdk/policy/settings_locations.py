"""Locates and reads the settings files of all layers, within the limits of files and bytes."""

from __future__ import annotations

import os
import sys

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import CHOICE, HOST_FILE, MANAGED, PROJECT, USER
from telemetry_sdk._internal.shapes import is_release

from .directories import (
    VARIABLE,
    home_directory,
    lies_in,
    link_boundaries,
    project_roots,
    real_path,
    searched_directories,
)
from .settings_file import BROKEN, MISSING, READ, SIZE_LIMIT, SettingsFile, fingerprint, read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from .profile import Profile

    AnyPath: TypeAlias = "str | os.PathLike[str]"

FILES_LIMIT = 64
"""Managed files in all; an administrator's drop-in directory holds a handful."""

_REGISTRY = "HKEY_"

PROJECT_FILES = 32
PROJECT_BYTES = SIZE_LIMIT
"""All project files that exist share these: nobody has more, and each costs time at every start."""


class GivenPaths(Frozen):
    """Paths that the caller gives; None: the usual ones. `app` names the application's own choice file."""

    cwd: AnyPath | None = None
    home: AnyPath | None = None
    managed: AnyPath | None = None
    settings_file: AnyPath | None = None
    app: str | None = None


class UnknownLocation(Frozen):
    """A directory that cannot be determined, so that its settings are unknown."""

    layer: str
    source: str
    problem: str


class FoundSettings(Frozen):
    """All settings files, each read once; `files`: of a layer the lowest first, nearest project directory first."""

    files: tuple[SettingsFile, ...]
    choices: tuple[SettingsFile, ...]
    unknown: tuple[UnknownLocation, ...]
    project_directories: tuple[str, ...]
    warnings: tuple[str, ...]


def read_all(profile: Profile, environ: Mapping[str, object], given: GivenPaths) -> FoundSettings:
    """Read every settings file: managed, user, choice and host-named files first, then the project's."""
    unknown: list[UnknownLocation] = []
    warnings: list[str] = []
    home = _home(environ, given.home, unknown, warnings)
    end = real_path(home)
    directories = _searched(given.cwd, end, unknown)
    roots = project_roots(directories, end)
    files = _managed_settings(profile, None if given.managed is None else os.fspath(given.managed))
    choices = [read_settings(CHOICE, path) for path in choice_paths(environ, home, given.app)]
    user = [_user_settings(profile, environ, home)] if home or _config_dir(profile, environ) else []
    if given.settings_file is not None:
        user.append(read_settings(HOST_FILE, os.path.join(*_named(given, directories)), must_exist=True))
    files += [_demoted(file, roots, warnings) for file in user]
    files += _project_settings(profile, directories, _user_paths(profile, user, end))
    return FoundSettings(
        files=tuple(files),
        choices=tuple(choices),
        unknown=tuple(unknown),
        project_directories=roots,
        warnings=tuple(warnings),
    )


def choice_paths(environ: Mapping[str, object], home: str, app: str | None) -> list[str]:
    """Return the user's choice files: of all applications, and of this one; XDG_CONFIG_HOME's as well."""
    bases = [os.path.join(config_home(environ, home), "telemetry-sdk")] if home else []
    named = environ.get("XDG_CONFIG_HOME")
    if isinstance(named, str) and os.path.isabs(named):
        bases.append(os.path.join(named, "telemetry-sdk"))
    own = [os.path.join(app, "choice.json")] if is_release(app) and app and app[0] not in ".-" else []
    names = ["choice.json", *own]
    return list(dict.fromkeys(os.path.join(base, name) for base in bases for name in names))


def config_home(environ: Mapping[str, object], home: str) -> str:
    """Return the directory of the user's configuration."""
    if sys.platform == "win32":
        named = environ.get("APPDATA")
        return named if isinstance(named, str) and named else os.path.join(home, "AppData", "Roaming")
    return os.path.join(home, ".config")


def _home(
    environ: Mapping[str, object], home: AnyPath | None, unknown: list[UnknownLocation], warnings: list[str]
) -> str:
    """Return the home directory, absolute; "" if it is unknown."""
    if home is not None:
        path, warning = os.fspath(home), ""
        if not os.path.isabs(path) or "\0" in path:
            path = ""
    else:
        path, warning = home_directory(environ)
    if warning:
        warnings.append(warning)
    if not path:
        problem = "the home directory cannot be determined"
        unknown.append(UnknownLocation(layer=USER, source=VARIABLE if home is None else "home", problem=problem))
    return path


def _searched(cwd: AnyPath | None, end: str, unknown: list[UnknownLocation]) -> list[str]:
    try:
        start: str = os.getcwd() if cwd is None else os.path.realpath(os.fspath(cwd))
        os.stat(start)
    except (OSError, ValueError):
        problem = "the working directory cannot be determined"
        unknown.append(UnknownLocation(layer=PROJECT, source="working directory", problem=problem))
        return []
    return searched_directories(start, end)


def _config_dir(profile: Profile, environ: Mapping[str, object]) -> str:
    named = environ.get(profile.config_dir_variable) if profile.config_dir_variable else None
    return named.strip() if isinstance(named, str) else ""


def _user_settings(profile: Profile, environ: Mapping[str, object], home: str) -> SettingsFile:
    """Read the user's file: in the directory that the environment names, else in the home directory."""
    variable, directory = profile.config_dir_variable, _config_dir(profile, environ)
    if not directory:
        return read_settings(USER, _join(home, profile.user_file))
    path = os.path.join(directory, profile.user_file.rpartition("/")[2])
    if not os.path.isabs(directory):
        problem = f"is relative: set {variable} to an absolute path, or unset it"
    elif not os.path.isdir(directory):
        problem = f"is in a directory that does not exist: create it, or unset {variable}"
    else:
        return read_settings(USER, path)
    return SettingsFile(layer=USER, path=path, state=BROKEN, fingerprint=fingerprint(path), problem=problem)


def _named(given: GivenPaths, directories: list[str]) -> tuple[str, str]:
    """Return the directory and the name of the host-named file."""
    return (directories[0] if directories else ""), os.fspath(given.settings_file or "")


def _demoted(file: SettingsFile, roots: tuple[str, ...], warnings: list[str]) -> SettingsFile:
    """Return a user file that lies in the project as the project's: it may only restrict."""
    root = lies_in(file.path, roots) if file.state != MISSING else ""
    if file.layer != USER or not root:
        return file
    warnings.append(f"{file.path} lies in the project {root}: it may only turn services off")
    return file.replace(layer=PROJECT)


def _user_paths(profile: Profile, user: list[SettingsFile], end: str) -> set[str]:
    """Return the names under which a search may find the user's file: it is not a project's."""
    paths = {file.path for file in user if file.layer == USER}
    default = _join(end, profile.user_file) if end else ""
    if default in paths or real_path(default) not in map(real_path, paths):
        return paths
    return {*paths, default}


def _project_settings(profile: Profile, directories: list[str], user_paths: set[str]) -> list[SettingsFile]:
    """Read the project's files, nearest first; beyond the limits they are not read, and broken."""
    files: list[SettingsFile] = []
    count, size = 0, 0
    for directory, boundary in zip(directories, link_boundaries(directories, profile.repository_mark), strict=True):
        for layer, name in profile.project_files:
            path = _join(directory, name)
            if path in user_paths:
                continue
            if count >= PROJECT_FILES:
                files.append(_unread(layer, path))
                continue
            file = read_settings(layer, path, within=boundary, limit=PROJECT_BYTES - size)
            files.append(file)
            count += file.state != MISSING
            size += file.size
    return sorted(files, key=lambda file: file.layer)


def _unread(layer: str, path: str) -> SettingsFile:
    found = fingerprint(path)
    if not os.path.lexists(path):
        return SettingsFile(layer=layer, path=path, state=MISSING, fingerprint=found)
    problem = f"is beyond the limit of {PROJECT_FILES} project settings files"
    return SettingsFile(layer=layer, path=path, state=BROKEN, fingerprint=found, problem=problem)


def _join(directory: str, name: str) -> str:
    return os.path.join(directory, *name.split("/"))


def _managed_settings(profile: Profile, managed: str | None) -> list[SettingsFile]:
    """Read the managed settings of this system, or the file `managed` in their place, lowest first.

    A registry key of HKEY_CURRENT_USER is the user's own.
    """
    files: list[SettingsFile] = []
    for path in _managed_paths(profile) if managed is None else [managed]:
        if path.startswith(_REGISTRY):
            from .system_settings import registry_value

            files += registry_value(path)
            continue
        files.append(read_settings(MANAGED, path))
        if not path.endswith(".plist"):
            files += _drop_ins(path)
    return files


def _managed_paths(profile: Profile) -> list[str]:
    """Return the paths for this system; a login name that the system does not know leaves its own out."""
    system = {platform for platform, _ in profile.managed_files}
    wanted = sys.platform if sys.platform in system else ""
    paths = [path for platform, path in profile.managed_files if platform == wanted]
    if any("{user}" in path for path in paths):
        from .system_settings import login_name

        return [path.replace("{user}", login_name()) for path in paths]
    return paths


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
