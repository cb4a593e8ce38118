"""The bucket from which requests of errors are drawn: 60 for a state directory, refilled one a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telemetry_sdk.spool.record_format import boot_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from telemetry_sdk.storage.shared_state import SharedState

SIZE = 60.0  # requests
REFILL = 1.0  # requests a second


class ErrorBucket:
    """Shared by all processes through the state; of this process alone where that cannot be written.

    `clock`: monotonic seconds. After another boot the bucket is full.
    """

    def __init__(self, state: SharedState, clock: Callable[[], float]) -> None:
        self._state = state
        self._clock = clock
        self._level = SIZE  # at the moment `_noted`
        self._noted = clock()

    def refresh(self, shared: Mapping[str, Any]) -> None:
        """Read what other processes have drawn."""
        table, now = shared.get("error_bucket"), self._clock()
        if not isinstance(table, dict) or table.get("boot") != boot_id():
            return
        level, noted = table.get("level"), table.get("monotonic")
        if isinstance(level, (int, float)) and isinstance(noted, (int, float)) and noted <= now:
            self._level, self._noted = min(max(0.0, level), SIZE), noted

    def wait(self) -> float:
        """Return the seconds until a request may be drawn; 0: now."""
        return max(0.0, (1.0 - self._now()) / REFILL)

    def draw(self) -> None:
        """Draw a request."""
        self._level, self._noted = max(0.0, self._now() - 1.0), self._clock()
        table = {"boot": boot_id(), "monotonic": self._noted, "level": self._level}
        self._state.change(lambda state: state.update(error_bucket=table))

    def _now(self) -> float:
        return min(SIZE, self._level + (self._clock() - self._noted) * REFILL)
