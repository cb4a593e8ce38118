"""Runs the sending of a report on the calling thread, where no client has a sender's thread: in a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.event_loop import new_loop
from telemetry_sdk.egress.client import Egress

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.sender.send_schedule import Job


class ForegroundLoop:
    """Runs each job to its end before `submit` returns. `transport` takes the network's place in tests."""

    def __init__(self, transport: Callable[[], Any] | None = None) -> None:
        self._transport = transport

    def submit(self, job: Job) -> None:
        """Run a job; its future then holds the result or the error."""
        loop = new_loop()
        try:
            loop.run_until_complete(self._run(job))
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    def cancel_job(self, job: Job) -> None:
        """Do nothing: a job has ended when its caller goes on."""

    async def _run(self, job: Job) -> None:
        egress = Egress(transport=self._transport)
        try:
            job.future.set(await job.work(egress))
        except Exception as error:
            job.future.fail(error)
        finally:
            await egress.aclose()
