"""The queue between the caller and the writer: raw records in memory, an append each, and the writer's wake-up.

The caller enforces a count only. Full, the oldest record is dropped; the difference of two counters says how many were.
"""

from __future__ import annotations

import _thread
import sys
from time import time

from ._internal.services import ERRORS, METRICS
from .events import BY_CLASS, fields_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Collection, Mapping
    from typing import Any, Protocol

    class Writer(Protocol):
        """The thread that empties the queue."""

        def prepare(self) -> None:
            """Do what must be done on the recording thread, before the first `run` of a process."""
            ...

        def run(self) -> None:
            """Drain until the queue is closed: the life of one thread. Never raises."""
            ...
else:
    from _collections import deque  # the same class, without the package around it

MAX_EVENTS = 90_000  # with the errors 100,000 in all: about 50 MB of small events
MAX_ERRORS = 10_000


class WakeUp:
    """A lock that is released once for each sleep of the writer, whatever the number of records.

    `idle`: the writer sleeps, or has not started; a recording call wakes it only then. `urgent`: do not wait for more.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.held = False
        self.reset()

    def reset(self) -> None:
        """Begin anew, in the child of a fork: the thread is the parent's."""
        self._signal = _thread.allocate_lock()
        self._signal.acquire()
        self._start = _thread.allocate_lock()
        self.idle = True
        self.urgent = False

    @property
    def started(self) -> bool:
        """Whether the writer thread was started."""
        return self._start.locked()

    def hold(self) -> None:
        """Leave records in the queue until `release`."""
        self.held = True

    def release(self) -> None:
        """Begin to drain what waits."""
        if self.held:
            self.held = False
            self.wake(urgent=True)

    def wake(self, urgent: bool = False) -> None:
        """Start or wake the writer; from any thread and from a signal handler, never waits."""
        if self.held:
            return
        self.idle = False
        self.urgent = self.urgent or urgent
        if self._start.acquire(blocking=False):
            self._start_thread()
            return
        try:
            self._signal.release()
        except RuntimeError:
            return  # signalled already

    def sleep(self, timeout: float = -1) -> None:
        """Sleep until woken, at most `timeout` seconds (-1: no limit); for the writer."""
        self._signal.acquire(timeout=timeout)

    def _start_thread(self) -> None:
        try:
            self._writer.prepare()
            _thread.start_new_thread(self._writer.run, ())
        except RuntimeError:  # no thread can be had now: the next record tries again, the exit drains
            self.idle = True
            self._start.release()


class _ServiceQueue:
    """The records of one service: `put` counts, `take` counts, the rest was dropped."""

    def __init__(self, limit: int) -> None:
        self.records: deque[Any] = deque(maxlen=limit)
        self.number = iter(range(sys.maxsize)).__next__  # one step of the interpreter: a counter without a lock
        self._looks = self._base = self.taken = 0

    def put(self, record: object, *, first: bool = False) -> None:
        """Append a record, or put it before all others."""
        if first:
            self.records.appendleft(record)
        else:
            self.records.append(record)
        self.number()

    def take(self, most: int) -> list[Any]:
        """Remove and return the oldest records, at most `most`."""
        taken: list[Any] = []
        pop = self.records.popleft
        try:
            while len(taken) < most:
                taken.append(pop())
        except IndexError:
            pass  # empty: another thread may put or drop in between, so the length is not asked first
        self.taken += len(taken)
        return taken

    def recorded(self) -> int:
        """Read the counter; each look advances it by one, which is taken off again."""
        self._looks += 1
        return self.number() - self._base - self._looks + 1

    def reset(self) -> None:
        """Drop all records and begin to count anew."""
        self.records.clear()
        self._looks = self.taken = 0
        self._base = self.number() + 1


class Queue:
    """Events and errors on their way to the writer. `services`: those whose records are taken."""

    def __init__(
        self, wakeup: WakeUp, services: Collection[str], *, events: int = MAX_EVENTS, errors: int = MAX_ERRORS
    ) -> None:
        self.events = _ServiceQueue(events)
        self.errors = _ServiceQueue(errors)
        self.wakeup = wakeup
        self.takes_metrics = METRICS in services
        self.takes_errors = ERRORS in services
        self.closed = False
        self.late = 0  # records of the services that were on, after `close`
        self._closed_services: frozenset[str] = frozenset()
        self._counting = _thread.RLock()  # a signal handler may run in between
        self._append = self.events.records.append
        self._number = self.events.number  # one call less for each event

    def put_event(self, event: object, value: object, metadata: Mapping[str, object] | None) -> None:
        """Append an event; a later change of `metadata` does not count."""
        if not self.takes_metrics:
            self._count_late(METRICS)
            return
        declaration = None if type(event) is str else BY_CLASS.get(id(type(event)))
        if declaration is None:
            self._append((time(), event, value, metadata.copy() if type(metadata) is dict else metadata))
        else:
            self._append((time(), declaration, value, fields_of(event)))  # not the instance: a sixth of the memory
        self._number()
        if self.wakeup.idle:
            self.wakeup.wake()

    def put_error(self, raw: object, *, first: bool = False) -> None:
        """Append a snapshot, or an item of Sentry's SDK, and wake the writer. `first`: a crash."""
        if not self.takes_errors:
            self._count_late(ERRORS)
            return
        self.errors.put(raw, first=first)
        self.wakeup.wake(urgent=True)

    def refuse(self, *services: str) -> None:
        """Take no more records of these services."""
        for service in services:
            if service == METRICS:
                self.takes_metrics = False
            elif service == ERRORS:
                self.takes_errors = False

    def accept(self, service: str) -> None:
        """Take records of a service again, unless the queue is closed."""
        if service == METRICS:
            self.takes_metrics = not self.closed
        elif service == ERRORS:
            self.takes_errors = not self.closed

    def close(self) -> None:
        """Take no more records at all: the drain has an end."""
        if not self.closed:
            taken = {METRICS: self.takes_metrics, ERRORS: self.takes_errors}
            self._closed_services = frozenset(name for name, takes in taken.items() if takes)
        self.closed = True
        self.refuse(METRICS, ERRORS)

    def _count_late(self, service: str) -> None:
        if service in self._closed_services:
            with self._counting:
                self.late += 1

    def reset(self) -> None:
        """Drop all records and counts, in the child of a fork."""
        self.late = 0
        self.events.reset()
        self.errors.reset()
        self.wakeup.reset()

    def empty(self) -> bool:
        """Tell whether nothing waits."""
        return not self.events.records and not self.errors.records

    def counts(self) -> tuple[int, int, int]:
        """Return (recorded, queued, dropped because the queue was full), exact at rest."""
        with self._counting:
            recorded = taken = queued = 0
            for line in (self.events, self.errors):
                queued += len(line.records)
                taken += line.taken
                recorded += line.recorded()
            return recorded, queued, max(0, recorded - taken - queued)

    def clear(self, service: str) -> int:
        """Remove all that waits of one service; return how many records."""
        line = self.events if service == METRICS else self.errors
        return len(line.take(len(line.records)))
