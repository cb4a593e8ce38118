"""A value built at its first use."""

from __future__ import annotations

from .clock import monotonic
from .frozen import Generic, T
from .imports import IMPORTS, NO_LIMIT, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Lazy(Generic[T]):
    """Calls a factory once and keeps its value. Safe against threads, a signal handler and a fork.

    One factory runs at a time, under the lock that a fork waits for. `modules` are imported before, each by itself, so
    that the fork need not wait for all of them; the first of a group that is not installed ends it. A factory must have
    no effect outside of its value: a signal handler that interrupts it runs it again, and the first complete value is
    kept.
    """

    def __init__(self, make: Callable[[], T], modules: Sequence[Sequence[str]] = ()) -> None:
        self._make = make
        self._modules = modules
        self._value: T | None = None

    def get(self, timeout: float = -1) -> T:
        """Return the value, built now if need be. Raises `TimeoutError` if another thread builds for longer.

        `timeout`: seconds, -1 for no limit; an exiting thread gives one.
        """
        value = self._value
        if value is not None:
            return value
        until = NO_LIMIT if timeout < 0 else monotonic() + timeout
        for group in self._modules:
            all(load(name, until) for name in group)
        if not IMPORTS.acquire(until):
            raise TimeoutError("another thread is still building")
        try:
            if self._value is None:
                made = self._make()
                if self._value is None:  # else a signal handler was first
                    self._value = made
            return self._value
        finally:
            IMPORTS.release()

    @property
    def built(self) -> T | None:
        """The value, or None if nobody has asked for it."""
        return self._value

    def reset(self) -> None:
        """Forget the value, in the child of a fork: it belongs to the parent."""
        self._value = None
