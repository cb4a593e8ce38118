"""The back-off of one vendor: waits, circuit and rate limits in one value.

Times are monotonic seconds. Between processes (`state.json`) the waits that are left are shared, with the boot and the
monotonic time at which they were written: a jump of the wall clock neither forgets a wait nor makes it longer.
"""

from __future__ import annotations

from types import MappingProxyType

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.json_values import number, table
from telemetry_sdk.spool.record_format import boot_id

from .rate_limits import DAY, MINUTE, OURS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .rate_limits import Rand
    from .response_policy import Decision

BASE = 5.0  # seconds of the first back-off
FAILURES = 5  # in a row: then the circuit opens, and one probe at a time goes out
START = 20.0  # seconds within which a client goes on after an outage, at random; 30 would leave a peak before it
RECOVERY = 120.0  # seconds after an outage for which a pace is kept


class Backoff(Frozen):
    """The state of one vendor. Monotonic seconds; `limits` by Sentry's category, "" for all.

    `since`: when the first of the `failures` in a row was noted.
    """

    failures: int = 0
    since: float = 0.0
    not_before: float = 0.0
    slow_until: float = 0.0
    limits: Mapping[str, float] = MappingProxyType({})

    @property
    def probing(self) -> bool:
        """Whether the circuit is open: the next request is a probe, and none may go beside it."""
        return self.failures >= FAILURES

    def wait(self, now: float, category: str = "") -> float:
        """Seconds until a request of this category may start; 0: now."""
        until = max(self.not_before, self.limits.get("", 0.0), self.limits.get(category, 0.0))
        return min(max(0.0, until - now), DAY)

    def after(self, decision: Decision, *, now: float, rand: Rand, pace: float) -> Backoff:
        """Return the state after an answer; the longest of all waits stands. `pace`: seconds, after an outage."""
        limits = {name: until for name, until in self.limits.items() if until > now}
        for name, seconds in decision.limits.items():
            limits[name] = max(limits.get(name, 0.0), now + seconds)
        changed = self.replace(limits=limits, not_before=now + decision.delay)
        if decision.failed:
            return _failed(changed, now, rand, server_error=decision.tried)
        if decision.delay:
            return changed.replace(failures=0)
        return _answered(changed, now, rand, pace)

    def at_rest(self, now: float) -> bool:
        """Whether nothing failed and nothing is waited for: there is nothing that other processes need to know."""
        return not (self.failures or self.limits) and max(self.not_before, self.slow_until) <= now

    def to_json(self, *, now: float, wall: float) -> dict[str, Any]:
        """Return what other processes need: the waits that are left, and both clocks."""
        return {
            "boot": boot_id(),
            "monotonic": now,
            "saved": wall,
            "failures": self.failures,
            "outage": now - self.since if self.failures else 0.0,
            "wait": max(0.0, self.not_before - now),
            "slow": max(0.0, self.slow_until - now),
            "limits": {name: until - now for name, until in self.limits.items() if until > now},
        }

    @classmethod
    def from_json(cls, data: object, *, now: float, wall: float) -> Backoff:
        """Read what another process left; anything unreadable is as if it were not there."""
        state, limits = table(data), table(table(data).get("limits"))
        passed = _passed(state, now, wall)

        def until(left: object) -> float:
            seconds = min(number(left), DAY) - passed
            return now + seconds if seconds > 0 else 0.0

        return cls(
            failures=int(min(number(state.get("failures")), 1000.0)),
            since=now - passed - number(state.get("outage")),
            not_before=until(state.get("wait")),
            slow_until=until(state.get("slow")),
            limits={name: until(limits.get(name)) for name in OURS if until(limits.get(name))},
        )


def full_jitter(failures: int, outage: float, rand: Rand) -> float:
    """Seconds to wait: evenly between 0 and 5 x 2^failures, at most the cap."""
    return rand() * min(cap(outage), BASE * 2.0 ** min(max(failures, 0), 10))


def spaced(outage: float, rand: Rand) -> float:
    """Seconds to wait: evenly between half the cap and the cap. Probes so spaced arrive evenly when an outage ends."""
    return (0.5 + rand() / 2) * cap(outage)


def cap(outage: float) -> float:
    """Return the longest back-off in seconds: 30 for 5 minutes of outage, then a tenth of its length, at most 300."""
    return min(300.0, max(30.0, outage / 10))


def _failed(state: Backoff, now: float, rand: Rand, *, server_error: bool) -> Backoff:
    """Count a failure. After a 5xx at least a minute passes, and five tries take longer than 5 minutes."""
    since = state.since if state.failures else now
    failures, outage = state.failures + 1, now - since
    if server_error:
        wait = MINUTE + spaced(outage, rand)
    elif failures >= FAILURES:
        wait = spaced(outage, rand)
    else:
        wait = full_jitter(state.failures, outage, rand)
    return state.replace(failures=failures, since=since, not_before=max(state.not_before, now + wait))


def _answered(state: Backoff, now: float, rand: Rand, pace: float) -> Backoff:
    """Go on; after an outage start at a random moment and keep a slow pace for a while."""
    if state.probing or (state.failures and now - state.since >= MINUTE):
        return state.replace(failures=0, slow_until=now + RECOVERY, not_before=now + rand() * START)
    return state.replace(failures=0, not_before=now + (pace if now < state.slow_until else 0.0))


def _passed(state: Mapping[str, Any], now: float, wall: float) -> float:
    """Return the seconds since a state was written: by the monotonic clock within a boot, else by the wall clock."""
    written = number(state.get("monotonic"))
    if state.get("boot") == boot_id() is not None and written <= now:
        return now - written
    return max(0.0, wall - number(state.get("saved")))
