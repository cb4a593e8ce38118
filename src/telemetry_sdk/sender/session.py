"""The sender's session: bursts of requests and single jobs, side by side on a loop of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from telemetry_sdk.exceptions import TelemetryError

from .event_loop import new_loop
from .send_schedule import BUSY, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.abc import TaskGroup

    from ..egress.client import Egress
    from .batch_sender import Courier
    from .send_schedule import Agenda, Job


BREATH = 0.002  # seconds between two bursts


class Session:
    """Serves an agenda on its own event loop. `burst_lock` lets one process at a time send."""

    def __init__(
        self,
        agenda: Agenda,
        courier: Courier,
        egress: Egress,
        *,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._agenda = agenda
        self._courier = courier
        self._egress = egress
        self._failed = failed
        self._loop = new_loop()
        self._woken: anyio.Event | None = None
        self._scope: anyio.CancelScope | None = None

    @property
    def healthy(self) -> bool:
        """Whether the last request succeeded, or none was tried yet."""
        return self._courier.healthy

    def run(self) -> None:
        """Run until the agenda is retired."""
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._end()

    def run_once(self) -> None:
        """Send all that waits and may be sent now, then return: `telemetry-sdk send`."""

        async def once() -> None:
            await self._burst()
            await self._egress.aclose()

        try:
            self._loop.run_until_complete(once())
        finally:
            self._end()

    def _end(self) -> None:
        """Close what an answer that was not read to its end left open, then the loop."""
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def wake(self) -> None:
        """Let the loop look at the agenda; from any thread."""
        self._call(self._set)

    def cancel(self, kind: str) -> None:
        """Cancel the burst if it sends this kind; from any thread."""

        def cancel() -> None:
            if self._scope is not None and self._courier.sending == kind:
                self._scope.cancel()

        self._call(cancel)

    def cancel_job(self, job: Job) -> None:
        """Cancel a job that runs; from any thread."""

        def cancel() -> None:
            if job.cancel is not None:
                job.cancel()

        self._call(cancel)

    def _call(self, step: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(step)
        except RuntimeError:
            return  # the loop has ended: nothing is in flight, nobody waits for it

    def _set(self) -> None:
        if self._woken is not None:
            self._woken.set()

    async def _serve(self) -> None:
        async with anyio.create_task_group() as tasks:
            while not self._agenda.retired:
                woken = self._woken = anyio.Event()
                self._begin_jobs(tasks)
                delay = self._delay()
                if delay == 0.0:
                    await self._guarded_burst()
                    await anyio.sleep(BREATH)  # whoever waits may have nothing that can be sent
                else:
                    with anyio.move_on_after(delay):
                        await woken.wait()
            tasks.cancel_scope.cancel()
        await self._egress.aclose()

    def _delay(self) -> float | None:
        """Return the seconds until the next burst; None: until somebody wakes us."""
        delays = [self._agenda.delay(kind, self._courier.wait(kind)) for kind in KINDS]
        return min((delay for delay in delays if delay is not None), default=None)

    async def _guarded_burst(self) -> None:
        try:
            await self._burst()
        except Exception as error:
            self._failed(error)
            self._agenda.not_before = anyio.current_time() + BUSY
        self._answer()

    async def _burst(self) -> None:
        """Send what is due, under the lock that all processes share."""
        if not self._courier.begin():
            import time

            self._agenda.not_before = time.monotonic() + BUSY
            return
        try:
            for kind in KINDS:
                with anyio.CancelScope() as self._scope:
                    await self._send(kind)
        finally:
            self._courier.end()

    async def _send(self, kind: str) -> None:
        """Send what is due of a kind."""
        while self._agenda.delay(kind, self._courier.wait(kind)) == 0.0:
            if not await self._courier.send(kind):
                self._agenda.cleared(kind)
                return
            self._agenda.sent(kind)

    def _answer(self) -> None:
        """Tell those who wait: flushed, or at its end."""
        agenda = self._agenda
        if agenda.flushes and not self._courier.own_waiting():
            while agenda.flushes:
                agenda.flushes.pop().completion.set(True)
        if agenda.ending is not None:
            agenda.retired = True
            agenda.ending.set(None)

    def _begin_jobs(self, tasks: TaskGroup) -> None:
        while self._agenda.jobs:
            tasks.start_soon(self._job, self._agenda.jobs.pop(0))

    async def _job(self, job: Job) -> None:
        completion = job.completion
        try:
            with anyio.CancelScope() as scope:
                job.cancel = scope.cancel
                completion.set(await job.work(self._egress))
        except Exception as error:
            completion.fail(error)
        finally:
            completion.fail(TelemetryError("cancelled"))  # unless there is a result
