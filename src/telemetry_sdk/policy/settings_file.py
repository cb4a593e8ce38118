"""Reads one settings file, once; a file that cannot be used is described, never raised.

The file is not trusted: it may be a pipe, a device, a link, a gigabyte, or ten thousand brackets deep.
"""

from __future__ import annotations

import os

from telemetry_sdk._internal.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MISSING, READ, BROKEN = "missing", "read", "broken"

SIZE_LIMIT = 1 << 20
"""1 MiB; real settings files have a few kilobytes."""

# O_NONBLOCK: opening a pipe must not wait for its writer. Flags that a system lacks are 0.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOINHERIT", 0)
)

_REGULAR, _KIND = 0o100000, 0o170000


class Number(str):
    """A JSON number as written, so that its size and precision do not matter."""

    __slots__ = ()


class Pairs(tuple[tuple[str, "Any"], ...]):
    """A JSON object with all its members, repeated names included: a later line cannot hide an opt-out."""

    __slots__ = ()

    def values_of(self, name: str) -> list[Any]:
        """Return every value of this name."""
        return [value for key, value in self if key == name]


class SettingsFile(Frozen):
    """One settings file: `env` its variables, `top` its members, `problem` why it is broken.

    `size`: bytes read.
    """

    layer: str
    path: str
    state: str
    fingerprint: tuple[int, ...]
    problem: str = ""
    env: Pairs = Pairs()
    top: Pairs = Pairs()
    size: int = 0


def fingerprint(path: str) -> tuple[int, ...]:
    """Return numbers that change when the file does: times, size, inode, device; or the error's number."""
    return _status(path)[0]


def read_settings(
    layer: str, path: str, *, within: str | None = None, limit: int = SIZE_LIMIT, must_exist: bool = False
) -> SettingsFile:
    """Read a settings file of at most `limit` bytes; with `must_exist` a missing one is broken.

    A file that is a link to outside of the directory `within` is broken.
    """
    found, problem = _status(path)
    if problem == MISSING and not must_exist:
        return SettingsFile(layer=layer, path=path, state=MISSING, fingerprint=found)
    if problem:
        problem = "does not exist" if problem == MISSING else problem
        return SettingsFile(layer=layer, path=path, state=BROKEN, fingerprint=found, problem=problem)
    try:
        _check_inside(path, within)
        data = _read(path, limit)
        env, top = _members(_plist(data) if path.endswith(".plist") else _parse(data))
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except ValueError as error:
        problem = str(error)
    except (RecursionError, MemoryError):
        problem = "is nested too deeply"
    else:
        return SettingsFile(layer=layer, path=path, state=READ, fingerprint=found, env=env, top=top, size=len(data))
    return SettingsFile(layer=layer, path=path, state=BROKEN, fingerprint=found, problem=problem)


def parse_settings(layer: str, source: str, text: str) -> SettingsFile:
    """Return the settings in a JSON text that does not come from a file, such as a registry value."""
    try:
        env, top = _members(_parse(text.encode("utf-8", "surrogatepass")))
    except ValueError as error:
        return SettingsFile(layer=layer, path=source, state=BROKEN, fingerprint=(), problem=str(error))
    except (RecursionError, MemoryError):
        return SettingsFile(layer=layer, path=source, state=BROKEN, fingerprint=(), problem="is nested too deeply")
    return SettingsFile(layer=layer, path=source, state=READ, fingerprint=(), env=env, top=top)


def _status(path: str) -> tuple[tuple[int, ...], str]:
    """Return a file's fingerprint, and "" for a regular file, "missing", or its problem."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        dangling = _is_dangling_link(path)
        return (error.errno or 0, dangling), "is a link to nothing" if dangling else MISSING
    except OSError as error:
        return (error.errno or 0,), f"cannot be read ({error.strerror})"
    except ValueError:
        return (-1,), "has an impossible name"
    numbers = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev)
    if found.st_mode & _KIND != _REGULAR:
        return numbers, "is not a regular file"
    return numbers, "is larger than 1 MiB" if found.st_size > SIZE_LIMIT else ""


def _is_dangling_link(path: str) -> bool:
    """Whether a missing file, or its directory, is a link: the file was meant to exist."""
    return any(os.path.islink(name) and not os.path.exists(name) for name in (path, os.path.dirname(path)))


def _check_inside(path: str, directory: str | None) -> None:
    """Raise ValueError for a project's file that is a link to outside of the project."""
    if directory is None:
        return
    real = os.path.normcase(os.path.realpath(path))
    if not real.startswith(os.path.normcase(os.path.realpath(directory)).rstrip(os.sep) + os.sep):
        raise ValueError("is a link that leaves the project")


def _read(path: str, limit: int) -> bytes:
    """Return the bytes of a regular file; checked again once open, as the file may have been replaced."""
    file = os.open(path, _FLAGS)
    try:
        if os.fstat(file).st_mode & _KIND != _REGULAR:
            raise ValueError("is not a regular file")
        data = b""
        while len(data) <= limit and (piece := os.read(file, limit + 1 - len(data))):
            data += piece
    finally:
        os.close(file)
    if len(data) > limit:
        larger = "is larger than 1 MiB" if limit == SIZE_LIMIT else "exceeds 1 MiB for all project settings files"
        raise ValueError(larger)
    return data


def _parse(data: bytes) -> object:
    """Parse strict JSON (UTF-8, no NaN); a byte-order mark is accepted, as some editors write one."""
    from .json_scanner import read_json

    try:
        return read_json(data.removeprefix(b"\xef\xbb\xbf").decode(), Pairs, Number)
    except ValueError:
        raise ValueError("is not JSON") from None


def _plist(data: bytes) -> object:
    """Parse a property list of macOS."""
    from plistlib import loads

    try:
        whole = loads(data)
    except RecursionError:
        raise
    except Exception:
        raise ValueError("is not a property list") from None
    return _pairs(whole, depth=2)


def _pairs(value: object, depth: int) -> object:
    """Return a property list's dictionaries as `Pairs`, its numbers as text.

    Two levels are all that is read: below them values may refer to each other, and a copy would be exponential.
    """
    if isinstance(value, dict) and depth:
        return Pairs((str(name), _pairs(inner, depth - 1)) for name, inner in value.items())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Number(value)
    return value


def _members(whole: object) -> tuple[Pairs, Pairs]:
    """Return the variables of all `env` objects, and all members."""
    if not isinstance(whole, Pairs):
        raise ValueError("is not a JSON object")  # noqa: TRY004 - one error type for all broken files
    env: list[tuple[str, Any]] = []
    for inner in whole.values_of("env"):
        if inner is None:
            continue
        if not isinstance(inner, Pairs):
            raise ValueError("has an env that is not an object")  # noqa: TRY004 - as above
        env += inner
    return Pairs(env), whole
