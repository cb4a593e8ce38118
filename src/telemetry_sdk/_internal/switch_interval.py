"""A shorter switch interval of the interpreter, for a moment in which a thread would wait long for its next turn."""

from __future__ import annotations

import _thread
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class _SwitchInterval:
    """The interpreter's one interval: the shortest of those that are wanted, else the host's."""

    def __init__(self) -> None:
        self._lock = _thread.RLock()  # a signal handler may run in between
        self._wanted: list[float] = []
        self._ours = self._hosts = 0.0
        self._looks = 0  # at the host: its own interval holds meanwhile

    def add(self, seconds: float) -> None:
        """Want an interval that is not longer."""
        with self._lock:
            if not self._wanted:
                self._hosts = sys.getswitchinterval()
            self._wanted.append(seconds)
            self._set()

    def remove(self, seconds: float) -> None:
        """Want it no more."""
        with self._lock:
            if seconds in self._wanted:
                self._wanted.remove(seconds)
            if sys.getswitchinterval() == self._ours:  # else the host has set another meanwhile, which stays
                self._set()

    @property
    def hosts(self) -> float:
        """The host's own interval, whatever is wanted meanwhile. Seconds."""
        return self._hosts if self._wanted else sys.getswitchinterval()

    def __enter__(self) -> None:
        """Let the host's own interval hold: how long its threads keep the interpreter shows only then."""
        with self._lock:
            self._looks += 1
            self._restore()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._looks -= 1
            self._restore()

    def _restore(self) -> None:
        if self._wanted and sys.getswitchinterval() == self._ours:
            self._set()

    def after_fork(self) -> None:
        """Give the host's interval back in the child of a fork: the threads that wanted a shorter one are gone."""
        wanted, self._wanted, self._lock, self._looks = self._wanted, [], _thread.RLock(), 0
        if wanted and sys.getswitchinterval() == self._ours:
            sys.setswitchinterval(self._hosts)

    def _set(self) -> None:
        sys.setswitchinterval(self._hosts if self._looks else min([self._hosts, *self._wanted]))
        self._ours = sys.getswitchinterval()


SWITCH_INTERVAL = _SwitchInterval()


class ShortSwitchInterval:
    """`with ShortSwitchInterval(seconds):` a thread that wants the interpreter back waits no longer than that.

    Each file read and each write gives the interpreter away; beside three computing threads it comes back after 15 ms.
    Threads may want it at once; a value that the host sets meanwhile stays.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        SWITCH_INTERVAL.add(self._seconds)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        SWITCH_INTERVAL.remove(self._seconds)
