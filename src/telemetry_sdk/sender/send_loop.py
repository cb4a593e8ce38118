"""Runs the send schedule on the sender's event loop: bursts of requests, and jobs beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from telemetry_sdk._internal.event_loop import new_loop, run
from telemetry_sdk._internal.in_flight import RequestWithheld
from telemetry_sdk._internal.services import ERRORS, METRICS
from telemetry_sdk.exceptions import TelemetryError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

    from anyio.abc import TaskGroup

    from telemetry_sdk._internal.diagnostics import Diagnostics
    from telemetry_sdk._internal.future import Future
    from telemetry_sdk.egress.client import Egress

    from .batch_sender import BatchSender
    from .busy_host import BusyHost
    from .send_schedule import Job, SendSchedule

LOOK = 0.5  # seconds between two looks for errors of other processes, while a backlog of events is sent
PAUSE = 0.002  # seconds between two bursts
ROUNDS = 50  # of the event loop, of which the first reads what has arrived: an answer takes some twenty


class SendLoop:
    """Serves a schedule. A burst holds the spool's lock, so that one process at a time sends.

    `after_burst` runs once, after the first burst.
    """

    def __init__(
        self,
        schedule: SendSchedule,
        batches: BatchSender,
        egress: Egress,
        diagnostics: Diagnostics,
        after_burst: Job | None = None,
        host: BusyHost | None = None,
    ) -> None:
        self._schedule = schedule
        self._batches = batches
        self._egress = egress
        self._diagnostics = diagnostics
        self._after_burst = after_burst
        self._host = host
        self._loop: asyncio.AbstractEventLoop | None = None  # made on the thread that runs it
        self._woken: anyio.Event | None = None
        self._scope: anyio.CancelScope | None = None
        self._sending: str | None = None
        self.at_work = False  # a burst is under way: it holds the sender's lock, or looks once more

    @property
    def healthy(self) -> bool:
        """Whether the last request succeeded, or none was tried yet."""
        return self._batches.backoff.healthy

    def withhold(self) -> Future[None] | None:
        """Let no request leave from now on, and cancel one that has not; return what is set when one that has ends."""
        settled = self._batches.in_flight.withhold()
        if settled is None:
            self._call(self._cancel)
        return settled

    def catch_up(self, settled: Future[None]) -> None:
        """Set `settled` as soon as an answer that is here is read; from any thread."""

        def step(rounds: int) -> None:
            if rounds and self._loop is not None:
                self._loop.call_soon(step, rounds - 1)
            else:
                settled.set(None)

        self._call(lambda: step(ROUNDS))

    def run(self) -> None:
        """Run until the schedule has ended."""
        self._run(self._serve())

    def run_once(self) -> None:
        """Send all that waits and may be sent now, then return: `telemetry-sdk send`."""

        async def once() -> None:
            await self.burst()
            while self._batches.backoff.refilling and self._schedule.pressing:
                await anyio.sleep(self._batches.backoff.wait(ERRORS))
                await self.burst()
            await self.aclose()

        self._run(once())

    def wake(self) -> None:
        """Make the loop look at the schedule; from any thread."""
        self._call(self._set)

    def cancel(self, service: str) -> None:
        """Cancel the burst if it sends this service; from any thread."""

        def cancel() -> None:
            if self._sending == service:
                self._cancel()

        self._call(cancel)

    def _cancel(self) -> None:
        if self._scope is not None and self._sending is not None:
            self._scope.cancel()

    def cancel_job(self, job: Job) -> None:
        """Cancel a running job; from any thread."""

        def cancel() -> None:
            if job.cancel is not None:
                job.cancel()

        self._call(cancel)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        self._loop = new_loop()
        run(self._loop, work)

    def _call(self, step: Callable[[], object]) -> None:
        if self._loop is None:
            return  # nothing is in flight, and a loop begins with a look at the schedule
        try:
            self._loop.call_soon_threadsafe(step)
        except RuntimeError:
            return  # the loop has ended: nothing is in flight

    def _set(self) -> None:
        if self._woken is not None:
            self._woken.set()

    async def _serve(self) -> None:
        async with anyio.create_task_group() as tasks:
            while not self._schedule.ended:
                woken = self._woken = anyio.Event()
                self._begin_jobs(tasks)
                delay = self._schedule.next_delay(self._batches.backoff.waits())
                if delay == 0.0:
                    await self._guarded_burst()
                    await anyio.sleep(PAUSE)  # a flush may wait for what cannot be sent now
                else:
                    with anyio.move_on_after(delay):
                        await woken.wait()
            tasks.cancel_scope.cancel()
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._egress.aclose()

    async def _guarded_burst(self) -> None:
        try:
            host = None if self._schedule.closing is not None else self._host
            if host is None or not host.load.is_high or not host.hand_over():
                await self.burst()
        except Exception as error:
            self._diagnostics.failed(error)
            self._schedule.postpone()
        if self._after_burst is not None:
            job, self._after_burst = self._after_burst, None
            await self._run_job(job)
        self._release_waiters()

    async def burst(self) -> int:
        """Send what is due, under the lock that all processes share; return the number of requests.

        After letting go of the lock it looks once more: a program that ended meanwhile found it taken and left its
        records to this sender.
        """
        schedule, requests = self._schedule, 0
        close_segment, schedule.left_by_others = schedule.all_due, False
        self.at_work = True
        try:
            while self._batches.lock(close_segment=close_segment):
                try:
                    requests += await self.send_due()
                finally:
                    schedule.looked()
                    schedule.left_by_others = self._batches.unlock()
                if not schedule.left_by_others:
                    return requests
        finally:
            self.at_work = False
        schedule.postpone()
        return requests

    async def send_due(self) -> int:
        """Send what is due while the lock is held; return the number of requests."""
        requests, sent, looked = 0, 1, anyio.current_time()
        while sent:
            sent = 0
            if anyio.current_time() - looked >= LOOK:
                looked = anyio.current_time()
                self._batches.lock()  # it is held, and looks at the directory
            for service, spooled in self._schedule.due(self._batches.backoff.waits(), self._batches.spool.listed):
                sent += await self._send(service, spooled)
            requests += sent
        return requests

    async def _send(self, service: str, spooled: int) -> bool:
        """Make one request; return whether another may be. `spooled`: the records up to now."""
        if service == METRICS:
            spooled -= self._batches.spool.open_count
        self._sending = service
        try:
            if self._schedule.ended:
                return False
            with anyio.CancelScope() as self._scope:
                if await self._batches.send(service):
                    return True
                self._schedule.cleared(service, spooled)
        except RequestWithheld:  # by the end of the program
            return False
        finally:
            self._sending = None
        return False

    def _release_waiters(self) -> None:
        """Answer flushes that are complete, and a client that closes."""
        schedule = self._schedule
        if schedule.flushes and not self._batches.spool.holds_own():
            schedule.complete_flushes(delivered=self._batches.delivers)
        if schedule.closing is not None:
            schedule.ended = True
            schedule.closing.set(None)

    def _begin_jobs(self, tasks: TaskGroup) -> None:
        while self._schedule.jobs:
            tasks.start_soon(self._run_job, self._schedule.jobs.pop(0))

    async def _run_job(self, job: Job) -> None:
        try:
            with anyio.CancelScope() as scope:
                job.cancel = scope.cancel
                job.future.set(await job.work(self._egress))
        except Exception as error:
            job.future.fail(error)
        finally:
            job.future.fail(TelemetryError("cancelled"))  # unless there is a result
