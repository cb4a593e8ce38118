"""Private files: directories 0700, files 0600, no link followed, owner and mode checked, atomic replacement."""

from __future__ import annotations

import os
import stat

_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_CLOEXEC: int = getattr(os, "O_CLOEXEC", 0)
_BINARY: int = getattr(os, "O_BINARY", 0)
_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)
_FLAGS = _NOFOLLOW | _CLOEXEC | _BINARY
MAX_READ = 64 << 20  # bytes: beyond any file of ours


class Untrusted(OSError):
    """A place that is not ours alone: another owner, open to others, a link."""


def private_directory(path: str) -> None:
    """Make sure of a directory that only this user can enter.

    Raises `OSError`; `Untrusted` if it is there but a link, another user's, or open to others and not mended.
    """
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass  # judged below, like a new one
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        try:  # noqa: SIM105 - contextlib costs
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass  # another thread or process was first; judged below
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise Untrusted(f"not a directory: {path}")
    if hasattr(os, "geteuid"):
        if found.st_uid != os.geteuid():
            raise Untrusted(f"another user's: {path}")
        if found.st_mode & 0o077:
            os.chmod(path, 0o700)


def is_own_directory(path: str) -> bool:
    """Tell whether a path is a directory of this user's, and no link to one."""
    try:
        found = os.lstat(path)
    except OSError:  # not there
        return False
    ours = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
    return stat.S_ISDIR(found.st_mode) and ours


def create(path: str, *, append: bool = False) -> int:
    """Open a new file for writing and return its descriptor; it must not exist."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS | (os.O_APPEND if append else 0)
    return os.open(path, flags, 0o600)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte, or raise."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def replace(path: str, data: bytes) -> None:
    """Replace a file's content atomically (rename survives kill -9)."""
    spare = _spare(path, data)
    try:
        os.replace(spare, path)
    except BaseException:
        remove(spare)
        raise


def create_whole(path: str, data: bytes) -> bool:
    """Make a file whole or not at all; False if there is one already."""
    spare = _spare(path, data)
    try:
        if os.name == "nt":
            os.rename(spare, path)  # refuses to replace there
        else:
            os.link(spare, path)
    except FileExistsError:
        return False
    finally:
        remove(spare)
    return True


def _spare(path: str, data: bytes) -> str:
    """Write a whole file beside `path`, under a name of its own; return it. Nothing is left if that fails."""
    spare = f"{path}.{os.getpid():x}-{os.urandom(4).hex()}.tmp"
    descriptor = create(spare)
    try:
        try:
            write_all(descriptor, data)
        finally:
            os.close(descriptor)
    except BaseException:
        remove(spare)
        raise
    return spare


def read(path: str, most: int = MAX_READ) -> bytes:
    """Read a private regular file; raises `OSError`, `Untrusted` for a link, a device, or another user's file."""
    descriptor = os.open(path, os.O_RDONLY | _FLAGS | _NONBLOCK)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or (hasattr(os, "geteuid") and found.st_uid != os.geteuid()):
            raise Untrusted(f"not a file of this user's: {path}")
        parts: list[bytes] = []
        while most > 0:
            part = os.read(descriptor, min(most, 1 << 20))
            if not part:
                break
            parts.append(part)
            most -= len(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def remove(path: str) -> bool:
    """Delete a file; tell whether it is gone by this call."""
    try:
        os.unlink(path)
    except OSError:  # already gone, or not ours to delete: the caller counts
        return False
    return True


def names(path: str) -> list[str]:
    """Return the sorted names in a directory; none if it cannot be read."""
    try:
        return sorted(os.listdir(path))
    except OSError:  # not there: nothing waits
        return []
