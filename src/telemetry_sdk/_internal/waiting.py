"""Waiting on any loop for what another thread does, without loading a library for it."""

from __future__ import annotations

import _thread

from .future import Completion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


async def bounded(completion: Completion[bool], timeout: float) -> bool:
    """Return the completion's value, or False after `timeout` seconds."""
    if not completion.done:

        def watch() -> None:
            if not completion.wait(timeout):
                completion.set(False)

        _thread.start_new_thread(watch, ())
    return await completion.wait_async()


async def in_thread(work: Callable[[], T]) -> T:
    """Run a short blocking call beside the loop and return its result."""
    completion: Completion[T] = Completion()

    def run() -> None:
        try:
            completion.set(work())
        except BaseException as error:
            completion.fail(error)

    _thread.start_new_thread(run, ())
    return await completion.wait_async()
