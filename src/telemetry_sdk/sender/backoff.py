"""When a vendor may be asked again: back-off, circuit and rate limits in one value.

Times are monotonic seconds within a process. Between processes (`state.json`) only what is left of a wait is
shared, so that no jump of the wall clock can mute us longer than the server asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from .rate_limits import DAY, MINUTE, OURS, Rand
from .response_policy import CAP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from telemetry_sdk.storage.shared_state import SharedState

    from .response_policy import Decision

FAILURES = 5  # in a row: then the circuit opens, and one probe at a time goes out
PACE = 10.0  # seconds between requests after an outage: six a minute
RECOVERY = 600.0  # seconds for which that pace is kept
CATEGORIES = {"metrics": "", "errors": "error"}  # Sentry's rate-limit categories
SLACK = 5.0  # seconds that two processes' clocks may differ


@dataclass(frozen=True, slots=True)
class Backoff:
    """The state of one vendor. Monotonic seconds; `limits` by Sentry's category, "" for all."""

    failures: int = 0
    not_before: float = 0.0
    slow_until: float = 0.0
    limits: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def probing(self) -> bool:
        """Whether the circuit is open: the next request is a probe, and none may go beside it."""
        return self.failures >= FAILURES

    def wait(self, now: float, category: str = "") -> float:
        """Seconds until a request of this category may start; 0: now."""
        until = max(self.not_before, self.limits.get("", 0.0), self.limits.get(category, 0.0))
        return min(max(0.0, until - now), DAY)

    def after(self, decision: Decision, *, now: float, rand: Rand) -> Backoff:
        """Return the state after an answer; the longest of all waits stands."""
        limits = {name: until for name, until in self.limits.items() if until > now}
        for name, seconds in decision.limits.items():
            limits[name] = max(limits.get(name, 0.0), now + seconds)
        changed = replace(self, limits=limits, not_before=now + decision.delay)
        if decision.failed:
            return _failed(changed, now, rand)
        if decision.delay:
            return replace(changed, failures=0)
        return _answered(changed, now, rand)

    def at_rest(self, now: float) -> bool:
        """Whether nothing failed and nothing is waited for: there is nothing that other processes need to know."""
        return not (self.failures or self.limits) and max(self.not_before, self.slow_until) <= now

    def to_json(self, *, now: float, wall: float) -> dict[str, Any]:
        """Return what other processes need: the waits that are left, and the wall time."""
        return {
            "saved": wall,
            "failures": self.failures,
            "wait": max(0.0, self.not_before - now),
            "slow": max(0.0, self.slow_until - now),
            "limits": {name: until - now for name, until in self.limits.items() if until > now},
        }

    @classmethod
    def from_json(cls, data: object, *, now: float, wall: float) -> Backoff:
        """Read what another process left; anything unreadable is as if it were not there.

        A state from the future means that a clock was set back: its waits are ignored, for nobody knows how
        much of them has passed.
        """
        state, limits = _table(data), _table(_table(data).get("limits"))
        passed = wall - _number(state.get("saved"))
        if passed < -SLACK:
            passed = math.inf

        def until(left: object) -> float:
            seconds = min(_number(left), DAY) - max(passed, 0.0)
            return now + seconds if seconds > 0 else 0.0

        return cls(
            failures=int(min(_number(state.get("failures")), 1000.0)),
            not_before=until(state.get("wait")),
            slow_until=until(state.get("slow")),
            limits={name: until(limits.get(name)) for name in OURS if until(limits.get(name))},
        )


class SharedBackoff:
    """The back-off of each service, shared with other processes through the state."""

    def __init__(
        self, state: SharedState, *, clock: Callable[[], float], wall: Callable[[], float], rand: Rand
    ) -> None:
        self._state = state
        self._clock = clock
        self._wall = wall
        self._rand = rand
        self._backoffs: dict[str, Backoff] = {}
        self._shared: dict[str, object] = {}

    @property
    def healthy(self) -> bool:
        """Whether no vendor has failed since its last good response, or asked to wait."""
        return not any(backoff.failures or self.wait(service) for service, backoff in self._backoffs.items())

    def refresh(self) -> None:
        """Read what other processes learned."""
        shared = _table(self._state.read().get("backoff"))
        for service in CATEGORIES:
            found = shared.get(service)
            if found != self._shared.get(service):
                self._shared[service] = found
                self._backoffs[service] = Backoff.from_json(found, now=self._clock(), wall=self._wall())

    def wait(self, service: str) -> float:
        """Return the seconds until the vendor may be asked again."""
        backoff = self._backoffs.get(service)
        return 0.0 if backoff is None else backoff.wait(self._clock(), CATEGORIES[service])

    def failures(self, service: str) -> int:
        """Return how often the vendor has failed in a row."""
        backoff = self._backoffs.get(service)
        return 0 if backoff is None else backoff.failures

    def note(self, service: str, decision: Decision) -> None:
        """Update the vendor's back-off, here and for other processes."""
        now, before = self._clock(), self._backoffs.get(service) or Backoff()
        backoff = self._backoffs[service] = before.after(decision, now=now, rand=self._rand)
        if before.at_rest(now) and backoff.at_rest(now):
            return
        shared = self._shared[service] = backoff.to_json(now=now, wall=self._wall())

        def edit(state: dict[str, Any]) -> None:
            state["backoff"] = {**_table(state.get("backoff")), service: shared}

        self._state.change(edit)


def _failed(state: Backoff, now: float, rand: Rand) -> Backoff:
    """Count a failure; an open circuit waits at least a minute, whatever the jitter says."""
    failures = state.failures + 1
    floor = MINUTE + rand() * (CAP - MINUTE) if failures >= FAILURES else 0.0
    return replace(state, failures=failures, not_before=max(state.not_before, now + floor))


def _answered(state: Backoff, now: float, rand: Rand) -> Backoff:
    """Go on; after an outage start within a minute at random and keep a slow pace for a while."""
    if state.probing:
        return replace(state, failures=0, slow_until=now + RECOVERY, not_before=now + rand() * MINUTE)
    pause = PACE if now < state.slow_until else 0.0
    return replace(state, failures=0, not_before=now + pause)


def _table(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _number(value: object) -> float:
    """Return a number that is not negative; 0 for whatever else a file may hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    try:
        number = float(value)
    except OverflowError:
        return 0.0
    return number if number > 0 and math.isfinite(number) else 0.0
