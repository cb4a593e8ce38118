"""A file lock that ends with its process: held by a descriptor, checked by inode."""

from __future__ import annotations

import os
import sys

from .files import remove

TYPE_CHECKING = False

if sys.platform == "win32":
    import msvcrt

    _OFFSET = 1 << 40  # bytes: locks are mandatory there, and must not cover what others read

    def _hold(descriptor: int) -> None:
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, at, os.SEEK_SET)
else:
    import fcntl

    def _hold(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_OPEN: int = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)

_HELD: set[FileLock] = set()  # all locks of this process


def release_all() -> None:
    """Close this process's copies of all locks. For the child of a fork; the parent goes on holding them."""
    for lock in list(_HELD):
        lock.release()


def try_lock(descriptor: int, path: str) -> bool:
    """Lock an open file without waiting; False if another holds it or `path` is another file by now.

    Raises `OSError` where locks do not work (some network file systems).
    """
    try:
        _hold(descriptor)
    except (BlockingIOError, PermissionError):
        return False
    try:
        at, opened = os.stat(path), os.fstat(descriptor)
    except OSError:  # deleted between opening and locking
        return False
    return (at.st_ino, at.st_dev) == (opened.st_ino, opened.st_dev)


class FileLock:
    """An exclusive lock on the file `path`, never waited for. `descriptor`: one that another process locked for us."""

    def __init__(self, path: str, descriptor: int | None = None) -> None:
        self.path = path
        self._descriptor = descriptor

    @property
    def descriptor(self) -> int | None:
        """The locked file's descriptor, while the lock is held."""
        return self._descriptor

    def acquire(self, *, create: bool = True) -> bool:
        """Try to take the lock; False if another holds it, or, without `create`, if there is no such file.

        Raises `OSError` where locks do not work.
        """
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self.path, _OPEN | (os.O_CREAT if create else 0), 0o600)
        except FileNotFoundError:
            if create:
                raise
            return False
        locked = False
        try:
            locked = try_lock(descriptor, self.path)
        finally:
            if not locked:
                os.close(descriptor)
        if locked:
            self._descriptor = descriptor
            _HELD.add(self)
        return locked

    def release(self, *, delete: bool = False) -> None:
        """Release the lock; with `delete` the file goes first, so that nobody locks a name that is gone."""
        descriptor, self._descriptor = self._descriptor, None
        _HELD.discard(self)
        if descriptor is None:
            return
        if delete:
            remove(self.path)
        os.close(descriptor)
