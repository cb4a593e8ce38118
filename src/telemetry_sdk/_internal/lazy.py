"""A value built at its first use."""

from __future__ import annotations

import _thread

from .frozen import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Lazy(Generic[T]):
    """Calls a factory once and keeps its value. Safe against threads, a signal handler and, with `reset`, a fork.

    The factory must have no effect outside of its value: a signal handler that interrupts it runs it again, and only
    the first value that is complete is kept.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = _thread.RLock()
        self._value: T | None = None

    def get(self, timeout: float = -1) -> T:
        """Return the value, built now if need be. Raises `TimeoutError` if another thread builds it for longer.

        `timeout`: seconds, -1 for no limit; an exiting thread gives one.
        """
        value = self._value
        if value is not None:
            return value
        lock = self._lock
        if not lock.acquire(timeout=timeout):
            raise TimeoutError("another thread is still building")
        try:
            if self._value is None:
                made = self._make()
                if self._value is None:  # else a signal handler was first
                    self._value = made
            return self._value
        finally:
            lock.release()

    @property
    def built(self) -> T | None:
        """The value, or None if nobody has asked for it."""
        return self._value

    def reset(self) -> None:
        """Forget the value. For the child of a fork, where another thread may have held the lock."""
        self._lock = _thread.RLock()
        self._value = None
