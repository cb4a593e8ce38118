"""When each service may send, for all processes of a state directory: back-off, and the bucket for errors."""

from __future__ import annotations

from telemetry_sdk._internal.json_values import table
from telemetry_sdk._internal.services import ERRORS, METRICS, RECORDED
from telemetry_sdk.spool.record_format import boot_id

from . import results
from .backoff import Backoff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from telemetry_sdk.storage.shared_state import SharedState

    from .rate_limits import Rand
    from .response_policy import Decision

PACES = {METRICS: 10.0, ERRORS: 0.5}  # seconds between requests after an outage: six a minute, two a second
CATEGORIES = {METRICS: "", ERRORS: "error"}  # Sentry's rate-limit categories
SIZE = 60.0  # requests of errors in the bucket
REFILL = 1.0  # requests of errors a second


class SharedBackoff:
    """The back-off of each service, shared with other processes through the state.

    `clock`: monotonic seconds; `wall`: seconds since the epoch.
    """

    def __init__(
        self, state: SharedState, *, clock: Callable[[], float], wall: Callable[[], float], rand: Rand
    ) -> None:
        self._state = state
        self._clock = clock
        self._wall = wall
        self._rand = rand
        self._bucket = ErrorBucket(state, clock)
        self._backoffs: dict[str, Backoff] = {}
        self._shared: dict[str, object] = {}
        self._results: dict[str, object] = {}
        self._unwritten: dict[tuple[str, str], int] = {}  # service and result -> how often since the last write

    @property
    def healthy(self) -> bool:
        """Whether no vendor has failed since its last good response, or asked to wait."""
        return not any(backoff.failures or self._backoff(service) for service, backoff in self._backoffs.items())

    @property
    def refilling(self) -> bool:
        """Whether errors wait for nothing but the bucket."""
        return self._bucket.wait() > 0.0 == self._backoff(ERRORS)

    def refresh(self) -> None:
        """Read what other processes learned, and have drawn."""
        shared = self._state.read()
        backoffs, self._results = table(shared.get("backoff")), dict(table(shared.get(results.KEY)))
        self._bucket.refresh(shared)
        for service in RECORDED:
            found = backoffs.get(service)
            if found == self._shared.get(service):
                continue
            self._shared[service] = found
            self._backoffs[service] = Backoff.from_json(found, now=self._clock(), wall=self._wall())
            if self._backoff(service) and table(found).get("boot") != boot_id():
                self._share(service)  # from now on by this boot's monotonic clock

    def wait(self, service: str) -> float:
        """Return the seconds until a request may start."""
        wait = self._backoff(service)
        return max(wait, self._bucket.wait()) if service == ERRORS else wait

    def waits(self) -> dict[str, float]:
        """Return the same for each service."""
        return {service: self.wait(service) for service in RECORDED}

    def draw(self) -> None:
        """Count a request of errors that starts."""
        self._bucket.draw()

    def note(self, service: str, decision: Decision, host: str) -> None:
        """Update the vendor's back-off and the last result of `host`, here and for other processes."""
        now, before = self._clock(), self._backoffs.get(service) or Backoff()
        backoff = before.after(decision, now=now, rand=self._rand, pace=PACES[service])
        self._backoffs[service] = backoff
        due = results.is_due(self._results.get(service), decision.result, self._wall())
        key = service, decision.result
        self._unwritten[key] = self._unwritten.get(key, 0) + 1
        if due or not (before.at_rest(now) and backoff.at_rest(now)):
            self._share(service, decision.result, host)

    def _backoff(self, service: str) -> float:
        """Return the seconds until the vendor may be asked again."""
        backoff = self._backoffs.get(service)
        return 0.0 if backoff is None else backoff.wait(self._clock(), CATEGORIES[service])

    def _share(self, service: str, result: str = "", host: str = "") -> None:
        wall = self._wall()
        shared = self._shared[service] = self._backoffs[service].to_json(now=self._clock(), wall=wall)
        times = self._unwritten.pop((service, result), 1)

        def edit(state: dict[str, Any]) -> None:
            state["backoff"] = {**table(state.get("backoff")), service: shared}
            if result:
                known = table(state.get(results.KEY))
                self._results[service] = noted = results.noted(known.get(service), result, host, wall, times)
                state[results.KEY] = {**known, service: noted}

        self._state.change(edit)


class ErrorBucket:
    """The bucket from which requests of errors are drawn: 60 for a state directory, refilled one a second.

    Shared by all processes through the state; of this process alone where that cannot be written. After another boot
    the bucket is full. `clock`: monotonic seconds.
    """

    def __init__(self, state: SharedState, clock: Callable[[], float]) -> None:
        self._state = state
        self._clock = clock
        self._level = SIZE  # at the moment `_noted`
        self._noted = clock()

    def refresh(self, shared: Mapping[str, Any]) -> None:
        """Read what other processes have drawn."""
        found, now = table(shared.get("error_bucket")), self._clock()
        if not found or found.get("boot") != boot_id():
            return
        level, noted = found.get("level"), found.get("monotonic")
        if isinstance(level, (int, float)) and isinstance(noted, (int, float)) and noted <= now:
            self._level, self._noted = min(max(0.0, level), SIZE), noted

    def wait(self) -> float:
        """Return the seconds until a request may be drawn; 0: now."""
        return max(0.0, (1.0 - self._now()) / REFILL)

    def draw(self) -> None:
        """Draw a request."""
        self._level, self._noted = max(0.0, self._now() - 1.0), self._clock()
        drawn = {"boot": boot_id(), "monotonic": self._noted, "level": self._level}
        self._state.change(lambda state: state.update(error_bucket=drawn))

    def _now(self) -> float:
        return min(SIZE, self._level + (self._clock() - self._noted) * REFILL)
