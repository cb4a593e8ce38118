"""A result that one thread sets and any other awaits: blocking, under asyncio, or under trio.

Setting never blocks. A waiter whose loop is closed or whose task is cancelled does not disturb it.
"""

from __future__ import annotations

import _thread
import sys

from .frozen import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any


class Future(Generic[T]):
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
        """Set the value and wake all waiters; False if there was a result already."""
        return self._finish(value, None)

    def fail(self, error: BaseException) -> bool:
        """Set an error and wake all waiters; False if there was a result already."""
        return self._finish(None, error)

    def result(self) -> T:
        """Return the value or raise the error; `RuntimeError` if neither is there yet."""
        if not self._done:
            raise RuntimeError("not done yet")
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # T may itself be None

    def wait(self, timeout: float | None = None) -> bool:
        """Block until done, at most `timeout` seconds (None: no limit); True when done. Safe at exit."""
        lock = _thread.allocate_lock()
        lock.acquire()
        self._wakers.append(lock.release)
        if self._done:
            return True
        got = lock.acquire(timeout=-1 if timeout is None else min(max(timeout, 0), _thread.TIMEOUT_MAX))
        self._forget(lock.release)
        return got

    async def wait_async(self, timeout: float | None = None) -> bool:
        """Wait until done, at most `timeout` seconds, under asyncio or trio; True when done. May be cancelled.

        The timeout is the running loop's own: no thread waits.
        """
        waiter, waker = _trio_waiter() or _asyncio_waiter()
        self._wakers.append(waker)
        try:
            if not self._done:
                await waiter(timeout)
        finally:
            self._forget(waker)
        return self._done

    def _finish(self, value: T | None, error: BaseException | None) -> bool:
        if not self._once.acquire(blocking=False):
            return False
        self._value, self._error = value, error
        self._done = True  # before the wakers run: who registers from now on looks here first
        while self._wakers:
            try:
                self._wakers.pop()()
            except Exception:  # noqa: S112 - the waiter's loop is gone: nobody waits
                continue
        return True

    def _forget(self, waker: Callable[[], object]) -> None:
        try:
            self._wakers.remove(waker)
        except ValueError:
            return  # it was just called


if TYPE_CHECKING:
    Waiter = Callable[[float | None], Awaitable[Any]]


def _trio_waiter() -> tuple[Waiter, Callable[[], object]] | None:
    trio = sys.modules.get("trio")
    if trio is None:
        return None
    try:
        trio.lowlevel.current_task()
    except (RuntimeError, AttributeError):  # another loop's task, or another thread is importing trio
        return None
    event, token = trio.Event(), trio.lowlevel.current_trio_token()

    async def wait(timeout: float | None) -> None:
        if timeout is None:
            await event.wait()
            return
        with trio.move_on_after(max(0.0, timeout)):
            await event.wait()

    return wait, lambda: token.run_sync_soon(event.set)


def _asyncio_waiter() -> tuple[Waiter, Callable[[], object]]:
    asyncio: Any = sys.modules["asyncio"]  # whose task runs here
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def wake() -> None:
        if not future.done():
            future.set_result(None)

    async def wait(timeout: float | None) -> None:
        timer = None if timeout is None else loop.call_later(max(0.0, timeout), wake)
        try:
            await future
        finally:
            if timer is not None:
                timer.cancel()

    return wait, lambda: loop.call_soon_threadsafe(wake)
