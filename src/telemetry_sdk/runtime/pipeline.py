"""All stations behind the queue, wired: drain, writer, spool, sender. Built when there is something to do."""

from __future__ import annotations

from collections import deque
from time import monotonic, sleep

from .._internal.future import Completion
from ..exceptions import TelemetryError
from ..losses import CLOSED, OPTED_OUT, SPOOL_FULL, Accounts
from ..pipeline.drain import Drain
from ..pipeline.writer import Writer
from ..policy.enabled_services import Consent
from ..sanitizer.code.modules import KnownModules
from ..sender.send_schedule import BATCH, KINDS, Agenda, Flush, Job
from ..sender.thread import Sender
from ..storage.directories import StateDirectory
from ..storage.file_lock import forget_held
from ..storage.installation_id import new_uuid
from .build import LateIntake, make_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..ledger import Ledger
    from ..pipeline.interfaces import Keeps
    from ..sender.session import Session
    from .recorder import Entrance

LEDGER_DAYS = 7
RECENT = 10  # clean errors that a bug report may hold
IN_FLIGHT = 2 / 3  # of the exit's time is for a request already in flight: 200 of 300 ms


class Pipeline:
    """One client's stations. Every method may be called from any thread; none raises."""

    def __init__(self, entrance: Entrance) -> None:
        self.entrance = entrance
        self.options = entrance.options
        self.endpoints = entrance.endpoints
        self.boundary = entrance.boundary
        self.queue = entrance.queue
        self.directory = StateDirectory(entrance.state_dir)
        self.modules = KnownModules(self.options.app_modules, self.options.main_file)
        self.accounts = Accounts()
        self.agenda = Agenda()
        self.session: Session | None = None
        self.consent = Consent(entrance.services, entrance.revocations, entrance.settings_off, self._went_off)
        self.sender = Sender(self.agenda, self._make_session, self.boundary.failed)
        self.intake = LateIntake(self)
        self.drain = Drain(
            self.queue,
            self.intake,
            self._make_spool,
            self.accounts,
            self.consent,
            failed=self.boundary.failed,
        )
        self.writer = Writer(self.queue, self.drain, begun=self.sender.start, drained=self._drained)
        self.recent_errors: deque[dict[str, Any]] = deque(maxlen=RECENT)
        self._ledger: Ledger | None = None
        self._noted = dict.fromkeys(KINDS, 0)
        self._closed = False

    @property
    def run(self) -> str:
        """The name of this run's files."""
        return self.drain.spool.run if self.drain.spool is not None else "none"

    def flush(self, to: str, timeout: float, completion: Completion[bool]) -> None:
        """Complete with True when all that was recorded is on disk (`to="spool"`) or delivered ("server")."""
        if to == "spool":
            self.writer.when_empty(lambda kept: completion.set(kept and self.directory.path is not None))
        elif self.agenda.retired:
            completion.set(False)
        else:
            flush = Flush(completion, monotonic() + timeout)
            self.writer.when_empty(lambda kept: self._send_now(flush, kept))

    def _send_now(self, flush: Flush, kept: bool) -> None:
        if not kept:
            flush.completion.set(False)
        self.agenda.flushes.append(flush)
        self.sender.start()
        self.sender.wake()

    def send_old(self) -> None:
        """Send what earlier runs left, if they left anything."""
        if not self.directory.any_waiting():
            return
        for kind in KINDS:
            self.agenda.note(kind, BATCH)
        self.sender.start()
        self.sender.wake()

    def submit(self, job: Job) -> None:
        """Run a job on the sender's loop: the bug report's way to the same exit."""
        if self.agenda.retired:
            job.completion.fail(TelemetryError("the client is closed"))
            return
        self.agenda.jobs.append(job)
        self.sender.start()
        self.sender.wake()

    def cancel_job(self, job: Job) -> None:
        """Cancel a job that was submitted."""
        self.sender.cancel_job(job)

    @property
    def ledger(self) -> Ledger:
        """The local record of what is sent."""
        if self._ledger is None:
            from ..ledger import Ledger

            wanted = self.options.ledger and self.directory.trusted(self.boundary)
            days = min(LEDGER_DAYS, self.entrance.retention_days or LEDGER_DAYS)
            self._ledger = Ledger(self.directory.path if wanted else None, self.run, days=days)
        return self._ledger

    @property
    def ledger_incomplete_since(self) -> float | None:
        """When the record of what is sent first missed an entry; None: it is whole, or nothing was sent yet."""
        return None if self._ledger is None else self._ledger.incomplete_since

    def withdraw(self, service: str) -> bool:
        """Turn a service off at once, here and in every process of the application; purge what it left."""
        told = self.entrance.revocations.revoke(service)
        self.consent.withdraw(service)
        return told

    def directory_counts(self) -> dict[str, Mapping[str, int]]:
        """Return the accounts of the state directory: delivered, dropped, waiting."""
        state = self.directory.state.read()
        return {
            "delivered": state.get("delivered", {}),
            "dropped": state.get("dropped", {}),
            "waiting": self.directory.waiting(self.drain.spool),
        }

    def close(self, timeout: float, send: bool = True) -> bool:
        """Spool what waits, give a request in flight its time, let go. True if nothing that was recorded is lost.

        `send` False: nothing is begun any more; what waits is for the next run.
        """
        if self._closed:
            return self.drain.lost == 0
        self._closed = True
        until = monotonic() + timeout
        self.writer.stop()
        while not self.queue.empty() and monotonic() < until:
            if not self.drain.slice():
                sleep(0.001)  # the writer is in the middle of its last slice
        self._tell_of_losses()
        self._drained()
        self._end_sender(min(timeout * IN_FLIGHT, until - monotonic()) if send or self.session is not None else 0.0)
        if self.drain.lock.acquire(timeout=0.01):
            spool, self.drain.spool = self.drain.spool, None
            self.drain.lock.release()
            if spool is not None:
                spool.close()
        left = self.queue.clear("errors") + self.queue.clear("metrics")
        if left:  # threads that went on recording, or a drain that is held up
            self.accounts.dropped(CLOSED, left)
        return self.drain.lost == 0 and not left

    def forget(self) -> None:
        """After a fork, in the child: let go of the parent's files."""
        if self.drain.spool is not None:
            self.drain.spool.forget()
        forget_held()

    def _end_sender(self, patience: float) -> None:
        spool = self.drain.spool
        healthy = self.session is None or self.session.healthy
        if spool is not None and spool.any_waiting() and healthy and patience > 0:
            ending: Completion[None] = Completion()
            self.agenda.ending = ending
            self.sender.wake()
            if self.sender.started or self.writer.started:
                ending.wait(patience)
        self.agenda.retired = True
        self.sender.wake()

    def drain_first(self, patience: float) -> None:
        """Put the error that waits first on disk, on this thread, within `patience` seconds: the crash path.

        The writer may be in the middle of a slice, and may have it already: once the lock was ours, it is on disk.
        """
        until = monotonic() + patience
        while not self.drain.slice() and not self.queue.empty() and monotonic() < until:
            sleep(0.001)

    def _tell_of_losses(self) -> None:
        report = self.intake.report() if "errors" in self.consent else None
        if report is not None:
            self.queue.errors.put(report)
            self.drain.slice()

    def _drained(self) -> None:
        """Tell the sender what has been spooled since the last time."""
        for kind, count in self.drain.kept.items():
            new = count - self._noted[kind]
            if new:
                self._noted[kind] = count
                self.agenda.note(kind, new)
        spool = self.drain.spool
        evicted = spool.take_evicted() if spool is not None else 0
        if evicted:
            self.directory.state.settle((), "metrics", delivered=0, dropped={SPOOL_FULL: evicted})
        self._look_for_specs()
        self.sender.wake()

    def _look_for_specs(self) -> None:
        """Have newer specs fetched, if a binding asks for it and it is time."""
        specs = self.entrance.specs
        if specs is None or self._closed:
            return
        try:
            specs.begin(self)
        except Exception as error:  # the writer lives on
            self.boundary.failed(error)

    def _make_spool(self) -> Keeps:
        from ..pipeline.run_context import Contexts

        contexts = Contexts(self.options, self.directory.path, self.entrance.provider, new_uuid())
        return self.directory.make_spool(contexts, self.boundary)

    def _make_session(self) -> Session:
        self.session = make_session(self, self.entrance.transport)
        return self.session

    def _went_off(self, service: str) -> None:
        """Purge memory and disk of a service that has just gone off, and cancel its request."""
        self.entrance.changed()
        if service == "metrics" and self.entrance.specs is not None:
            self.entrance.specs.cancel(self)
        if service not in KINDS:
            return
        self.accounts.dropped(OPTED_OUT, self.queue.clear(service))
        self.sender.cancel(service)
        self.directory.purge(service)
        if self.drain.spool is not None:
            self.drain.spool.purge(service)
