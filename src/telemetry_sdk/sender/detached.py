"""The detached sender: sends what ended programs left in their state directories, then ends.

It looks once a second for what later programs left. It ends 5 s after the last of it, 60 s after its start at the
latest, and at once when it is told to or its files are gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from telemetry_sdk._internal.event_loop import new_loop, run

from .._internal.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .directory_sender import DirectorySender

LOOK = 1.0  # seconds between two looks for what later programs left
STOP_LOOK = 0.5  # seconds between two looks at whether it is to end
IDLE = 5.0  # seconds without a record after which it ends
LIFE = 60.0  # seconds; the watchdog of the process stands behind it
HOLD = 45.0  # seconds after the start: later a program that ends may begin the next sender
LAST_REQUEST = 50.0  # seconds after the start: a request ends within 10


class DetachedSender:
    """Serves one directory. `stop`: whether it has to end."""

    def __init__(
        self, directory: DirectorySender, stop: Callable[[], bool], *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._directory = directory
        self._stop = stop
        self._clock = clock
        self._began = clock()

    async def run(self) -> None:
        """Send until there is nothing left to do."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._watch, tasks.cancel_scope)
                await self._serve()
                tasks.cancel_scope.cancel()
        finally:
            await self._directory.aclose()

    async def _watch(self, scope: anyio.CancelScope) -> None:
        """Begin no request near the end; cancel what is under way when the sender has to end."""
        while self._age() < LIFE and not self._stop():
            if self._age() >= LAST_REQUEST:
                self._directory.schedule.ended = True
            await anyio.sleep(STOP_LOOK)
        scope.cancel()

    async def _serve(self) -> None:
        last = self._clock()
        while self._age() < LAST_REQUEST:
            if await self._directory.send():
                last = self._clock()
            wait = self._directory.wait()
            stays = wait is not None and self._age() + wait < HOLD
            idle = wait is not None or self._clock() - last >= IDLE or self._age() >= HOLD
            if idle and not stays and not self._directory.let_go():
                return
            await anyio.sleep(min(LOOK, wait) if wait else LOOK)  # after an outage errors go two a second

    def _age(self) -> float:
        return self._clock() - self._began


def serve(senders: Sequence[DetachedSender]) -> None:
    """Run them side by side, in one event loop: one that has to end, or fails, ends no other.

    Raises the first failure when all have ended.
    """
    run(new_loop(), together(senders))


async def together(senders: Sequence[DetachedSender]) -> None:
    """Run them in the event loop of the caller; as `serve`."""
    failed: list[Exception] = []

    async def run_one(sender: DetachedSender) -> None:
        try:
            await sender.run()
        except Exception as error:  # of its directory: the others are sent
            failed.append(error.exceptions[0] if isinstance(error, ExceptionGroup) else error)

    async with anyio.create_task_group() as tasks:
        for sender in senders:
            tasks.start_soon(run_one, sender)
    if failed:
        raise failed[0]
