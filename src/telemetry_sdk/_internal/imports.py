"""One import, or one first build of a part, at a time on any thread; a fork waits for the one under way.

A module that another thread is importing when the process forks stays locked in the child: whoever imports it there
waits for good. The interpreter's import lock, which `os.fork` takes, does not serve: a thread that holds it and waits
for a module which the application is importing stops both (CPython 3.11 to 3.13).
"""

from __future__ import annotations

import _thread
import os
import sys

from .clock import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

FORK_WAIT = 0.05  # seconds that a fork waits at most
NO_LIMIT = float("inf")
PATIENCE = 1.0  # seconds that a caller's thread waits where it must not wait for good, in a signal handler for instance


class ImportLock:
    """A lock that its holder may take again, also from a signal handler. Whoever waits is next.

    `until`: monotonic seconds.
    """

    def __init__(self) -> None:
        self._next = _thread.RLock()  # held while waiting, so that the last holder does not come first again
        self._lock = _thread.RLock()
        self._owner = self._depth = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before_fork, after_in_parent=self._in_parent, after_in_child=self._in_child
            )

    def acquire(self, until: float = NO_LIMIT) -> bool:
        """Take the lock; False if another thread holds it for longer."""
        me = _thread.get_ident()
        if self._owner == me:
            taken = self._lock.acquire()
        elif self._next.acquire(timeout=_left(until)):
            try:
                taken = self._lock.acquire(timeout=_left(until))
            finally:
                self._next.release()
        else:
            return False
        if taken:
            self._depth += 1
            self._owner = me
        return taken

    def release(self) -> None:
        """Give the lock back."""
        self._depth -= 1
        if not self._depth:
            self._owner = 0
        self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _before_fork(self) -> None:
        logged = _logging_lock() is not None
        self.acquire(monotonic() + FORK_WAIT)
        lock = None if logged else _logging_lock()
        if lock is not None:  # loaded meanwhile: of its hooks perhaps only those after the fork will run
            _hold(lock)

    def _in_parent(self) -> None:
        if self._owner == _thread.get_ident():
            self.release()

    def _in_child(self) -> None:
        self._next = _thread.RLock()  # another thread may have waited
        if self._owner == _thread.get_ident():
            self.release()
            return
        holder = self._owner  # the wait was in vain: the holder does not exist here
        self._lock = _thread.RLock()
        self._owner = self._depth = 0
        _finish_imports(holder)


IMPORTS = ImportLock()


def load(name: str, until: float = NO_LIMIT) -> bool:
    """Import a module; False if it is not installed. Raises `TimeoutError` where another thread imports for longer.

    A module that is loaded waits for nobody: `flush` runs on a host's event loop.
    """
    module = sys.modules.get(name)
    if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
        return True
    if not IMPORTS.acquire(until):
        raise TimeoutError("another thread is still importing")
    try:
        __import__(name)
    except ImportError:
        return False
    finally:
        IMPORTS.release()
    return True


def _logging_lock() -> Any:
    """Return logging's lock, which its own hooks take before a fork and release after it; None if it is not loaded."""
    logging = sys.modules.get("logging")
    return getattr(logging, "_lock", None) if hasattr(logging, "LogRecord") else None  # a class after its hooks


def _hold(lock: Any) -> None:
    """Take a lock once, whether this thread has it already or not."""
    try:
        lock.release()
    except RuntimeError:  # not this thread's
        lock.acquire()
    else:
        lock.acquire()


def _finish_imports(thread: int) -> None:
    """Finish what a thread of the parent was importing: its module locks would never be released in the child."""
    locks = vars(sys.modules["_frozen_importlib"]).get("_module_locks", {})  # name -> weak reference to its lock
    held = [name for name, lock in list(locks.items()) if getattr(lock(), "owner", 0) == thread]
    for name in held:
        del locks[name]
    from importlib import reload

    for name in reversed(held):  # what a module imports before itself; the parts that are complete stay as they are
        module = sys.modules.get(name)
        package, _, part = name.rpartition(".")
        try:
            if module is not None:
                reload(module)
            if module is not None and package:
                setattr(sys.modules[package], part, module)
        except Exception:
            sys.modules.pop(name, None)  # imported anew by whoever needs it


def _left(until: float) -> float:
    return -1 if until == NO_LIMIT else max(0.0, until - monotonic())
