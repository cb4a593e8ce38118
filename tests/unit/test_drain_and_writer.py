"""The drain, the writer around it, and the pipeline's ways through them: flush, crash, opt-out, close."""

from __future__ import annotations

import threading

import pytest

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.losses import (
    CLOSED,
    MISSING_FIELD,
    OPTED_OUT,
    SANITIZER_FAILED,
    SPOOL_FAILED,
    SPOOL_FULL,
    TOO_LARGE,
    Accounts,
)
from telemetry_sdk.pipeline.drain import RECENT_ERRORS, SLICE_ERRORS, SLICE_EVENTS, Drain
from telemetry_sdk.pipeline.pipeline import Pipeline
from telemetry_sdk.pipeline.writer import Writer
from telemetry_sdk.queue.queue import Queue
from telemetry_sdk.sender.send_schedule import Flush, SendSchedule
from telemetry_sdk.sender.thread import Sender
from telemetry_sdk.spool.record_format import MAX_ERROR, MAX_EVENT
from tests.unit.harness import current_policy
from tests.unit.test_queue import StillWakeUp


class FakeProcessors:
    """Returns a raw record as it is; raises it if it is an exception."""

    held = 0

    def event(self, raw):
        return self.error(raw[1])

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
        self.policy = current_policy("metrics", "errors", app_dir=maker.path, clock=maker.clock)
        self.queue = Queue(StillWakeUp(), ["metrics", "errors"])
        self.processors = FakeProcessors()
        self.accounts = Accounts()
        self.spool = Lazy(maker.make)
        self.schedule = SendSchedule(self.clock.monotonic)
        self.sender = Sender(self.schedule, Lazy(self.never), self.diagnostics)
        self.drain = Drain(
            self.queue,
            Lazy(lambda: self.processors),
            self.spool,
            self.sender,
            self.accounts,
            self.policy,
            self.diagnostics,
        )
        self.listeners: list = []
        self.writer = Writer(self.queue, self.drain, self.sender, self.listeners, self.diagnostics)
        processors = Lazy(lambda: self.processors)
        processors.get()
        self.pipeline = Pipeline(
            queue=self.queue,
            writer=self.writer,
            drain=self.drain,
            processors=processors,
            spool=self.spool,
            sender=self.sender,
            accounts=self.accounts,
            policy=self.policy,
        )

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
        return self.accounts.totals()[1]

    @property
    def spooled(self):
        return self.accounts.totals()[0]

    def flush(self, to="spool"):
        flush = Flush(to, 5.0, self.clock.monotonic)
        self.pipeline.flush(flush)
        return flush.future


@pytest.fixture
def parts(maker):
    return Parts(maker)


class BrokenSpool:
    """A spool that refuses for a reason, or raises."""

    path = None

    def __init__(self, refusal):
        self.refusal = refusal

    def append(self, service, payloads):
        if isinstance(self.refusal, Exception):
            raise self.refusal
        return self.refusal


def broken(parts, refusal):
    parts.drain._spool = Lazy(lambda: BrokenSpool(refusal))


