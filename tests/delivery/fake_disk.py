"""A disk with faults: the changing system calls below a directory fail while a fault is on. Everything else is real."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GROWING = ("write",)  # fails on a full disk; renames, deletions and truncation still work
WITHIN_FILES = ("write", "truncate", "ftruncate")  # works in a directory that may not be changed
CHANGING = ("rename", "replace", "unlink", "truncate", "ftruncate", "mkdir", "link", "write")
CREATING = os.O_CREAT | os.O_TRUNC


class FakeDisk:
    """`fault`: None, "full", "read-only", "forbidden" (no change of directories) or "dead" (nothing is written)."""

    def __init__(self, directory: str) -> None:
        self.fault: str | None = None
        self.changes_left: int | None = None  # until the process dies
        self._directory = directory
        self._calls: dict[str, Callable[..., Any]] = {}

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Put the faults in front of the system calls."""
        self._calls = {name: getattr(os, name) for name in (*CHANGING, "open")}
        for name in CHANGING:
            setattr(os, name, self._changing(name))
        os.open = self._open
        try:
            yield
        finally:
            for name, call in self._calls.items():
                setattr(os, name, call)

    @contextmanager
    def dying(self, changes: int | None) -> Iterator[None]:
        """Let the running process make so many changes more, then none; None: until the network kills it."""
        fault, self.changes_left = self.fault, changes
        try:
            yield
        finally:
            self.fault, self.changes_left = fault, None

    def _error(self, *, grows: bool, within: bool = False) -> int | None:
        """Return the error number that a change gets now."""
        if self.changes_left is not None:
            self.changes_left -= 1
            if self.changes_left < 0:
                self.fault = "dead"
        match self.fault:
            case "full":
                return errno.ENOSPC if grows else None
            case "read-only":
                return errno.EROFS
            case "forbidden":
                return None if within else errno.EACCES
            case "dead":
                return errno.EIO
            case _:
                return None

    def _changing(self, name: str) -> Callable[..., Any]:
        call = self._calls[name]

        def changed(target: Any, *rest: Any, **options: Any) -> Any:
            ours = self._is_ours(target)
            number = self._error(grows=name in GROWING, within=name in WITHIN_FILES) if ours else None
            if number is not None:
                raise OSError(number, os.strerror(number))
            return call(target, *rest, **options)

        return changed

    def _open(self, path: Any, flags: int, *rest: Any, **options: Any) -> int:
        creates = flags & os.O_CREAT and not os.path.exists(path)
        ours = flags & CREATING and self._is_ours(path)
        number = self._error(grows=bool(creates), within=not creates) if ours else None
        if number is not None:
            raise OSError(number, os.strerror(number))
        descriptor: int = self._calls["open"](path, flags, *rest, **options)
        return descriptor

    def _is_ours(self, target: Any) -> bool:
        path = os.readlink(f"/proc/self/fd/{target}") if isinstance(target, int) else os.fspath(target)
        return path.startswith(self._directory)
