"""Limits of one process: the same error five times a minute, events 1,000/s averaged over a minute."""

from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MINUTE = 60.0  # seconds
SAME_ERROR = 5  # a minute
EVENTS = 60_000  # a minute
MAX_KINDS = 1_000  # different errors remembered


class ErrorThrottle:
    """Lets an error pass, or counts it; the next that passes carries the count as its `repeats`."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._seen: dict[Hashable, list[float]] = {}  # key -> start of the minute, passed, held back
        self._forgotten = 0

    def admit(self, key: Hashable) -> int | None:
        """Return how many like it were held back since the last one, or None: hold this one back too."""
        now = self._clock()
        entry = self._seen.get(key)
        if entry is None:
            if len(self._seen) >= MAX_KINDS:
                self._forgotten += int(self._seen.pop(next(iter(self._seen)))[2])
            entry = self._seen[key] = [now, 0, 0]
        if now - entry[0] >= MINUTE:
            entry[0], entry[1] = now, 0
        if entry[1] >= SAME_ERROR:
            entry[2] += 1
            return None
        entry[1] += 1
        held, entry[2] = int(entry[2]), 0
        return held

    def take_held(self) -> int:
        """Return and forget how many were held back that no later one has carried."""
        held = sum(int(entry[2]) for entry in self._seen.values()) + self._forgotten
        self._seen.clear()
        self._forgotten = 0
        return held


class EventThrottle:
    """A bucket of one minute's events that fills evenly; `per_minute` None: no throttle."""

    def __init__(self, per_minute: int | None = EVENTS, clock: Callable[[], float] = monotonic) -> None:
        self._rate = per_minute
        self._clock = clock
        self._left = float(per_minute or 0)
        self._at = clock()

    def admit(self) -> bool:
        """Tell whether one more event fits."""
        if self._rate is None:
            return True
        now = self._clock()
        self._left = min(self._rate, self._left + (now - self._at) * self._rate / MINUTE)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
