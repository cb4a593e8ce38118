"""What the sender is to do, and when: cadence, flushes, jobs, the end. Plain values; any thread may add."""

from __future__ import annotations

from time import monotonic

from .._internal.future import Completion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from ..egress.client import Egress

KINDS: tuple[str, ...] = ("errors", "metrics")  # in the order of sending
BATCH = 1_000  # events: then at once
CADENCE = 30.0  # seconds that metrics gather for a request
PACE = 1.0  # seconds between two requests of errors
BUSY = 0.5  # seconds until the lock is tried again that another process's sender holds


class Flush:
    """A caller waits until everything is delivered, or until `deadline` (monotonic seconds)."""

    def __init__(self, completion: Completion[bool], deadline: float) -> None:
        self.completion = completion
        self.deadline = deadline


class Job:
    """A piece of work for the sender's loop, and what completes with its result. `cancel` is set while it runs."""

    def __init__(self, work: Callable[[Egress], Awaitable[Any]]) -> None:
        self.work = work
        self.completion: Completion[Any] = Completion()
        self.cancel: Callable[[], object] | None = None


class Agenda:
    """Shared by the client's threads and the sender; every operation is a single step or may be repeated."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(KINDS, 0)
        self._since = dict.fromkeys(KINDS, 0.0)
        self._last = dict.fromkeys(KINDS, 0.0)
        self.not_before = 0.0  # monotonic: another process's sender is at work
        self.flushes: list[Flush] = []
        self.jobs: list[Job] = []
        self.ending: Completion[None] | None = None
        self.retired = False

    def note(self, kind: str, count: int) -> None:
        """Count records that were spooled."""
        if not self._counts[kind]:
            self._since[kind] = monotonic()
        self._counts[kind] += count

    def sent(self, kind: str) -> None:
        """Remember that a request has just been made."""
        self._last[kind] = monotonic()

    def cleared(self, kind: str) -> None:
        """Remember that nothing of a kind waits any more."""
        self._counts[kind] = 0

    @property
    def pressing(self) -> bool:
        """Whether somebody waits: cadence and pace are put aside."""
        now = monotonic()
        for flush in [flush for flush in self.flushes if flush.deadline < now]:
            self.flushes.remove(flush)
            flush.completion.set(False)
        return bool(self.flushes) or self.ending is not None

    def delay(self, kind: str, wait: float) -> float | None:
        """Return the seconds until a request of this kind is due, `wait` (the server's word) included."""
        count, now = self._counts[kind], monotonic()
        if self.pressing:
            due = 0.0
        elif not count:
            return None
        elif kind == "errors":
            due = self._last[kind] + PACE
        else:
            due = 0.0 if count >= BATCH else self._since[kind] + CADENCE
        return max(0.0, due - now, wait, self.not_before - now)

    def first_delay(self) -> float | None:
        """Return the seconds until the network is needed for the first time; None: nothing waits."""
        if self.jobs or self.pressing:
            return 0.0
        delays = [delay for kind in KINDS for delay in [self.delay(kind, 0.0)] if delay is not None]
        return min(delays, default=None)
