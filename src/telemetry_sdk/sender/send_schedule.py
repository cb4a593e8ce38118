"""When the sender has something to do: cadence, flushes, jobs, the end. Plain values, shared by all threads."""

from __future__ import annotations

from .._internal.clock import monotonic
from .._internal.future import Future
from .._internal.services import ERRORS, METRICS, RECORDED
from ..spool.batch import BATCH_EVENTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping
    from typing import Any

    from ..egress.client import Egress

CADENCE = 30.0  # seconds that metrics gather for a request
BUSY = 0.5  # seconds until the next look at what others may have sent or left: the lock, a flush's records


class Flush:
    """A caller waits until everything is spooled (`to` "spool") or delivered ("server"), at most `timeout` seconds."""

    def __init__(self, to: str, timeout: float, clock: Callable[[], float] = monotonic) -> None:
        self.to = to
        self.spooled = False  # whether the records before it are
        self.lost = False  # whether one of them could not be written: it is false, once the rest is delivered
        self.next_look = 0.0  # when the sender looks again for records that this run did not count; monotonic seconds
        self.future: Future[bool] = Future()
        self.deadline = clock() + timeout


class Job:
    """Work for the sender's event loop. `cancel` is set while it runs."""

    def __init__(self, work: Callable[[Egress], Awaitable[Any]]) -> None:
        self.work = work
        self.future: Future[Any] = Future()
        self.cancel: Callable[[], object] | None = None


class SendSchedule:
    """Every operation is a single step or may be repeated, so no lock is needed.

    `begin`: when the network may be needed at the earliest, unless somebody waits; `clock`: monotonic seconds.
    """

    def __init__(self, begin: float = 0.0, clock: Callable[[], float] = monotonic) -> None:
        self._begin = begin
        self._clock = clock
        self._spooled = dict.fromkeys(RECORDED, 0)  # records ever; changed by the drain only
        self._cleared = dict.fromkeys(RECORDED, 0)  # of these, no longer waiting; changed by the sender only
        self._since = dict.fromkeys(RECORDED, 0.0)
        self._not_before = 0.0  # monotonic seconds
        self._part_handed_over = -CADENCE  # the last time, of a segment that was not full
        self.flushes: list[Flush] = []
        self.jobs: list[Job] = []
        self.closing: Future[None] | None = None
        self.ended = False
        self.left_by_others = False  # another process left records to this sender

    def add(self, service: str, count: int) -> bool:
        """Count spooled records; True if a request may be due sooner than before."""
        before = self._waiting(service)
        if not before:
            self._since[service] = self._clock()
        self._spooled[service] += count
        return not before or service == ERRORS or before < BATCH_EVENTS <= before + count

    def spooled(self, service: str) -> int:
        """Return how many records of a service were spooled up to now."""
        return self._spooled[service]

    def cleared(self, service: str, spooled: int) -> None:
        """Note that the first `spooled` records of a service wait no more; later ones have just begun to."""
        self._cleared[service] = spooled
        self._since[service] = self._clock()

    def looked(self) -> None:
        """Note that a burst had the lock: what still waits is in back-off, or another process sends it."""
        for flush in self.flushes:
            flush.next_look = self._clock() + BUSY

    def complete_flushes(self, *, delivered: bool) -> None:
        """Answer all flushes: nothing of this run waits any more."""
        while self.flushes:
            flush = self.flushes.pop()
            flush.future.set(delivered and not flush.lost)

    def postpone(self) -> None:
        """Wait a moment: another process's sender holds the lock, or a burst failed."""
        self._not_before = self._clock() + BUSY

    @property
    def postponed(self) -> bool:
        """Whether the lock was not to be had yet."""
        return self._not_before > 0.0

    @property
    def pressing(self) -> bool:
        """Whether somebody waits: cadence and pace are put aside."""
        now = self._clock()
        for flush in [flush for flush in self.flushes if flush.deadline < now or flush.future.done]:
            self.flushes.remove(flush)
            flush.future.set(False)
        return bool(self.flushes) or self.closing is not None or self.left_by_others

    @property
    def all_due(self) -> bool:
        """Whether the events of a batch that is not full are due too: somebody waits, or the cadence is over."""
        age = self._clock() - self._since[METRICS]
        return self.pressing or (self._waiting(METRICS) > 0 and age >= CADENCE)

    def hand_over_part(self) -> bool:
        """Tell whether a segment that is not full is to be handed over, and note it.

        Once in a cadence, unless somebody waits: the other process may not send it at once.
        """
        now = self._clock()
        due = self.pressing or (self.all_due and now - self._part_handed_over >= CADENCE)
        self._part_handed_over = now if due else self._part_handed_over
        return due

    def delay(self, service: str, wait: float) -> float | None:
        """Return the seconds until a request of this service is due, at least `wait` (back-off); None: none is."""
        count, now, pressing = self._waiting(service), self._clock(), self.pressing
        if not count and self.closing is None and not self.left_by_others:
            return None
        gathering = service == METRICS and count < BATCH_EVENTS and not pressing
        due = self._since[service] + CADENCE if gathering else 0.0
        return max(0.0, due - now, wait, self._not_before - now)

    def first_delay(self) -> float | None:
        """Return the seconds until the network is needed for the first time; None: nothing waits."""
        if self.jobs or self.closing is not None:
            return 0.0
        if self.pressing:
            return max(0.0, self._not_before - self._clock())
        delay = self.next_delay({})
        return None if delay is None else max(delay, self._begin - self._clock())

    def next_delay(self, waits: Mapping[str, float]) -> float | None:
        """Return the seconds until the next request is due; None: none is. `waits`: of the back-off, by service."""
        delays = [self.delay(service, waits.get(service, 0.0)) for service in RECORDED]
        if self.flushes:  # back-off or not: what they wait for may be deleted, or sent by another process
            now = self._clock()
            delays.append(max(0.0, min(flush.next_look for flush in self.flushes) - now, self._not_before - now))
        return min((delay for delay in delays if delay is not None), default=None)

    def due(self, waits: Mapping[str, float], listed: Collection[str]) -> list[tuple[str, int]]:
        """Return the services of which a request is due, each with the number of records spooled up to now.

        A request each: an error does not wait for a backlog of events. `listed`: the services of which other runs may
        have left something, which goes with the first request of this run.
        """
        own = [service for service in RECORDED if self._waiting(service) and self.delay(service, waits[service]) == 0.0]
        others = [service for service in listed if not self._waiting(service) and self._may_send(waits[service])]
        return [(service, self._spooled[service]) for service in RECORDED if service in {*own, *others}]

    def _may_send(self, wait: float) -> bool:
        return wait == 0.0 and self._not_before <= self._clock()

    def _waiting(self, service: str) -> int:
        return self._spooled[service] - self._cleared[service]
