"""Settings files looked at again while the program runs: going off acts at once, going on at a next start."""

from __future__ import annotations

from .settings import mark_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Policy


class SettingsWatch:
    """The services that are off by now; what went off stays off.

    `off()` is cheap while nothing changes: one `stat` for each place (time, size, inode), about 2 µs each.
    """

    def __init__(self, policy: Policy, resolve: Callable[[], Policy]) -> None:
        self._resolve = resolve
        self._services = frozenset(policy.services)
        self._places = policy.places
        self._off = _off(policy)
        self._failures = 0

    @property
    def failures(self) -> int:
        """How many looks failed; each turned everything off."""
        return self._failures

    def off(self) -> frozenset[str]:
        """Return the names of the services that are off; never raises."""
        try:
            if any(mark_of(place.path) != place.mark for place in self._places):
                fresh = self._resolve()
                self._off |= _off(fresh)
                self._places = fresh.places
        except Exception:
            self._failures += 1
            self._off = self._services
        return self._off


def _off(policy: Policy) -> frozenset[str]:
    return frozenset(row.name for row in policy.rows if not row.enabled)
