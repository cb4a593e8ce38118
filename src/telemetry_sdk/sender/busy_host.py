"""Where the host's threads hold the interpreter, a detached sender sends while the program runs.

Beside three computing threads the imports of the network's libraries alone take 8 s, and each request seconds: every
system call gives the interpreter away for 15 ms.
"""

from __future__ import annotations

from .._internal.frozen import Frozen
from .._internal.services import METRICS, RECORDED
from .._internal.switch_interval import ShortSwitchInterval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .._internal.interpreter_load import InterpreterLoad
    from .._internal.lazy import Lazy
    from ..spool.interface import Spool
    from .send_schedule import SendSchedule

SWITCH = 0.0005  # seconds: the switch interval during a hand-over, which makes some hundred system calls


class BusyHost(Frozen):
    """Hands over what is due, instead of sending it on a thread that hardly gets the interpreter.

    `load`: whether that is so; `start_detached` starts a detached sender for what waits, unless one runs: False if none
    may be started.
    """

    load: InterpreterLoad
    schedule: SendSchedule
    spool: Lazy[Spool]
    start_detached: Callable[[], bool]

    def hand_over(self) -> bool:
        """Hand over what is due; False if no detached sender may be started: then it is sent here."""
        with ShortSwitchInterval(SWITCH):
            return self._hand_over()

    def _hand_over(self) -> bool:
        spool, schedule = self.spool.get(), self.schedule
        if spool.path is None:
            return False
        if schedule.hand_over_part():
            spool.close()
        spooled = {service: schedule.spooled(service) for service in RECORDED}
        spooled[METRICS] -= spool.open_count
        if not self.start_detached():
            return False
        if not spool.holds_own():
            for service, count in spooled.items():
                schedule.cleared(service, count)
            schedule.complete_flushes(delivered=True)
        schedule.postpone()
        return True
