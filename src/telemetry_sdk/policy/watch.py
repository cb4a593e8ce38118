"""Looks at the settings files again while the program runs: services turn off at once, on at the next start only."""

from __future__ import annotations

from .settings_file import fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Policy


class SettingsWatch:
    """The services that settings files turned off; a service that went off stays off.

    While nothing changes a look costs one `stat` for each file (time, size, inode), about 2 microseconds each.
    """

    def __init__(self, policy: Policy, resolve: Callable[[], Policy]) -> None:
        self._resolve = resolve
        self._services = frozenset(policy.services)
        self._files = policy.files
        self._off = self._off_at_start = _off(policy)
        self._failures = 0

    @property
    def failures(self) -> int:
        """How many looks failed; each turned everything off."""
        return self._failures

    def off(self) -> frozenset[str]:
        """Return the names of the services that are off; never raises."""
        try:
            if any(fingerprint(file.path) != file.fingerprint for file in self._files):
                fresh = self._resolve()
                self._off |= _off(fresh)
                self._files = fresh.files
        except Exception:
            self._failures += 1
            self._off = self._services
        return self._off

    def newly_off(self) -> frozenset[str]:
        """Return the names of the services that were on at the start and are off now; never raises."""
        return self.off() - self._off_at_start


def _off(policy: Policy) -> frozenset[str]:
    return frozenset(row.name for row in policy.rows if not row.enabled)