class TestDrain:
    def test_an_empty_queue_builds_nothing(self, parts):
        assert parts.drain.slice() == 0
        assert parts.spool.built is None

    def test_a_slice_takes_few_records_of_both_services(self, parts):
        parts.events(SLICE_EVENTS + 7)
        parts.errors(*[{"n": n} for n in range(SLICE_ERRORS + 1)])
        assert parts.drain.slice() == SLICE_EVENTS + SLICE_ERRORS
        assert parts.spooled == {"metrics": SLICE_EVENTS, "errors": SLICE_ERRORS}
        assert parts.drain.slice() == 8
        assert parts.drain.slice() == 0
        assert parts.spool.get().counts()["waiting"] == {"metrics": SLICE_EVENTS + 7, "errors": SLICE_ERRORS + 1}

    def test_the_sender_hears_of_what_was_spooled(self, parts):
        parts.errors()
        parts.drain.slice()
        assert parts.schedule.delay("errors", 0.0) == 0.0

    def test_only_one_thread_drains(self, parts):
        parts.events()
        with parts.drain._lock:
            assert parts.drain.slice() == 0
            assert parts.drain.wait(0.0) is False
        assert parts.drain.wait(0.0) is True
        assert parts.drain.slice() == 1

    @pytest.mark.parametrize(
        ("record", "reason", "failures"),
        [
            (MISSING_FIELD, MISSING_FIELD, 0),
            (ValueError("planted"), SANITIZER_FAILED, 1),
            ({"n": float("nan")}, SANITIZER_FAILED, 1),
            ({"n": "x" * MAX_ERROR}, TOO_LARGE, 0),
        ],
    )
    def test_a_record_that_is_not_spooled_is_counted_for_its_reason(self, parts, record, reason, failures):
        parts.events(1, record)
        parts.errors(record)
        while parts.drain.slice():
            pass
        assert (parts.dropped, parts.spooled) == ({reason: 2}, {})
        assert parts.diagnostics.failures == 2 * failures
        assert parts.drain.lost == 0

    def test_an_event_has_a_smaller_limit_than_an_error(self, parts):
        record = {"n": "x" * MAX_EVENT}
        parts.events(1, record)
        parts.errors(record)
        parts.drain.slice()
        assert (parts.dropped, parts.spooled) == ({TOO_LARGE: 1}, {"errors": 1})

    def test_a_bad_record_harms_no_other(self, parts):
        parts.events(1)
        parts.events(1, ValueError("planted"))
        parts.events(1)
        parts.drain.slice()
        assert (parts.dropped, parts.spooled) == ({SANITIZER_FAILED: 1}, {"metrics": 2})

    @pytest.mark.parametrize(("refusal", "reason"), [(SPOOL_FULL, SPOOL_FULL), (ValueError("planted"), SPOOL_FAILED)])
    def test_what_the_spool_does_not_keep_is_lost_for_its_reason(self, parts, refusal, reason):
        broken(parts, refusal)
        parts.events(3)
        parts.errors()
        parts.drain.slice()
        assert (parts.dropped, parts.drain.lost) == ({reason: 4}, 4)

    @pytest.mark.parametrize("service", ["metrics", "errors"])
    def test_a_service_that_is_off_is_dropped_unseen(self, parts, service):
        parts.processors = None
        parts.events(2)
        parts.errors({"n": 1}, {"n": 2})
        parts.policy.turn_off("metrics")
        parts.policy.turn_off("errors")
        parts.drain.slice()
        assert parts.dropped == {OPTED_OUT: 4}

    def test_a_service_that_is_turned_off_meanwhile_is_not_kept(self, parts):
        class Late(FakeProcessors):
            def event(self, raw):
                parts.policy.turn_off("metrics")
                return {"n": 1}

        parts.processors = Late()
        parts.events(2)
        parts.drain.slice()
        assert parts.spool.get().counts()["waiting"]["metrics"] == 0
        assert parts.spool.get().counts()["dropped"] == {OPTED_OUT: 2}

    def test_the_last_clean_errors_are_kept_for_a_bug_report(self, parts):
        parts.errors(*[{"exceptions": [], "n": n} for n in range(RECENT_ERRORS + 2)], {"type": "session"})
        while parts.drain.slice():
            pass
        assert [record["n"] for record in parts.drain.recent_errors] == list(range(2, RECENT_ERRORS + 2))

    def test_it_knows_where_its_spool_keeps_records(self, maker, parts):
        assert parts.drain.on_disk
        parts.spool.get()
        assert parts.drain.on_disk is (maker.kind == "disk")


class TestWriter:
    def test_a_flush_of_an_empty_queue_is_answered_at_once(self, parts):
        parts.queue.wakeup.reset()  # no thread was started
        assert parts.flush().result() is True

    def test_a_flush_is_answered_when_the_queue_is_drained(self, maker, parts):
        parts.events(SLICE_EVENTS * 2)
        future = parts.flush()
        assert not future.done
        parts.writer._work()
        assert future.result() is (maker.kind == "disk")
        assert parts.queue.empty()

    def test_a_flush_is_false_once_after_a_loss(self, disk):
        parts = Parts(disk)
        broken(parts, SPOOL_FULL)
        parts.events(1)
        future = parts.flush()
        parts.writer._work()
        assert future.result() is False
        future = parts.flush()
        parts.writer._work()
        assert future.result() is False, "a spool in memory keeps nothing after the process"
        parts.drain._spool = parts.spool
        future = parts.flush()
        parts.writer._work()
        assert future.result() is True

    def test_a_flush_to_the_server_goes_on_with_the_sender(self, parts):
        parts.sender._start.acquire()  # no thread of its own
        parts.events(1)
        future = parts.flush("server")
        parts.writer._work()
        assert not future.done
        assert [flush.future for flush in parts.schedule.flushes] == [future]

    def test_a_flush_to_the_server_is_false_after_a_loss(self, parts):
        parts.sender._start.acquire()
        broken(parts, SPOOL_FULL)
        parts.events(1)
        future = parts.flush("server")
        parts.writer._work()
        assert future.result() is False

    def test_listeners_hear_of_a_drain_and_harm_nobody(self, parts):
        class Listener:
            heard = 0

            def drained(self):
                self.heard += 1
                raise ValueError("planted")

        first, second = Listener(), Listener()
        parts.listeners += [first, second]
        parts.writer._work()
        assert first.heard == 0
        parts.events(1)
        parts.writer._work()
        assert (first.heard, second.heard, parts.diagnostics.failures) == (1, 1, 2)

    def test_it_runs_until_the_queue_is_closed(self, parts):
        parts.sender._start.acquire()
        thread = threading.Thread(target=parts.writer.run)
        thread.start()
        for n in range(20):
            parts.events(5)
            parts.errors({"n": n})
            assert parts.flush().wait(30)
        assert parts.spooled == {"metrics": 100, "errors": 20}
        parts.queue.close()
        parts.queue.wakeup.wake()
        thread.join(30)
        assert not thread.is_alive()

    def test_a_flush_after_the_end_is_answered(self, maker, parts):
        parts.queue.close()
        assert parts.flush().result() is True


