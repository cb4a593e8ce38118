"""queue -> processors -> spool: plain synchronous code under one try-lock, in slices.

The writer thread runs it, at exit the exiting thread, in a crash the hook. It imports nothing heavy.
"""

from __future__ import annotations

import _thread

from .._internal.clock import monotonic
from .._internal.compact_json import compact
from .._internal.services import ERRORS, METRICS, RECORDED
from ..losses import OPTED_OUT, SANITIZER_FAILED, SPOOL_FAILED, TOO_LARGE, LossReason
from ..spool import record_format
from ..spool.batch import BATCH_EVENTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Mapping
    from typing import Any

    from .._internal.diagnostics import Diagnostics
    from .._internal.lazy import Lazy
    from ..policy.current import CurrentPolicy
    from ..queue import Queue
    from ..sender.send_schedule import Flush
    from ..sender.thread import SenderThread
    from ..spool.interface import Spool
    from .processors import Processors
else:
    from _collections import deque  # the same class, without the package around it

SLICE_EVENTS = 50  # about 0.3 ms: the host's loop lags hardly more than without us
GROWING = 2_000  # events waiting from which on a slice grows with the queue
LARGEST_SLICE = 800  # events, about 5 ms: the interpreter's own switch interval
SLICE_ERRORS = 2
CHECK = 0.05  # seconds for which others' revocations, once read, count in a backlog: each look is a `stat`
RECENT_ERRORS = 10  # clean errors that a bug report may hold


class Accounts:
    """Spooled and dropped records of one process; not touched while a record fits into the queue."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self._lock = _thread.RLock()  # a signal handler may run in between
        self._spooled: dict[str, int] = {}
        self._dropped: dict[str, int] = {}

    def spooled(self, service: str, count: int = 1) -> None:
        """Count records written to the spool."""
        with self._lock:
            self._spooled[service] = self._spooled.get(service, 0) + count

    def dropped(self, reason: LossReason, count: int = 1) -> None:
        """Count dropped records."""
        if not count:
            return
        self._diagnostics.dropped(reason, count)
        with self._lock:
            self._dropped[reason] = self._dropped.get(reason, 0) + count

    def totals(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Return copies: spooled by service, dropped by reason."""
        with self._lock:
            return dict(self._spooled), dict(self._dropped)


