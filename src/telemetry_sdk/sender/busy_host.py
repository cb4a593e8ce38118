"""Where the host's threads hold the interpreter, a detached sender sends while the program runs.

Beside three computing threads the imports of the network's libraries alone take 8 s, and each request seconds: every
system call gives the interpreter away for 15 ms.
"""

from __future__ import annotations

import sys
from time import sleep

from telemetry_sdk._internal.clock import monotonic

from .._internal.services import METRICS, RECORDED
from .._internal.switch_interval import ShortSwitchInterval
from .send_schedule import CADENCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from .._internal.lazy import Lazy
    from ..spool.interface import Spool
    from .send_schedule import SendSchedule

    class DetachedStarter(Protocol):
        """Starts a detached sender."""

        def start(self) -> bool:
            """Start one for what waits, unless one runs; False if none may be started."""
            ...


LOOKS = 5
AWAY = 0.001  # seconds that the interpreter is given away for a look
HELD = 0.5  # of the switch interval: a computing thread keeps the interpreter for a whole one
SWITCH = 0.0005  # seconds: the switch interval during a hand-over, which makes some hundred system calls
STAYS = 30.0  # seconds for which a host that was busy counts as busy


class BusyHost:
    """Hands over what is due, instead of sending it on a thread that hardly gets the interpreter."""

    def __init__(
        self,
        schedule: SendSchedule,
        spool: Lazy[Spool],
        starter: Lazy[DetachedStarter],
        *,
        is_held: Callable[[], bool] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._schedule = schedule
        self._spool = spool
        self._starter = starter
        self._is_held = is_held or interpreter_is_held
        self._clock = clock
        self._busy_until = 0.0
        self._closed = -CADENCE  # when a segment that was not full was handed over

    def hand_over(self) -> bool:
        """Hand over what is due if the host is busy and a detached sender may be started; False: send it here."""
        if not self._is_busy():
            return False
        with ShortSwitchInterval(SWITCH):
            return self._hand_over()

    def _hand_over(self) -> bool:
        spool, schedule = self._spool.get(), self._schedule
        if spool.path is None:
            return False
        if schedule.pressing or (schedule.all_due and self._clock() - self._closed >= CADENCE):
            self._closed = self._clock()
            spool.close()
        spooled = {service: schedule.spooled(service) for service in RECORDED}
        spooled[METRICS] -= spool.open_count
        if not self._starter.get().start():
            return False
        if not spool.holds_own():
            for service, count in spooled.items():
                schedule.cleared(service, count)
            while schedule.flushes:
                schedule.flushes.pop().future.set(True)
        schedule.postpone()
        return True

    def _is_busy(self) -> bool:
        now = self._clock()
        if now >= self._busy_until and sum(self._is_held() for _ in range(LOOKS)) > LOOKS // 2:
            self._busy_until = now + STAYS
        return now < self._busy_until


def interpreter_is_held() -> bool:
    """Tell whether other threads keep the interpreter when it is given away for a moment."""
    began = monotonic()
    sleep(AWAY)
    return monotonic() - began - AWAY >= HELD * sys.getswitchinterval()
