"""Whether the program's threads hold the interpreter, so that another one gets it late."""

from __future__ import annotations

from time import process_time, sleep

from .clock import monotonic
from .switch_interval import SWITCH_INTERVAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sized

LOOKS = 5
AWAY = 0.001  # seconds that the interpreter is given away for a look
HELD = 0.5  # of the switch interval: a computing thread keeps the interpreter for a whole one
CROWD = 20_000  # events for which the writer needs the interpreter for some 0.3 s
STAYS = 30.0  # seconds for which a host that was busy counts as busy


class InterpreterLoad:
    """`waiting`: the events for which the writer needs the interpreter; `clock`: monotonic seconds."""

    def __init__(
        self,
        waiting: Sized = (),
        is_held: Callable[[], bool] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._waiting = waiting
        self._is_held = is_held or interpreter_is_held
        self._clock = clock
        self._busy_until = 0.0

    @property
    def is_high(self) -> bool:
        """Whether other threads hold the interpreter, or did in the last 30 seconds. Looks for at most 0.1 s."""
        now = self._clock()
        if now >= self._busy_until and (len(self._waiting) >= CROWD or self._is_held_at_most_looks()):
            self._busy_until = now + STAYS
        return now < self._busy_until

    def _is_held_at_most_looks(self) -> bool:
        with SWITCH_INTERVAL:  # shortened by our writer, a computing thread would keep the interpreter less long
            return sum(self._is_held() for _ in range(LOOKS)) > LOOKS // 2


def interpreter_is_held() -> bool:
    """Tell whether other threads of this process compute for as long as the interpreter does not come back.

    On a machine that is busy with other processes it comes late, too, but nothing of this process runs meanwhile.
    """
    began, used = monotonic(), process_time()
    sleep(AWAY)
    least = HELD * SWITCH_INTERVAL.hosts
    return monotonic() - began - AWAY >= least and process_time() - used >= least
