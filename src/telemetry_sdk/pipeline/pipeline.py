"""What runs behind the queue: drain, spool and sender of one client. Built at the first record."""

from __future__ import annotations

from time import sleep, time

from .._internal.clock import monotonic
from .._internal.frozen import Frozen
from .._internal.future import Future
from .._internal.raw_records import Item
from .._internal.services import ERRORS, METRICS
from ..losses import CLOSED, NO_NOTICE, OPTED_OUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._internal.lazy import Lazy
    from ..policy.current import CurrentPolicy
    from ..queue import Queue
    from ..sender.send_schedule import Flush
    from ..sender.thread import SenderThread
    from ..spool.interface import Spool
    from .drain import Drain
    from .processors import Processors

IN_FLIGHT = 2 / 3  # of the exit's time is for a request already in flight: 200 of 300 ms
STEP = 0.001  # seconds between two looks at a drain that another thread is in the middle of
THROTTLED = "sample_rate"  # Sentry's word for what was left out on purpose


class Pipeline(Frozen):
    """Every method may be called from any thread; none raises."""

    queue: Queue
    drain: Drain
    processors: Lazy[Processors]
    spool: Lazy[Spool]
    sender: SenderThread
    policy: CurrentPolicy

    def flush(self, flush: Flush) -> None:
        """Complete a flush when all that waits now is spooled; one to the server goes on with the sender."""
        self.drain.flushes.append(flush)
        if self.queue.closed or (self.queue.empty() and not self.queue.wakeup.started):
            self.drain.answer_flushes(last=True)
        else:
            self.queue.wakeup.wake(urgent=True)

    def spool_first(self, timeout: float) -> None:
        """Spool the error that waits first, on this thread, within `timeout` seconds: the crash path.

        The writer may be in the middle of a slice, and may have taken it: after that slice it is on disk.
        """
        until = monotonic() + timeout
        while not self.drain.slice() and not self.queue.empty() and monotonic() < until:
            sleep(STEP)
        self.drain.wait(until - monotonic())

    def withdraw(self, service: str) -> None:
        """Drop what waits of a service in memory and in the spool, and cancel its request."""
        if service not in {METRICS, ERRORS}:
            return
        self.drain.accounts.dropped(OPTED_OUT, self.queue.clear(service))
        self.sender.cancel(service)
        spool = self.spool.built
        if spool is not None:
            spool.discard(service, OPTED_OUT)

    def spool_rest(self, timeout: float) -> bool:
        """Spool what waits, on this thread, within `timeout` seconds; True if nothing is under way any more."""
        until = monotonic() + timeout
        self.queue.wakeup.wake(urgent=True)
        while not self.queue.empty() and monotonic() < until:
            if not self.drain.slice():
                sleep(STEP)
        idle = self.drain.wait(until - monotonic())  # the writer may be in the middle of the last slice
        self._report_throttled()
        return idle

    def close(self, timeout: float, *, send: bool = True, until: float | None = None, patience: float = 0.0) -> bool:
        """Spool what waits, give a request in flight its time, end. True if nothing that was recorded is lost.

        The queue is closed already. `send` False: no request is begun any more; what waits is for another sender.
        `until` (monotonic seconds; default: in `timeout` seconds): when that begins no more. `timeout` 0: a request in
        flight goes on. `patience`: seconds that spooling may take on a busy machine, and reading an answer.
        """
        until = monotonic() + timeout if until is None else until
        if self.queue.wakeup.held:
            return self._drop_held()
        idle = self.spool_rest(max(until - monotonic(), patience))
        self._end_sender(timeout, until, send=send, patience=patience)
        spool = self.spool.built
        if spool is not None and idle:
            spool.close()
        lost = self.queue.counts()[2] + (spool.end() if spool is not None else 0)
        left = self.queue.clear(ERRORS) + self.queue.clear(METRICS)
        if left:  # threads that went on recording, or a drain that is held up
            self.drain.accounts.dropped(CLOSED, left)
        return idle and not (self.drain.lost or lost or left)

    def _drop_held(self) -> bool:
        """Drop what was recorded before the first-run notice was shown; True if there was nothing."""
        held = self.queue.clear(ERRORS) + self.queue.clear(METRICS)
        self.drain.accounts.dropped(NO_NOTICE, held)
        return not held

    def _end_sender(self, timeout: float, until: float, *, send: bool, patience: float) -> None:
        """End the sender. A request that has left gets its time: one that is cut off then is sent twice."""
        spool, sender = self.spool.built, self.sender
        if spool is None or timeout <= 0 or not sender.started:
            sender.end()
            return
        if send and sender.healthy and spool.holds_own():
            closing = sender.schedule.closing = Future()
            sender.wake()
            closing.wait(until - timeout * (IN_FLIGHT if sender.ready else 1 - IN_FLIGHT) - monotonic())
        sender.end()
        sender.end_request(max(until, monotonic() + timeout * IN_FLIGHT), monotonic() + patience)

    def _report_throttled(self) -> None:
        """Send the count of the errors that the throttle dropped and no later one reported."""
        processors = self.processors.built
        dropped = processors.throttled_errors() if processors is not None and self.policy.is_on(ERRORS) else 0
        if dropped:
            discarded = {"reason": THROTTLED, "category": "error", "quantity": dropped}
            item = Item("client_report", {"timestamp": time(), "discarded_events": [discarded]})
            self.queue.errors.put(item)
            self.drain.slice()