class Drain:
    """Every record taken from the queue is spooled or dropped for a reason."""

    def __init__(
        self,
        queue: Queue,
        processors: Lazy[Processors],
        spool: Lazy[Spool],
        sender: SenderThread,
        policy: CurrentPolicy,
        diagnostics: Diagnostics,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._queue = queue
        self._processors = processors
        self._spool = spool
        self._sender = sender
        self._policy = policy
        self._diagnostics = diagnostics
        self._lock = _thread.allocate_lock()
        self.accounts = Accounts(diagnostics)
        self.lost = 0  # records that could not be written
        self._lost_before = 0  # of these, before the last flush
        self._clock = clock
        self._checked = dict.fromkeys(RECORDED, -CHECK)  # when the policy was asked
        self.flushes: list[Flush] = []
        self.recent_errors: deque[dict[str, Any]] = deque(maxlen=RECENT_ERRORS)

    def slice(self) -> int:
        """Handle a few records; return how many, 0 when the queue is empty or another thread drains."""
        if not self._lock.acquire(blocking=False):
            return 0
        try:
            handled = self._errors() if self._queue.errors.records else 0
            handled += self._events() if self._queue.events.records else 0
            self._mark_flushes()
            return handled
        finally:
            self._lock.release()

    @property
    def on_disk(self) -> bool:
        """Whether the spool is on disk, as far as is known."""
        spool = self._spool.built
        return spool is None or spool.path is not None

    def wait(self, timeout: float) -> bool:
        """Wait, at most `timeout` seconds, until no other thread is within a slice."""
        if not self._lock.acquire(timeout=max(0.0, timeout)):
            return False
        self._lock.release()
        return True

    def answer_flushes(self, *, last: bool = False) -> None:
        """Complete the flushes whose records are spooled; those to the server go on with the sender.

        `last`: nobody drains for them any more, so the others are false.
        """
        if last and self._lock.acquire(blocking=False):
            self._mark_flushes()
            self._lock.release()
        lost, answered = self.lost, False
        for flush in list(self.flushes):
            if not (flush.spooled or last):
                continue
            try:
                self.flushes.remove(flush)
            except ValueError:  # another thread answers it
                continue
            answered = True
            kept = flush.spooled and lost == self._lost_before
            if flush.to == "spool" or not flush.spooled:
                flush.future.set(kept and self.on_disk)
            if flush.to == "server":
                flush.lost = not kept
                self._sender.flush(flush)
        if answered:
            self._lost_before = lost

    def _mark_flushes(self) -> None:
        """Note that the records of flushes are spooled, if the queue is empty. The caller holds the lock."""
        flushes = list(self.flushes)  # before the look at the queue: records put later belong to later flushes
        if flushes and self._queue.empty():
            for flush in flushes:
                flush.spooled = True

    def _errors(self) -> int:
        taken = self._queue.errors.take(SLICE_ERRORS)
        for payload in self._cleaned(ERRORS, taken, record_format.MAX_ERROR):
            self._write(ERRORS, [payload])
        return len(taken)

    def _events(self) -> int:
        taken = self._queue.events.take(self._slice_size())
        payloads = self._cleaned(METRICS, taken, record_format.MAX_EVENT)
        if payloads:
            self._write(METRICS, payloads)
        return len(taken)

    def _slice_size(self) -> int:
        """Return how many events to take: no more than fit into the open segment, so that each request is full."""
        spool = self._spool.built
        segment = spool.open_count if spool is not None else 0
        return min(slice_size(len(self._queue.events.records)), BATCH_EVENTS - segment % BATCH_EVENTS)

    def _cleaned(self, service: str, taken: list[Any], limit: int) -> list[bytes]:
        """Return clean records as JSON, of at most `limit` bytes each; count why the others are dropped."""
        self._check(service)
        if self._policy.is_withdrawn(service):
            self.accounts.dropped(OPTED_OUT, len(taken))
            return []
        payloads: list[bytes] = []
        for raw in taken:
            payload = self._processed(service, raw)
            if isinstance(payload, LossReason):
                self.accounts.dropped(payload)
            elif len(payload) > limit:
                self.accounts.dropped(TOO_LARGE)
            else:
                payloads.append(payload)
        return payloads

    def _check(self, service: str) -> None:
        """Ask the policy: once in 50 ms of a backlog, and for its last slice, which may be its only one."""
        now = self._clock()
        waits = self._queue.errors.records if service == ERRORS else self._queue.events.records
        if not waits or now - self._checked[service] >= CHECK:
            self._checked[service] = now
            self._policy.check(service)

    def _processed(self, service: str, raw: Any) -> bytes | LossReason:
        """Return a record through all processors as JSON, or why it is dropped."""
        try:
            processors = self._processors.get()
            if service == METRICS:
                return processors.event(raw)
            record = processors.error(raw)
            if isinstance(record, LossReason):
                return record
            payload = compact(record)
        except Exception as error:  # fail closed
            self._diagnostics.failed(error)
            return SANITIZER_FAILED
        if "exceptions" in record and len(payload) <= record_format.MAX_ERROR:
            self.recent_errors.append(record)
        return payload

    def _write(self, service: str, payloads: list[bytes]) -> None:
        number = len(payloads)
        try:
            spool = self._spool.get()
            reason = spool.append(service, payloads)
            if self._policy.is_withdrawn(service):  # while these were on their way
                spool.discard(service, OPTED_OUT)
        except Exception as error:
            self._diagnostics.failed(error)
            reason = SPOOL_FAILED
        if reason is None:
            self.accounts.spooled(service, number)
            if self._sender.schedule.add(service, number):
                self._sender.wake()
        else:
            self.accounts.dropped(reason, number)
            self.lost += number


def slice_size(waiting: int) -> int:
    """Return how many events a slice handles while so many wait."""
    return min(LARGEST_SLICE, max(SLICE_EVENTS, SLICE_EVENTS * waiting // GROWING))
