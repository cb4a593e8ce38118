"""What became of every record: accepted = queued + spooled + dropped by reason, exact at rest."""

from __future__ import annotations

import _thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Accounts:
    """Counts by name, right under any number of threads; never touched on the path of a record that fits."""

    def __init__(self) -> None:
        self._lock = _thread.RLock()  # a signal's handler may come in the middle
        self._spooled: dict[str, int] = {}
        self._dropped: dict[str, int] = {}

    def spooled(self, kind: str, count: int = 1) -> None:
        """Count records that are on disk (in memory, where there is no disk)."""
        with self._lock:
            self._spooled[kind] = self._spooled.get(kind, 0) + count

    def dropped(self, reason: str, count: int = 1) -> None:
        """Count records that will never leave, under a named reason."""
        with self._lock:
            self._dropped[reason] = self._dropped.get(reason, 0) + count

    def totals(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Return copies: spooled by kind, dropped by reason."""
        with self._lock:
            return dict(self._spooled), dict(self._dropped)
