"""A shorter switch interval of the interpreter, for a moment in which the host's threads would hold up each step."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class ShortSwitchInterval:
    """`with ShortSwitchInterval(seconds):` a thread that wants the interpreter back waits no longer than that.

    Each file read and each write gives the interpreter away; beside three computing threads it comes back after 15 ms.
    A value that the host sets meanwhile stays.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._before = 0.0
        self._ours = 0.0

    def __enter__(self) -> None:
        self._before = sys.getswitchinterval()
        sys.setswitchinterval(min(self._before, self._seconds))
        self._ours = sys.getswitchinterval()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if sys.getswitchinterval() == self._ours:
            sys.setswitchinterval(self._before)
