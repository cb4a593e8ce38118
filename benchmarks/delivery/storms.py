"""Retry storms: clients on a fake clock, each with a batch of events and two errors that wait through an outage.

    python benchmarks/delivery/storms.py [--clients 2000] [--full]

`--full`: 100,000 clients. The real back-off and response policy decide when each request is made. Each client's first
requests fall into the first 30 s of the outage, the cadence of metrics. Outages of 1, 5 and 60 minutes: the server
answers 503, or cannot be reached (`network`: then nothing arrives before the end).

Promised, of what arrives from the outage's end on: the busiest second, and the first, have at most 1.5 times the mean
of the time in which the middle 90 % fall; a client makes at most 15 requests that a server sees; after an outage of up
to 5 minutes it is done within 60 s (network) or 120 s (503), with nothing dropped. With fewer than 100,000 clients
three standard deviations of a second's count are allowed for chance.
"""

from __future__ import annotations

import random
from collections import Counter

from _world import chosen, report

from telemetry_sdk.egress.response import Response
from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.sender.backoff import Backoff
from telemetry_sdk.sender.response_policy import TRIES, decide
from telemetry_sdk.sender.shared_backoff import CATEGORIES, PACES

SIZES = {"clients": (2_000, 100_000)}
OUTAGES = (60.0, 300.0, 3_600.0)  # seconds
CADENCE = 30.0  # seconds
WAITING = {"metrics": 1, "errors": 2}  # requests
VENDORS = {"metrics": "statsig", "errors": "sentry"}
FAILED = {"503": Response(503, {}), "network": NetworkFailure("connect")}
OK = Response(202, {})
STORM, MOST_REQUESTS = 1.5, 15
LARGE = 300_000  # requests: 100,000 clients


class Outage:
    """What the servers see of the clients in one outage, and what became of the records."""

    def __init__(self, kind: str, seconds: float, rand: random.Random) -> None:
        self.kind = kind
        self.seconds = seconds
        self.rand = rand.random
        self.arrived: Counter[int] = Counter()  # by second after the end
        self.seen = self.attempts = 0  # requests of the busiest client
        self.dropped = 0
        self.last = 0.0

    def add_client(self) -> None:
        """Send what one client has, to both servers."""
        counts = [self._send(service) for service in WAITING]
        self.attempts = max(self.attempts, sum(attempts for attempts, _ in counts))
        self.seen = max(self.seen, sum(seen for _, seen in counts))

    def _send(self, service: str) -> tuple[int, int]:
        now, state = self.rand() * CADENCE, Backoff()
        left, tries, attempts, seen = WAITING[service], 0, 0, 0
        while left:
            over = now >= self.seconds
            attempts += 1
            if over or self.kind == "503":
                seen += 1
            if over:
                self.arrived[int(now - self.seconds)] += 1
                self.last = max(self.last, now - self.seconds)
            answer = OK if over else FAILED[self.kind]
            decision = decide(VENDORS[service], answer, single=True, now=0.0, rand=self.rand)
            state = state.after(decision, now=now, rand=self.rand, pace=PACES[service])
            tries = tries + decision.tried
            if over or tries == TRIES:
                self.dropped += not over
                left, tries = left - 1, 0
            now += state.wait(now, CATEGORIES[service])
        return attempts, seen

    def measured(self) -> dict[str, float]:
        """Return the busiest and the first second over the mean of the middle 90 %, and the counts."""
        total = sum(self.arrived.values())
        if not total:
            return {"arrived": 0, "dropped": self.dropped, "most_seen": self.seen, "most_attempts": self.attempts}
        passed, middle = 0, []
        for second in sorted(self.arrived):
            passed += self.arrived[second]
            if 0.05 * total <= passed <= 0.95 * total:
                middle.append(second)
        mean = 0.9 * total / (middle[-1] - middle[0] + 1)
        return {
            "busiest": round(max(self.arrived.values()) / mean, 2),
            "first": round(self.arrived[0] / mean, 2),
            "chance": round(3 * (STORM / mean) ** 0.5, 2) if total < LARGE else 0.0,
            "over_within_s": round(self.last, 1),
            "arrived": total,
            "dropped": self.dropped,
            "most_seen": self.seen,
            "most_attempts": self.attempts,
        }


def main(clients: int) -> int:
    """Simulate every outage."""
    seed = random.randrange(1 << 32)
    found = {}
    for kind in FAILED:
        for seconds in OUTAGES:
            outage = Outage(kind, seconds, random.Random(f"{seed}-{kind}-{seconds}"))
            for _ in range(clients):
                outage.add_client()
            found[kind, seconds] = outage.measured()
    short = {(kind, seconds): line for (kind, seconds), line in found.items() if seconds <= OUTAGES[1]}
    promises = {
        "busiest second": all(line.get("busiest", 0.0) <= STORM + line.get("chance", 0.0) for line in found.values()),
        "first second": all(line.get("first", 0.0) <= STORM + line.get("chance", 0.0) for line in found.values()),
        "requests a client": all(line["most_seen"] <= MOST_REQUESTS for line in found.values()),
        "nothing dropped within 5 minutes": all(line["dropped"] == 0 for line in short.values()),
        "over in time": all(
            line["over_within_s"] <= (60.0 if kind == "network" else 120.0) for (kind, _), line in short.items()
        ),
    }
    lines = {f"{kind} {seconds / 60:.0f} min": line for (kind, seconds), line in found.items()}
    return report("storms", promises, seed=seed, clients=clients, outages=lines)


if __name__ == "__main__":
    raise SystemExit(main(**chosen(SIZES)))
