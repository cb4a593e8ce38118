"""Reads files that the user names; writes private files atomically."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.exceptions import DraftError
from telemetry_sdk.storage import files

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


@contextmanager
def open_regular_file(path: str | os.PathLike[str]) -> Generator[IO[bytes]]:
    """Open a regular file for reading. Raises DraftError for anything else."""
    name = safe_name(path)
    try:
        if os.path.islink(path):  # for platforms without O_NOFOLLOW
            raise DraftError(f"{name!r} is a link: pass the path of the file itself")
        descriptor = os.open(path, _READ)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is malformed"
        raise DraftError(f"{name!r} cannot be read: {reason}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DraftError(f"{printable(os.fsdecode(path))!r} is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        yield file


def safe_name(path: str | os.PathLike[str]) -> str:
    """Return the file's name without its directory and without characters special to terminals or file systems."""
    name = os.fsdecode(path).replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = "".join(c if c.isprintable() and c not in ':*?"<>|' else "_" for c in name)[:128]
    return name if name.strip(". ") else "file"


def write_atomically(path: str, data: Iterable[bytes]) -> None:
    """Write the pieces of a private file atomically; file and directory are synced when this returns.

    The directory must exist. Raises OSError.
    """
    temporary = f"{path}.{os.urandom(8).hex()}.tmp"
    descriptor = files.create(temporary)
    try:
        try:
            for piece in data:
                files.write_all(descriptor, piece)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        files.remove(temporary)
        raise
    _sync_directory(os.path.dirname(path) or ".")


def _sync_directory(path: str) -> None:
    if os.name == "nt":  # directories cannot be opened there
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_subdirectory(state_dir: str, name: str) -> str:
    """Return a private directory in the state directory; create it if needed. Raises OSError."""
    files.private_state_directory(state_dir)
    path = os.path.join(state_dir, name)
    files.private_directory(path)
    return path
