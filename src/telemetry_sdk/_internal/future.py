"""A result that one thread makes and any other awaits: by a lock, under asyncio, or under trio.

The maker never blocks, and a waiter that is gone (its loop closed, its task cancelled) never hurts it.
"""

from __future__ import annotations

import _thread
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Generic, TypeVar

    T = TypeVar("T")
    Signal = tuple[Callable[[], Awaitable[object]], Callable[[], object]]  # what a task awaits; what wakes it

    class _Of(Generic[T]):
        """What is awaited, to the type checker alone: importing typing costs more than the rest."""
else:

    class _Of:
        def __class_getitem__(cls, _: object) -> type:
            return cls

    T = None


class Completion(_Of[T]):
    """A value or an error that comes once. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._once = _thread.allocate_lock()
        self._wakers: list[Callable[[], object]] = []
        self._value: T | None = None
        self._error: BaseException | None = None
        self._done = False

    @property
    def done(self) -> bool:
        """Whether the value or the error is there."""
        return self._done

    def set(self, value: T) -> bool:
        """Give the value and wake all; False if there was a result already."""
        return self._finish(value, None)

    def fail(self, error: BaseException) -> bool:
        """Give an error and wake all; False if there was a result already."""
        return self._finish(None, error)

    def result(self) -> T:
        """Return the value or raise the error; RuntimeError when neither is there yet."""
        if not self._done:
            raise RuntimeError("not done yet")
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # T may itself be None

    def wait(self, timeout: float | None = None) -> bool:
        """Block until done, at most `timeout` seconds (None: for ever); True when done. Safe at exit."""
        lock = _thread.allocate_lock()
        lock.acquire()
        self._wakers.append(lock.release)
        if self._done:
            return True
        got = lock.acquire(timeout=-1 if timeout is None else min(max(timeout, 0), _thread.TIMEOUT_MAX))
        self._forget(lock.release)
        return got

    async def wait_async(self) -> T:
        """Return the value or raise the error, under asyncio or trio; may be cancelled."""
        woken, waker = _trio_signal() or _asyncio_signal()
        self._wakers.append(waker)
        try:
            if not self._done:
                await woken()
        finally:
            self._forget(waker)
        return self.result()

    def _finish(self, value: T | None, error: BaseException | None) -> bool:
        if not self._once.acquire(blocking=False):
            return False
        self._value, self._error = value, error
        self._done = True  # before the wakers run: who registers from now on looks here first
        while self._wakers:
            try:
                self._wakers.pop()()
            except Exception:  # noqa: S112 - a waiter whose loop is gone has nobody left to tell
                continue
        return True

    def _forget(self, waker: Callable[[], object]) -> None:
        try:
            self._wakers.remove(waker)
        except ValueError:
            return  # it was just called


def _trio_signal() -> Signal | None:
    trio = sys.modules.get("trio")
    if trio is None:
        return None
    try:
        trio.lowlevel.current_task()
    except (RuntimeError, AttributeError):  # another loop's task, or another thread is importing it just now
        return None  # imported, but what runs here is not trio
    event, token = trio.Event(), trio.lowlevel.current_trio_token()
    return event.wait, lambda: token.run_sync_soon(event.set)


def _asyncio_signal() -> Signal:
    import asyncio

    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    async def woken() -> None:
        await future

    def wake() -> None:
        if not future.done():
            future.set_result(None)

    return woken, lambda: loop.call_soon_threadsafe(wake)
