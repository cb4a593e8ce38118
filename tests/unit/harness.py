"""Parts for tests of queue, spool and sender in one process: a clock that is set, an egress with a script."""

from __future__ import annotations

import inspect
import os
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.egress.response import Response
from telemetry_sdk.endpoints import Endpoint
from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.ledger import Ledger
from telemetry_sdk.policy import Policy, ServicePolicy
from telemetry_sdk.policy.current import CurrentPolicy, Revocations
from telemetry_sdk.policy.watch import SettingsWatch
from telemetry_sdk.sender.batch_sender import BatchSender
from telemetry_sdk.sender.send_loop import SendLoop
from telemetry_sdk.sender.send_schedule import SendSchedule
from telemetry_sdk.spool.disk import MAX_RUNS, DiskSpool
from telemetry_sdk.spool.memory import MemorySpool
from telemetry_sdk.spool.quota import BLOCK, MAX_FILES
from telemetry_sdk.spool.record_format import RunHeader
from telemetry_sdk.spool.segment_name import WAITING, SegmentName
from telemetry_sdk.storage.shared_state import SharedState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from telemetry_sdk.spool.interface import Spool

METADATA: dict[str, Any] = {
    "user": "6f1c3a52-5a7e-4c8e-9d0e-1f2a3b4c5d6e",
    "session": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    "app": "acme-agent",
    "app_version": "1",
    "sdk_version": "1",
    "os": "Linux",
    "os_version": "6.1",
    "arch": "x",
    "python": "3",
    "python_version": "3",
    "provider": "first-party",
    "environment": None,
    "release": None,
    "dist": None,
    "user_id": None,
}
ENDPOINTS = {
    "metrics": Endpoint(
        service="metrics",
        url="https://metrics.example/v1/log_event",
        host="metrics.example",
        port=443,
        layer="host",
        key="client-key",
    ),
    "errors": Endpoint(
        service="errors",
        url="https://errors.example/api/1/envelope/",
        host="errors.example",
        port=443,
        layer="host",
        key="public",
    ),
}
START = 1_795_348_137.0  # the wall clock's first value


