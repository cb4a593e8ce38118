"""A lock file that dies with its process: held by a descriptor, checked by inode."""

from __future__ import annotations

import os
import sys

from .files import remove

TYPE_CHECKING = False

if sys.platform == "win32":
    import msvcrt

    def _hold(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _hold(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_OPEN: int = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


_HELD: set[FileLock] = set()  # the registry of what this process holds


def forget_held() -> None:
    """After a fork, in the child: close our copies of all locks; the parent goes on holding them."""
    for lock in list(_HELD):
        lock.release()


class FileLock:
    """An exclusive lock on `path`, never waited for."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, *, create: bool = True) -> bool:
        """Try to take the lock; False if another holds it (or, with `create=False`, there is none to take).

        Raises `OSError` where locks do not work (some network file systems).
        """
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self.path, _OPEN | (os.O_CREAT if create else 0), 0o600)
        except FileNotFoundError:
            if create:
                raise
            return False
        try:
            _hold(descriptor)
        except (BlockingIOError, PermissionError):
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        if not self._is_still(descriptor):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        _HELD.add(self)
        return True

    def release(self, *, delete: bool = False) -> None:
        """Let go; with `delete` the file goes too (while still held, so that nobody takes a dead name)."""
        descriptor, self._descriptor = self._descriptor, None
        _HELD.discard(self)
        if descriptor is None:
            return
        if delete:
            remove(self.path)
        os.close(descriptor)

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def _is_still(self, descriptor: int) -> bool:
        """Tell whether the path still leads to the file that we locked."""
        try:
            at, ours = os.stat(self.path), os.fstat(descriptor)
        except OSError:  # deleted between opening and locking
            return False
        return (at.st_ino, at.st_dev) == (ours.st_ino, ours.st_dev)
