"""Looks at the settings and choice files again while the program runs.

Going off acts at once. Going on needs a start, except that a silence caused by broken files alone ends when they can
be read again.
"""

from __future__ import annotations

from telemetry_sdk._internal.clock import monotonic
from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import BROKEN, ENVIRONMENT, MANAGED, UNAVAILABLE, USER

from .settings_file import BROKEN as BROKEN_FILE
from .settings_file import fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Policy, ServicePolicy

INTERVAL = 1.0  # seconds between two looks


class ServicesOff(Frozen):
    """The services that are off by now: `withdrawn` ones are to be deleted, `silenced` ones are not."""

    withdrawn: frozenset[str]
    silenced: frozenset[str]


class SettingsWatch:
    """The services that settings and choice files turn off, seen at most `INTERVAL` seconds late.

    A look that finds no change costs one `stat` for each file (time, size, inode), about 2 microseconds each.
    """

    def __init__(self, policy: Policy, resolve: Callable[[], Policy], clock: Callable[[], float] = monotonic) -> None:
        self._resolve = resolve
        self._clock = clock
        self._services = frozenset(policy.services)
        self._local_at_start = bool(policy.mode)
        self._withdrawn: frozenset[str] = frozenset()
        self._silenced: frozenset[str] = frozenset()
        self._broken: frozenset[str] = frozenset()
        self._failures = 0
        self._next_look = 0.0
        self._take(policy)
        self._off_at_start = self._withdrawn | self._silenced | self._broken

    @property
    def failures(self) -> int:
        """How many looks failed; each silenced everything until the next start."""
        return self._failures

    @property
    def policy(self) -> Policy:
        """The policy as resolved last, with the reasons why a service is off by now."""
        return self._policy

    def look(self, *, fresh: bool = False) -> ServicesOff:
        """Return the services that are off; never raises. `fresh`: look even if the last look was just now."""
        now = self._clock()
        if fresh or now >= self._next_look:
            self._next_look = now + INTERVAL
            try:
                if any(file.fingerprint and fingerprint(file.path) != file.fingerprint for file in self._policy.files):
                    self._take(self._resolve())
            except Exception:
                self._failures += 1
                self._silenced = self._services
        return ServicesOff(withdrawn=self._withdrawn, silenced=(self._silenced | self._broken) - self._withdrawn)

    def off(self) -> frozenset[str]:
        """Return the names of the services that are off; never raises."""
        found = self.look()
        return found.withdrawn | found.silenced

    def newly_off(self) -> frozenset[str]:
        """Return the names of the services that were on at the start and are off now; a fresh look, never raises."""
        found = self.look(fresh=True)
        return (found.withdrawn | found.silenced) - self._off_at_start

    def _take(self, policy: Policy) -> None:
        off = [row for row in policy.rows if not row.enabled]
        torn = any(file.state == BROKEN_FILE and file.layer in {MANAGED, USER} for file in policy.files)
        self._broken = frozenset(row.name for row in off if _only_broken(row, torn=torn))
        self._withdrawn |= frozenset(policy.withdrawn)
        self._silenced |= frozenset(policy.silenced) - self._broken
        if policy.mode and not self._local_at_start:
            self._silenced = self._services
        self._policy = policy


def _only_broken(row: ServicePolicy, *, torn: bool) -> bool:
    """Whether broken files are the only reason; a torn one may have cancelled a provider of the environment."""
    reasons = [reason for reason in row.reasons if reason.kind]
    return all(r.kind == BROKEN or (torn and (r.layer, r.kind) == (ENVIRONMENT, UNAVAILABLE)) for r in reasons)
