"""Stores the user's own choice in `choice.json`. No other product's file is ever written."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from telemetry_sdk._internal.clock import monotonic
from telemetry_sdk._internal.layers import CHOICE
from telemetry_sdk.storage.file_lock import FileLock

from .choice_file import VERSION, choice_problem, services_off
from .directories import VARIABLE, home_directory
from .profile import CLAUDE_CODE
from .settings_file import READ, read_settings
from .settings_locations import choice_paths

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from .profile import Profile

PATIENCE = 2.0  # seconds for the lock, which is held for milliseconds
_PAUSE = 0.01  # seconds


def opt_out(
    services: Iterable[str],
    *,
    app: str | None = None,
    environ: Mapping[str, str] | None = None,
    home: str | os.PathLike[str] | None = None,
    profile: Profile = CLAUDE_CODE,
) -> str:
    """Add services to the choice file of `app`, or of all applications, and return its path.

    A file that is broken, which turns everything off, is replaced by one that turns everything off. Raises OSError,
    with the variables to set instead, if it cannot be written, and ValueError for an unknown service.
    """
    wanted = _known(services, profile)
    try:
        path = choice_path(app, environ, home)
        with _locked(path):
            known, problem = _read(path)
            today = datetime.now(UTC).date().isoformat()
            added = profile.services if problem else wanted
            _write(path, {**dict.fromkeys(added, today), **known})
    except OSError as error:
        variables = ", ".join(sorted({f"{profile.variable_for(service)}=1" for service in wanted}))
        message = f"the choice cannot be stored ({error.strerror or error}): set {variables} in the environment"
        raise OSError(error.errno, message) from error
    return str(path)


def opt_in(
    services: Iterable[str],
    *,
    app: str | None = None,
    environ: Mapping[str, str] | None = None,
    home: str | os.PathLike[str] | None = None,
    profile: Profile = CLAUDE_CODE,
) -> str:
    """Remove services from the choice file of `app`, or of all applications, and return its path.

    Other opt-outs stay; `resolve_policy` says which. Raises OSError if the file cannot be written, and ValueError for
    an unknown service or a broken file.
    """
    wanted = _known(services, profile)
    path = choice_path(app, environ, home)
    if not path.exists():
        return str(path)
    with _locked(path):
        known, problem = _read(path)
        if problem:
            raise ValueError(f"{path} {problem}: correct or delete it")
        _write(path, {service: date for service, date in known.items() if service not in wanted})
    return str(path)


def choice_path(
    app: str | None, environ: Mapping[str, str] | None = None, home: str | os.PathLike[str] | None = None
) -> Path:
    """Return the choice file that is written: in the home directory. Raises OSError where that is unknown."""
    variables = os.environ if environ is None else environ
    directory = os.fspath(home) if home is not None else home_directory(variables)[0]
    if not directory:
        raise OSError(f"the home directory is unknown, {VARIABLE} names none")
    return Path(choice_paths(variables, directory, app)[1 if app else 0])


def _known(services: Iterable[str], profile: Profile) -> tuple[str, ...]:
    wanted = tuple(services)
    for service in wanted:
        if service not in profile.services:
            raise ValueError(f"unknown service {service!r}, expected one of {', '.join(profile.services)}")
    return wanted


def _read(path: Path) -> tuple[dict[str, str], str]:
    """Return the services that are off with their dates, and what is wrong with the file, "" if nothing is."""
    file = read_settings(CHOICE, str(path))
    problem = file.problem or (choice_problem(file.top) if file.state == READ else "")
    return ({}, problem) if problem else (services_off(file.top), "")


@contextmanager
def _locked(path: Path) -> Generator[None]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(str(path.with_suffix(".lock")))
    until = monotonic() + PATIENCE
    while not lock.acquire():
        if monotonic() > until:
            raise OSError(f"{path} is locked by another process")
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        lock.release()


def _write(path: Path, off: Mapping[str, str]) -> None:
    """Replace the file atomically; a link stays one."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f"{target.name}.{os.urandom(8).hex()}.tmp")
    text = json.dumps({"v": VERSION, "off": dict(sorted(off.items()))}, indent=2) + "\n"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