class FakeClock:
    """Two clocks that go on when a test says so. Seconds."""

    def __init__(self, monotonic: float = 1_000.0, wall: float = START) -> None:
        self._monotonic = monotonic
        self._wall = wall

    def monotonic(self) -> float:
        return self._monotonic

    def wall(self) -> float:
        return self._wall

    def advance(self, seconds: float) -> None:
        self._monotonic += seconds
        self._wall += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock only, as a user does."""
        self._wall += seconds


class Posted(NamedTuple):
    """One request."""

    service: str
    headers: Mapping[str, str]
    body: bytes


class FakeEgress:
    """Answers from `script` (a response, a failure, or a function that is called within the request), then 200."""

    def __init__(self, *script: Response | NetworkFailure | Callable[[], Any]) -> None:
        self.script = list(script)
        self.posts: list[Posted] = []
        self.closed = False

    async def post(self, endpoint: Endpoint, *, headers: Mapping[str, str], body: bytes, **_: Any) -> Response:
        self.posts.append(Posted(endpoint.service, headers, body))
        answer = self.script.pop(0) if self.script else Response(200, {})
        if callable(answer):
            answer = answer()
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, NetworkFailure):
            raise answer
        return answer if isinstance(answer, Response) else Response(200, {})

    async def aclose(self) -> None:
        self.closed = True

    @property
    def services(self) -> list[str]:
        return [posted.service for posted in self.posts]


class RunMetadata:
    """The metadata of a run: of both services unless some are taken out."""

    provider = "first_party"

    def __init__(self, *missing: str) -> None:
        self.missing = set(missing)

    def of(self, service: str) -> Mapping[str, Any] | None:
        return None if service in self.missing else METADATA


def event(n: int = 1, **changes: Any) -> bytes:
    """Return the JSON of a clean metric event."""
    return compact(
        {
            "id": str(uuid.UUID(int=n, version=4)),
            "time": int(START * 1000),
            "name": "beat",
            "value": None,
            "metadata": {"n": n},
            **changes,
        }
    )


def error(n: int = 1, **changes: Any) -> bytes:
    """Return the JSON of a clean error."""
    frame = {"function": "f", "module": "json", "lineno": n, "in_app": False}
    thrown = {
        "type": "ValueError",
        "module": "builtins",
        "value": None,
        "mechanism": {"type": "generic", "handled": True, "exception_id": 0},
        "frames": [frame],
    }
    return compact(
        {
            "id": uuid.UUID(int=n, version=4).hex,
            "time": START,
            "level": "error",
            "exceptions": [thrown],
            "tags": {},
            "repeats": 0,
            **changes,
        }
    )


def records(service: str, count: int) -> list[bytes]:
    make = event if service == "metrics" else error
    return [make(n) for n in range(1, count + 1)]


def current_policy(*on: str, app_dir: str | None = None, clock: FakeClock | None = None) -> CurrentPolicy:
    """Return a policy in which these services are on, and which no settings file changes."""
    rows = tuple(ServicePolicy(name=name, enabled=name in on) for name in ("metrics", "errors", "bug_reports"))
    policy = Policy(provider="first-party", rows=rows)
    now = (clock or FakeClock()).monotonic
    watch = Lazy(lambda: SettingsWatch(policy, lambda: policy, now))
    return CurrentPolicy(policy, Revocations(app_dir, on), watch, now)


class SpoolMaker:
    """Makes spools of one kind ("disk" or "memory") in a state directory, on a fake clock."""

    def __init__(self, kind: str, state_dir: Path, clock: FakeClock) -> None:
        self.kind = kind
        self.path = os.fspath(state_dir)
        self.clock = clock
        self.metadata = RunMetadata()

    def header(self) -> RunHeader:
        clock = self.clock
        return RunHeader(self.metadata, revocations={}, ledger=True, clock=clock.monotonic, wall=clock.wall)

    def state(self) -> SharedState:
        return SharedState(self.path if self.kind == "disk" else None)

    def make(self) -> Spool:
        return self.disk() if self.kind == "disk" else MemorySpool(self.header())

    def disk(self, *, run: bool = True, max_files: int = MAX_FILES, max_runs: int = MAX_RUNS) -> DiskSpool:
        """Make a spool on disk; without a run: as a sender of another process sees it."""
        clock = self.clock
        header = self.header() if run else None
        state = SharedState(self.path)
        return DiskSpool(
            self.path,
            state,
            header,
            clock=clock.monotonic,
            wall=clock.wall,
            max_files=max_files,
            max_runs=max_runs,
        )


class Sending:
    """A spool, a schedule and the sender's parts around a fake egress."""

    egress: Any

    def __init__(self, maker: SpoolMaker, *script: Any, ledger: Ledger | None = None) -> None:
        self.clock = maker.clock
        self.spool = maker.make()
        self.state = maker.state()
        self.egress = FakeEgress(*script)
        self.schedule = SendSchedule(clock=self.clock.monotonic)
        self.policy = current_policy("metrics", "errors", app_dir=os.path.dirname(maker.path), clock=self.clock)
        self.diagnostics = Diagnostics()
        self.ledger = ledger or Ledger(None, "run")
        self.batches = BatchSender(
            self.spool,
            self.state,
            ENDPOINTS,
            self.egress,
            self.ledger,
            self.policy,
            self.diagnostics,
            clock=self.clock.monotonic,
            wall=self.clock.wall,
            rand=lambda: 0.5,
        )

    def record(self, service: str, count: int = 1) -> None:
        """Spool records and tell the schedule, as the drain does."""
        for payloads in (
            [records(service, count)] if service == "metrics" else [[one] for one in records(service, count)]
        ):
            assert self.spool.append(service, payloads) is None
        self.schedule.add(service, count)

    def loop(self) -> SendLoop:
        return SendLoop(self.schedule, self.batches, self.egress, self.diagnostics)

    def burst(self) -> None:
        """Send what is due now, on this thread."""
        self.loop().run_once()

    async def send(self, service: str) -> bool:
        """Make one request under the spool's lock."""
        assert self.batches.lock(close_segment=True)
        try:
            return await self.batches.send(service)
        finally:
            self.batches.unlock()


def plant(
    directory: str, service: str = "metrics", *, run: str = "0-old", number: int = 1, size: int = BLOCK, **parts: Any
) -> SegmentName:
    """Write a segment of another run, of `size` bytes that are no records."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    name = SegmentName(run, number, service, **{"count": 1, "state": WAITING, **parts})
    with open(os.path.join(directory, name.text), "wb") as file:
        file.write(b"x" * size)
    return name


async def idle(_: object) -> None:
    """Do nothing, as a job."""
