"""Sends what waits in a state directory, in the foreground, without the application: `telemetry-sdk send`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .send_schedule import Flush

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk.spool.disk import DiskSpool

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


class SendOnce:
    """One burst: no cadence, no pace, back-off as ever."""

    def __init__(self, schedule: SendSchedule, loop: SendLoop, spool: DiskSpool) -> None:
        self._schedule = schedule
        self._loop = loop
        self._spool = spool

    def run(self, timeout: float = TIMEOUT) -> SendReport:
        """Send all that may be sent now."""
        self._schedule.flushes.append(Flush("server", timeout))
        before = self._spool.counts()
        self._loop.run_once()
        after = self._spool.counts()
        return SendReport(
            delivered=_difference(before["delivered"], after["delivered"]),
            dropped=_difference(before["dropped"], after["dropped"]),
            waiting=after["waiting"],
            healthy=self._loop.healthy,
            busy=self._schedule.postponed,
        )


def _difference(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Return by how much each count has grown."""
    return {name: count - before.get(name, 0) for name, count in after.items() if count > before.get(name, 0)}
