"""The writer: what runs on the thread that the first record starts; asleep when nothing waits."""

from __future__ import annotations

import _thread
from time import sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..queue.queue import Queue
    from .drain import Drain

GATHER = 0.25  # seconds that metrics gather: on disk within 1 s
BREATH = 0.005  # seconds between two slices: the interpreter's own switch interval
CROWD = 5_000  # records waiting: from here on the queue would overflow before the breaths are over


class Writer:
    """Wakes by a lock released once. `begun` runs on the thread first; `drained` after each drain."""

    def __init__(self, queue: Queue, drain: Drain, *, begun: Callable[[], None], drained: Callable[[], None]) -> None:
        self._queue = queue
        self._drain = drain
        self._begun = begun
        self._drained = drained
        self._signal = _thread.allocate_lock()
        self._signal.acquire()
        self._urgent = False
        self._stop = False
        self._told = 0
        self._waiters: list[Callable[[bool], object]] = []
        self.started = False

    def wake(self, urgent: bool) -> None:
        """Let the writer know of a record; from any thread, never waits."""
        self._queue.idle = False
        self._urgent = self._urgent or urgent
        try:
            self._signal.release()
        except RuntimeError:
            return  # signalled already

    def when_empty(self, tell: Callable[[bool], object]) -> None:
        """Call `tell` with True when all that waits now is on disk, with False if some of it cannot be kept."""
        self._waiters.append(tell)
        if self._stop or (self._queue.empty() and not self.started):
            self._answer()
        else:
            self.wake(True)

    def stop(self) -> None:
        """End the thread after its present slice; the exiting thread drains what is left."""
        self._stop = True
        self.wake(True)

    def run(self) -> None:
        """Drain until told to stop: the thread's whole life."""
        self.started = True
        self._begun()
        while not self._stop:
            if self._queue.empty():
                self._sleep()
            elif not self._urgent and not self._queue.errors.records:
                self._signal.acquire(True, GATHER)
            self._urgent = False
            self._work()
        self._answer()

    def _sleep(self) -> None:
        self._queue.idle = True
        if self._queue.empty() and not self._waiters and not self._stop:
            self._signal.acquire()
        self._queue.idle = False

    def _work(self) -> None:
        worked = False
        while not self._stop:
            if self._drain.slice():
                worked = True
            elif self._queue.empty():
                break  # else another thread is at the drain: in a moment again
            if len(self._queue.events.records) < CROWD:
                sleep(BREATH)
        if worked:
            self._drained()
        self._answer()

    def _answer(self) -> None:
        waiters, self._waiters = self._waiters, []
        lost = self._drain.lost
        for tell in waiters:
            tell(lost == self._told)
        if waiters:
            self._told = lost
