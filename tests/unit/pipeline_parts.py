"""A pipeline whose threads are not started, with processors that change nothing, for tests."""

from __future__ import annotations

import threading
from typing import Any

from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.losses import LossReason
from telemetry_sdk.pipeline.drain import Drain
from telemetry_sdk.pipeline.pipeline import Pipeline
from telemetry_sdk.pipeline.writer_thread import WriterThread
from telemetry_sdk.queue import Queue, WakeUp
from telemetry_sdk.sender.send_schedule import Flush, SendSchedule
from telemetry_sdk.sender.thread import SenderThread
from tests.unit.harness import current_policy


class FakeWriter:
    """A writer that notes that it ran."""

    def __init__(self) -> None:
        self.prepared = 0
        self.ran = threading.Event()

    def prepare(self):
        self.prepared += 1

    def run(self):
        self.ran.set()


class StillWakeUp(WakeUp):
    """A wake-up that starts no thread."""

    def __init__(self) -> None:
        super().__init__(FakeWriter())
        self._start.acquire()


class FakeProcessors:
    """Returns a raw record as it is, an event's as JSON; raises it if it is an exception."""

    held = 0

    def event(self, raw):
        record = self.error(raw[1])
        return record if isinstance(record, LossReason) else compact(record)

    def error(self, raw):
        if isinstance(raw, Exception):
            raise raw
        return raw

    def throttled_errors(self):
        held, self.held = self.held, 0
        return held


class Parts:
    """A pipeline whose threads are not started: the test runs each step."""

    def __init__(self, maker):
        self.clock = maker.clock
        self.diagnostics = Diagnostics(strict=True)
        self.app_dir = maker.path
        self.policy = current_policy("metrics", "errors", app_dir=maker.path, clock=maker.clock)
        self.queue = Queue(StillWakeUp(), ["metrics", "errors"])
        self.processors: Any = FakeProcessors()
        self.spool = Lazy(maker.make)
        self.schedule = SendSchedule(clock=self.clock.monotonic)
        self.sender = SenderThread(self.schedule, Lazy(self.never), self.diagnostics)
        self.drain = Drain(
            self.queue,
            Lazy(lambda: self.processors),
            self.spool,
            self.sender,
            self.policy,
            self.diagnostics,
            self.clock.monotonic,
        )
        processors: Lazy[Any] = Lazy(lambda: self.processors)
        processors.get()
        self.pipeline = Pipeline(
            queue=self.queue,
            drain=self.drain,
            processors=processors,
            spool=self.spool,
            sender=self.sender,
            policy=self.policy,
        )
        self.writer = WriterThread(Lazy(lambda: self.pipeline), self.never, self.diagnostics)

    def never(self):
        raise AssertionError("the sender was built")

    def events(self, count=1, record=None):
        for n in range(count):
            self.queue.put_event({"n": n} if record is None else record, None, None)

    def errors(self, *records):
        for record in records or ({"n": 0},):
            self.queue.put_error(record)

    @property
    def dropped(self):
        return self.drain.accounts.totals()[1]

    @property
    def spooled(self):
        return self.drain.accounts.totals()[0]

    def flush(self, to="spool"):
        flush = Flush(to, 5.0, self.clock.monotonic)
        self.pipeline.flush(flush)
        return flush.future


class BrokenSpool:
    """A spool that refuses for a reason, or raises."""

    path = None
    open_count = 0

    def __init__(self, refusal):
        self.refusal = refusal

    def append(self, service, payloads):
        if isinstance(self.refusal, Exception):
            raise self.refusal
        return self.refusal


def with_broken_spool(parts, refusal):
    parts.drain._spool = Lazy(lambda: BrokenSpool(refusal))