class TestPipeline:
    def test_a_crash_is_spooled_on_this_thread(self, parts):
        parts.events(3)
        parts.queue.put_error({"n": 1}, first=True)
        parts.pipeline.spool_first(1.0)
        assert parts.spooled["errors"] == 1

    def test_a_crash_waits_for_a_drain_that_is_held_up_no_longer_than_its_time(self, parts):
        parts.errors()
        with parts.drain._lock:
            parts.pipeline.spool_first(0.01)
        assert parts.spooled == {}

    @pytest.mark.parametrize(("service", "other"), [("metrics", "errors"), ("errors", "metrics")])
    def test_a_service_that_is_turned_off_is_dropped_wherever_it_waits(self, parts, service, other):
        for _ in range(2):
            parts.events(1)
            parts.errors()
            parts.drain.slice()
        parts.events(1)
        parts.errors()
        parts.pipeline.turned_off(service)
        assert parts.dropped == {OPTED_OUT: 1}
        counts = parts.spool.get().counts()
        assert counts["dropped"] == {OPTED_OUT: 2}
        assert counts["waiting"] == {service: 0, other: 2}
        assert not parts.queue.empty()

    def test_bug_reports_have_nothing_to_drop(self, parts):
        parts.events(1)
        parts.pipeline.turned_off("bug_reports")
        assert parts.queue.counts() == (1, 1, 0)

    def test_closing_spools_what_waits(self, parts):
        parts.events(SLICE_EVENTS * 3)
        parts.errors({"n": 1}, {"n": 2}, {"n": 3})
        parts.queue.close()
        assert parts.pipeline.close(30.0) is True
        assert parts.spooled == {"metrics": SLICE_EVENTS * 3, "errors": 3}
        assert parts.schedule.ended
        assert parts.dropped == {}

    def test_closing_counts_what_it_had_no_time_for(self, parts):
        parts.events(5)
        parts.queue.close()
        assert parts.pipeline.close(0.0) is False
        assert parts.dropped == {CLOSED: 5}

    def test_closing_is_bounded_while_another_thread_drains(self, parts):
        parts.events(5)
        parts.queue.close()
        with parts.drain._lock:
            assert parts.pipeline.close(0.01) is False
        assert parts.dropped == {CLOSED: 5}

    def test_closing_after_a_loss_is_not_true(self, parts):
        broken(parts, SPOOL_FULL)
        parts.events(1)
        parts.queue.close()
        assert parts.pipeline.close(30.0) is False

    def test_errors_that_the_throttle_held_are_reported(self, parts):
        parts.processors.held = 7
        parts.processors.error = lambda item: {"type": item.type, "payload": item.payload}
        parts.events(1)
        parts.queue.close()
        assert parts.pipeline.close(30.0)
        spool = parts.spool.get()
        assert spool.lock()
        (payload,) = spool.take("errors", 1).payloads
        assert b'"client_report"' in payload
        assert b'{"reason":"sample_rate","category":"error","quantity":7}' in payload

    @pytest.mark.parametrize(("send", "healthy"), [(True, True), (True, False), (False, True)])
    def test_a_request_has_time_only_where_the_last_one_succeeded(self, parts, send, healthy):
        class Loop:
            closing = None

            def wake(self):
                if parts.schedule.closing is not None and not parts.schedule.ended:
                    self.closing = parts.schedule.closing
                    self.closing.set(None)

        loop = Loop()
        loop.healthy = healthy
        parts.sender._loop = Lazy(lambda: loop)
        parts.sender._loop.get()
        parts.sender._start.acquire()
        parts.events(1)
        parts.queue.close()
        assert parts.pipeline.close(30.0, send=send)
        assert (loop.closing is not None) is (send and healthy)
        assert parts.schedule.ended
