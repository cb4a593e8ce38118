"""The writer thread: drains the queue, asleep when nothing waits."""

from __future__ import annotations

from time import sleep

from .drain import CROWD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from .._internal.diagnostics import Diagnostics
    from ..queue import Queue
    from ..sender.send_schedule import Flush
    from ..sender.thread import Sender
    from .drain import Drain

    class DrainListener(Protocol):
        """What runs on the writer's thread after records were spooled."""

        def drained(self) -> None:
            """Do something short."""
            ...


GATHER = 0.25  # seconds that metrics gather: on disk within 1 s
PAUSE = 0.005  # seconds between two slices: the interpreter's own switch interval


class Writer:
    """`listeners` hear of each drain."""

    def __init__(
        self,
        queue: Queue,
        drain: Drain,
        sender: Sender,
        listeners: Sequence[DrainListener],
        diagnostics: Diagnostics,
    ) -> None:
        self._queue = queue
        self._drain = drain
        self._sender = sender
        self._diagnostics = diagnostics
        self._lost_before = 0
        self._flushes: list[Flush] = []
        self._listeners = listeners

    def flush(self, flush: Flush) -> None:
        """Complete a flush when all that waits now is spooled; one to the server goes on with the sender."""
        self._flushes.append(flush)
        if self._queue.closed or (self._queue.empty() and not self._queue.wakeup.started):
            self._answer()
        else:
            self._queue.wakeup.wake(urgent=True)

    def run(self) -> None:
        """Drain until the queue is closed; the exiting thread drains what is left."""
        self._sender.start()
        while not self._queue.closed:
            self._wait()
            self._queue.wakeup.urgent = False
            self._work()
        self._answer()

    def _wait(self) -> None:
        """Sleep until there is a record; let metrics gather."""
        queue, wakeup = self._queue, self._queue.wakeup
        if not (queue.events.records or queue.errors.records):
            wakeup.idle = True
            if queue.empty() and not self._flushes and not queue.closed:
                wakeup.sleep()
            wakeup.idle = False
        elif not wakeup.urgent and not queue.errors.records:
            wakeup.sleep(GATHER)

    def _work(self) -> None:
        worked = False
        while not self._queue.closed:
            if self._drain.slice():
                worked = True
            elif not (self._queue.events.records or self._queue.errors.records):
                break  # else another thread drains: in a moment again
            if len(self._queue.events.records) < CROWD:
                sleep(PAUSE)
        if worked:
            self._tell_listeners()
        self._answer()

    def _tell_listeners(self) -> None:
        for listener in self._listeners:
            try:
                listener.drained()
            except Exception as error:  # the writer lives on
                self._diagnostics.failed(error)

    def _answer(self) -> None:
        flushes, self._flushes = self._flushes, []
        lost = self._drain.lost
        for flush in flushes:
            kept = lost == self._lost_before
            if not kept or flush.to == "spool":
                flush.future.set(kept and self._drain.on_disk)
            if flush.to == "server":
                self._sender.flush(flush)
        if flushes:
            self._lost_before = lost
