"""The sender: a daemon thread that does all that may block.

It sleeps on a lock and imports nothing until there is something to send; then it runs a session on its own loop.
"""

from __future__ import annotations

import _thread

from ..exceptions import TelemetryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .send_schedule import Agenda, Job
    from .session import Session


class Sender:
    """Owns the thread. `make` builds the session, on the thread, at the first need; `failed` hears what escapes."""

    def __init__(self, agenda: Agenda, make: Callable[[], Session], failed: Callable[[BaseException], None]) -> None:
        self._agenda = agenda
        self._make = make
        self._failed = failed
        self._signal = _thread.allocate_lock()
        self._signal.acquire()
        self._start = _thread.allocate_lock()
        self.session: Session | None = None

    @property
    def started(self) -> bool:
        """Whether the thread runs (or has run)."""
        return self._start.locked()

    def start(self) -> None:
        """Start the thread, once. Where no thread can be had any more (exit), the calling thread does the work."""
        if not self._start.acquire(blocking=False):
            return
        try:
            _thread.start_new_thread(self.run, ())
        except RuntimeError:
            self.run()

    def wake(self) -> None:
        """Let the sender look at its agenda; from any thread, never waits."""
        session = self.session
        if session is not None:
            session.wake()
            return
        try:
            self._signal.release()
        except RuntimeError:
            return  # signalled already

    def cancel(self, kind: str) -> None:
        """Cancel a request of a kind that is in flight; bytes given to the kernel are not recalled."""
        if self.session is not None:
            self.session.cancel(kind)

    def cancel_job(self, job: Job) -> None:
        """Cancel a job: take it off the agenda, or stop it where it is."""
        if job in self._agenda.jobs:
            self._agenda.jobs.remove(job)
        elif self.session is not None:
            self.session.cancel_job(job)

    def run(self) -> None:
        """Serve the agenda until it is retired."""
        try:
            while not self._agenda.retired:
                delay = self._agenda.first_delay()
                if delay == 0.0:
                    self._serve()
                else:
                    self._signal.acquire(timeout=-1 if delay is None else delay)
        except BaseException as error:  # an import that the interpreter's end cut off, too: nothing on stderr
            self._failed(error)
        finally:
            self._release()

    def _serve(self) -> None:
        self.session = self._make()
        self.session.run()

    def _release(self) -> None:
        """Let nobody wait for a sender that is gone."""
        agenda = self._agenda
        agenda.retired = True
        if agenda.ending is not None:
            agenda.ending.set(None)
        while agenda.flushes:
            agenda.flushes.pop().completion.set(False)
        while agenda.jobs:
            agenda.jobs.pop().completion.fail(TelemetryError("the sender has ended"))
