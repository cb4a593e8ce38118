"""Runs a blocking call beside the caller's event loop, without loading a library for it."""

from __future__ import annotations

import _thread

from .future import Future

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run a short blocking call in a thread of its own and return its result."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set(work())
        except BaseException as error:
            future.fail(error)

    _thread.start_new_thread(run, ())
    await future.wait_async()
    return future.result()
