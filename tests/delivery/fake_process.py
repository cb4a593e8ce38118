"""A process and a network of the model: the real queue, drain, spool and sender, run step by step."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.egress.response import Response
from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.ledger import Ledger
from telemetry_sdk.pipeline.drain import Drain
from telemetry_sdk.policy.current import Revocations
from telemetry_sdk.queue import Queue
from telemetry_sdk.sender.batch_sender import BatchSender
from telemetry_sdk.sender.send_loop import SendLoop
from telemetry_sdk.sender.send_schedule import Flush, SendSchedule
from telemetry_sdk.sender.thread import SenderThread
from telemetry_sdk.spool.disk import DiskSpool
from telemetry_sdk.spool.record_format import RunHeader
from telemetry_sdk.storage.shared_state import SharedState
from tests.unit.harness import ENDPOINTS, RunMetadata, current_policy, error, event
from tests.unit.pipeline_parts import FakeProcessors, StillWakeUp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from telemetry_sdk.endpoints import Endpoint
    from tests.delivery.fake_disk import FakeDisk
    from tests.unit.harness import SpoolMaker

CAP = 640 << 10  # bytes of the spool: evictions happen
RUNS = 1  # when more wait, their segments are merged
QUEUED = 2_500  # events of a queue: it overflows
REFUSED = b'{"success":false,"message":"no","detail":"no"}'
ANSWERS: dict[str, Response | NetworkFailure] = {
    "ok": Response(202, {}),
    "refused connection": NetworkFailure("connect"),
    "time-out": NetworkFailure("timeout"),
    "503": Response(503, {}),
    "503 for an hour": Response(503, {"retry-after": "3600"}),
    "408": Response(408, {}),
    "429": Response(429, {"retry-after": "30"}),
    "429 by category": Response(429, {"x-sentry-rate-limits": "120:error:organization"}),
    "400": Response(400, {}),
    "413": Response(413, {}),
    "portal": Response(200, {"content-type": "text/html"}, b"<html>"),
    "redirect": Response(302, {}),
    "proxy": Response(403, {}, b"<html>"),
    "key": Response(401, {}, REFUSED),
}


class Killed(BaseException):
    """The process ends within a request."""


def is_kill(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(is_kill(one) for one in error.exceptions)
    return isinstance(error, Killed)


class Network:
    """The server: `answers` are given in turn, then all is accepted. `received`: how often each id arrived."""

    def __init__(self, disk: FakeDisk) -> None:
        self.answers: list[str] = []
        self.received: Counter[str] = Counter()
        self.kill = False
        self.breaks: str | None = None  # the disk's fault from the next request on
        self._disk = disk

    async def post(self, endpoint: Endpoint, *, headers: Mapping[str, str], body: bytes, **_: Any) -> Response:
        """Answer one request; a killed process has sent it, and learns nothing of it."""
        if self._disk.fault == "dead":
            raise Killed
        name = self.answers.pop(0) if self.answers else "ok"
        answer = ANSWERS[name]
        if name == "ok":
            self.received.update(ids(endpoint.service, body))
        if self.kill:
            self._disk.fault = "dead"
            raise Killed
        if self.breaks is not None:
            self._disk.fault, self.breaks = self.breaks, None
        if isinstance(answer, NetworkFailure):
            raise answer
        return answer

    async def aclose(self) -> None:
        """Nothing is open."""


def ids(service: str, body: bytes) -> list[str]:
    """Return the ids of the records in a request."""
    if service == "metrics":
        return [f"m{one['metadata']['n']}" for one in json.loads(body)["events"]]
    payloads = [json.loads(line) for line in body.splitlines() if line.startswith(b'{"')]
    return [f"e{int(one['event_id'], 16)}" for one in payloads if "exception" in one]


class Process:
    """One process of the application: a queue, a drain, a spool and a sender, run step by step."""

    def __init__(self, maker: SpoolMaker, network: Network, random: Random) -> None:
        clock = maker.clock
        app_dir = os.path.dirname(maker.path)
        revocations = Revocations(app_dir, ["metrics", "errors"])
        self.spool = DiskSpool(
            maker.path,
            SharedState(maker.path),
            RunHeader(
                RunMetadata(), revocations=revocations.began, ledger=True, clock=clock.monotonic, wall=clock.wall
            ),
            clock=clock.monotonic,
            wall=clock.wall,
            max_bytes=CAP,
            max_runs=RUNS,
        )
        self.diagnostics = Diagnostics()
        self.queue = Queue(StillWakeUp(), ["metrics", "errors"], events=QUEUED, errors=QUEUED)
        self.schedule = SendSchedule(clock=clock.monotonic)
        policy = current_policy("metrics", "errors", app_dir=app_dir, clock=clock)
        processors: Any = FakeProcessors()
        sender = SenderThread(self.schedule, Lazy(_never), self.diagnostics)
        self.drain = Drain(
            self.queue,
            Lazy(lambda: processors),
            Lazy(lambda: self.spool),
            sender,
            policy,
            self.diagnostics,
        )
        egress: Any = network
        batches = BatchSender(
            self.spool,
            SharedState(maker.path),
            ENDPOINTS,
            egress,
            Ledger(None, "run"),
            policy,
            self.diagnostics,
            clock=clock.monotonic,
            wall=clock.wall,
            rand=random.random,
        )
        self.loop = SendLoop(self.schedule, batches, egress, self.diagnostics)
        self._clock = clock

    def record(self, service: str, number: int) -> None:
        """Record one event or error."""
        if service == "metrics":
            self.queue.put_event(json.loads(event(number)), None, None)
        else:
            self.queue.put_error(json.loads(error(number)))

    def flush(self) -> bool:
        """Drain all; True if everything that was recorded is on disk."""
        lost = self.drain.lost
        while self.drain.slice():
            pass
        return self.drain.lost == lost and self.drain.on_disk

    def send(self) -> None:
        """Send all that may be sent now; the sender's thread lives on where the disk fails."""
        self.schedule.flushes.append(Flush("server", 60.0, self._clock.monotonic))
        with contextlib.suppress(OSError):
            asyncio.run(self.loop.burst())
        self.schedule.flushes.clear()

    @property
    def unsettled(self) -> int:
        """How many records were sent whose fate could not be written: what a kill forgets."""
        return sum(changed.count for _, changed in self.spool._reader.unsettled.values())

    @property
    def queued(self) -> set[str]:
        """The ids that wait in the queue."""
        events = {f"m{record[1]['metadata']['n']}" for record in self.queue.events.records}
        return events | {f"e{int(record['id'], 16)}" for record in self.queue.errors.records}

    @property
    def spooled(self) -> int:
        """The records that it wrote to disk: all that were spooled but those that were kept in memory."""
        memory = self.spool.memory_counts()
        return sum(self.drain.accounts.totals()[0].values()) - sum(sum(table.values()) for table in memory.values())

    @property
    def balance(self) -> int:
        """Recorded less queued, spooled and dropped: 0."""
        recorded, queued, overflowed = self.queue.counts()
        spooled, dropped = self.drain.accounts.totals()
        return recorded - queued - overflowed - sum(spooled.values()) - sum(dropped.values())


def _never() -> Any:
    raise AssertionError("a thread's loop was built")
