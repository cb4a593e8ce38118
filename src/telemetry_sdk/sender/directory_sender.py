"""Sends what waits in a state directory, without the application: for `telemetry-sdk send` and the detached sender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .send_schedule import Flush

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk.spool.disk import DiskSpool

    from .batch_sender import BatchSender
    from .send_loop import SendLoop
    from .send_schedule import SendSchedule

TIMEOUT = 600.0  # seconds: then no further request is begun; a cron job's next run goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """The result, in records by service (`dropped`: by reason).

    `waiting`: not sent, a running process's open segments included; `healthy`: no server failed or asked to wait;
    `busy`: another process is sending from this directory, so nothing was done.
    """

    delivered: Mapping[str, int]
    dropped: Mapping[str, int]
    waiting: Mapping[str, int]
    healthy: bool
    busy: bool


class DirectorySender:
    """No cadence and no pace: all that waits is due; back-off as ever."""

    def __init__(self, schedule: SendSchedule, loop: SendLoop, spool: DiskSpool, batches: BatchSender) -> None:
        self.schedule = schedule
        self._loop = loop
        self._spool = spool
        self._batches = batches

    def run(self, timeout: float = TIMEOUT) -> SendReport:
        """Send all that may be sent now, in an event loop of its own."""
        self.schedule.flushes.append(Flush("server", timeout))
        before = self._spool.counts()
        self._loop.run_once()
        after = self._spool.counts()
        return SendReport(
            delivered=_difference(before["delivered"], after["delivered"]),
            dropped=_difference(before["dropped"], after["dropped"]),
            waiting=after["waiting"],
            healthy=self._loop.healthy,
            busy=self.schedule.postponed,
        )

    async def send(self) -> int:
        """Send all that may be sent now, if no other process is sending, and keep the lock; return the requests."""
        if not self._batches.lock():
            return 0
        self.schedule.flushes[:] = [Flush("server", TIMEOUT)]
        requests = await self._loop.send_due()
        self._spool.fold()
        return requests

    def wait(self) -> float | None:
        """Return the seconds until something that waits may be sent; None: nothing does, or it may not be sent."""
        return min(
            map(self._batches.backoff.wait, self._batches.sendable(self._spool.waiting_services())), default=None
        )

    def let_go(self) -> bool:
        """Let go of the lock; True if a program left records meanwhile and the lock is held again."""
        return self._batches.unlock() and self._batches.lock()

    async def aclose(self) -> None:
        """Let go of the lock and close the connections."""
        self._batches.unlock()
        await self._loop.aclose()


def _difference(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Return by how much each count has grown."""
    return {name: count - before.get(name, 0) for name, count in after.items() if count > before.get(name, 0)}
