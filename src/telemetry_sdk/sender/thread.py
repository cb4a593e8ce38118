"""The sender's thread: a daemon that sleeps on a lock and imports nothing until there is something to send."""

from __future__ import annotations

import _thread

from .._internal.clock import monotonic
from .._internal.switch_interval import ShortSwitchInterval
from ..exceptions import TelemetryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._internal.diagnostics import Diagnostics
    from .._internal.lazy import Lazy
    from .busy_host import BusyHost
    from .send_loop import SendLoop
    from .send_schedule import Flush, Job, SendSchedule


IMPORT_INTERVAL = 0.0002  # seconds between two switches of the interpreter while modules are loaded


class SenderThread:
    """Starts the thread and wakes it. `loop` is built on that thread, when the network is needed for the first time."""

    def __init__(
        self,
        schedule: SendSchedule,
        loop: Lazy[SendLoop],
        diagnostics: Diagnostics,
        host: BusyHost | None = None,
    ) -> None:
        self.schedule = schedule
        self._host = host
        self._loop = loop
        self._diagnostics = diagnostics
        self._signal = _thread.allocate_lock()
        self._signal.acquire()
        self._start = _thread.allocate_lock()

    @property
    def started(self) -> bool:
        """Whether the thread was started."""
        return self._start.locked()

    @property
    def at_work(self) -> bool:
        """Whether it may hold the sender's lock: it lets go of it by itself."""
        loop = self._loop.built
        return loop is not None and loop.at_work

    @property
    def ready(self) -> bool:
        """Whether what a request needs is loaded."""
        return self._loop.built is not None

    @property
    def healthy(self) -> bool:
        """Whether the last request succeeded, or none was tried yet."""
        loop = self._loop.built
        return loop is None or loop.healthy

    def start(self) -> None:
        """Start the thread, once. Where no thread can be had any more (exit), the calling thread does the work."""
        if not self._start.acquire(blocking=False):
            return
        try:
            _thread.start_new_thread(self.run, ())
        except RuntimeError:
            self.run()

    def flush(self, flush: Flush) -> None:
        """Send all that waits now; the flush is complete when nothing of this run waits any more."""
        if self.schedule.ended:
            flush.future.set(False)
            return
        self.schedule.flushes.append(flush)
        self.start()
        self.wake()

    def submit(self, job: Job) -> None:
        """Run a job on the sender's event loop, beside the requests."""
        if self.schedule.ended:
            job.future.fail(TelemetryError("the client is closed"))
            return
        self.schedule.jobs.append(job)
        self.start()
        self.wake()

    def wake(self) -> None:
        """Make the sender look at its schedule; from any thread, never waits."""
        loop = self._loop.built
        if loop is not None:
            loop.wake()
            return
        try:
            self._signal.release()
        except RuntimeError:
            return  # signalled already

    def end(self) -> None:
        """End the thread after its present step."""
        self.schedule.ended = True
        self.wake()

    def end_request(self, until: float, patience: float) -> None:
        """Let no request leave from now on; give one that has left until `until` for its answer (monotonic seconds).

        That only if the last request succeeded. `patience`: when reading an answer that is here ends at the latest, on
        a busy machine.
        """
        loop = self._loop.built
        settled = loop.withhold() if loop is not None else None
        if loop is None or settled is None:
            return
        if not settled.wait(until - monotonic() if loop.healthy else 0.0):
            loop.catch_up(settled)
            settled.wait(patience - monotonic())

    def cancel(self, service: str) -> None:
        """Cancel a request of a service that is in flight; bytes given to the kernel are not recalled."""
        loop = self._loop.built
        if loop is not None:
            loop.cancel(service)

    def cancel_job(self, job: Job) -> None:
        """Cancel a job: before it began, or where it is."""
        loop = self._loop.built
        if job in self.schedule.jobs:
            self.schedule.jobs.remove(job)
        elif loop is not None:
            loop.cancel_job(job)

    def run(self) -> None:
        """Serve the schedule until it has ended: the thread's whole life."""
        try:
            while not self.schedule.ended:
                delay = self.schedule.first_delay()
                if delay == 0.0 and not self._handed_over():
                    with ShortSwitchInterval(IMPORT_INTERVAL):
                        loop = self._loop.get()
                    loop.run()
                elif delay != 0.0:
                    self._signal.acquire(timeout=-1 if delay is None else delay)
        except BaseException as error:  # also an import that the interpreter's end cut off: nothing on stderr
            self._diagnostics.failed(error)
        finally:
            self._release_waiters()

    def _handed_over(self) -> bool:
        """Hand over what is due if the host is busy and nobody needs this thread's own loop."""
        schedule = self.schedule
        host = None if schedule.jobs or schedule.closing is not None else self._host
        return host is not None and host.load.is_high and host.hand_over()

    def _release_waiters(self) -> None:
        """Let nobody wait for a sender that has ended."""
        schedule = self.schedule
        schedule.ended = True
        if schedule.closing is not None:
            schedule.closing.set(None)
        while schedule.flushes:
            schedule.flushes.pop().future.set(False)
        while schedule.jobs:
            schedule.jobs.pop().future.fail(TelemetryError("the sender has ended"))
