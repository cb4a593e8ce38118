"""The writer around the drain, and the pipeline's flush, crash, opt-out and close."""

from __future__ import annotations

import sys
import threading
from collections import deque

import pytest

from telemetry_sdk._internal.future import Future
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.losses import (
    CLOSED,
    OPTED_OUT,
    SPOOL_FULL,
)
from telemetry_sdk.pipeline.drain import SLICE_EVENTS
from telemetry_sdk.pipeline.writer_thread import BUSY, CROWDED, GATHER, LOOKS
from tests.unit.pipeline_parts import FakeProcessors, Parts, StillWakeUp, with_broken_spool


@pytest.fixture
def parts(maker):
    return Parts(maker)


class TestWriter:
    def test_a_flush_of_an_empty_queue_is_answered_at_once(self, parts):
        parts.queue.wakeup.reset()  # no thread was started
        assert parts.flush().result() is True

    def test_a_flush_is_answered_when_the_queue_is_drained(self, maker, parts):
        parts.events(SLICE_EVENTS * 2)
        future = parts.flush()
        assert not future.done
        parts.writer._work(parts.pipeline)
        assert future.result() is (maker.kind == "disk")
        assert parts.queue.empty()

    def test_a_flush_is_false_once_after_a_loss(self, disk):
        parts = Parts(disk)
        with_broken_spool(parts, SPOOL_FULL)
        parts.events(1)
        future = parts.flush()
        parts.writer._work(parts.pipeline)
        assert future.result() is False
        future = parts.flush()
        parts.writer._work(parts.pipeline)
        assert future.result() is False, "a spool in memory keeps nothing after the process"
        parts.drain._spool = parts.spool
        future = parts.flush()
        parts.writer._work(parts.pipeline)
        assert future.result() is True

    def test_a_flush_after_the_last_slice_waits_for_the_next(self, disk):
        """Records and a flush come between the last slice and the answers."""
        parts = Parts(disk)
        late = []

        class Listener:
            def drained(self):
                if not late:
                    parts.events(2)
                    late.append(parts.flush())

        parts.writer.after_drain.append(Listener().drained)
        parts.events(1)
        parts.writer._work(parts.pipeline)
        assert not late[0].done, "its records are in the queue"
        parts.writer._work(parts.pipeline)
        assert late[0].result() is True
        assert parts.spooled == {"metrics": 3}

    def test_a_flush_waits_for_the_slice_of_another_thread(self, disk):
        """The crash hook has taken the records, and has not written them yet."""
        parts = Parts(disk)
        processing, go_on = threading.Barrier(2), threading.Barrier(2)

        class Held(FakeProcessors):
            def event(self, raw):
                processing.wait(30)
                go_on.wait(30)
                return super().event(raw)

        parts.processors = Held()
        parts.events(1)
        thread = threading.Thread(target=parts.drain.slice)
        thread.start()
        processing.wait(30)
        future = parts.flush()
        parts.drain.answer_flushes()
        assert not future.done
        parts.drain.answer_flushes(last=True)
        assert future.result() is False, "nobody answers it later"
        future = parts.flush()
        go_on.wait(30)
        thread.join(30)
        parts.writer._work(parts.pipeline)
        assert future.result() is True

    def test_a_flush_to_the_server_goes_on_with_the_sender(self, parts):
        parts.sender._start.acquire()  # no thread of its own
        parts.events(1)
        future = parts.flush("server")
        parts.writer._work(parts.pipeline)
        assert not future.done
        assert [flush.future for flush in parts.schedule.flushes] == [future]

    def test_a_flush_to_the_server_is_false_after_a_loss(self, parts):
        parts.sender._start.acquire()
        with_broken_spool(parts, SPOOL_FULL)
        parts.events(1)
        future = parts.flush("server")
        parts.writer._work(parts.pipeline)
        assert not future.done, "what was kept is still to be delivered"
        assert [(flush.future, flush.lost) for flush in parts.schedule.flushes] == [(future, True)]

    def test_listeners_hear_of_a_drain_and_harm_nobody(self, parts):
        class Listener:
            heard = 0

            def drained(self):
                self.heard += 1
                raise ValueError("planted")

        first, second = Listener(), Listener()
        parts.writer.after_drain += [first.drained, second.drained]
        parts.writer._work(parts.pipeline)
        assert first.heard == 0
        parts.events(1)
        parts.writer._work(parts.pipeline)
        assert (first.heard, second.heard, parts.diagnostics.failures) == (1, 1, 2)

    @pytest.mark.parametrize(("kind", "sleeps"), [("events", [-1, *[GATHER / LOOKS] * LOOKS]), ("errors", [-1])])
    def test_events_gather_after_the_one_that_wakes_it_errors_do_not(self, parts, kind, sleeps):
        slept = []

        class Sleeping(StillWakeUp):
            def sleep(self, timeout=-1):
                slept.append(timeout)
                if timeout == -1:
                    getattr(parts, kind)()

        parts.queue.wakeup = Sleeping()
        parts.writer._wait(parts.pipeline)
        assert slept == sleeps

    def test_a_slice_with_an_error_and_the_first_get_the_interpreter_back_soon(self, parts):
        """They load modules and read source files, beside threads that keep it for a whole switch interval."""
        before, seen = sys.getswitchinterval(), []

        class Noting(FakeProcessors):
            def error(self, raw):
                seen.append(sys.getswitchinterval())
                return super().error(raw)

        parts.processors = Noting()
        for record in (parts.events, parts.events, parts.errors):
            record()
            parts.writer._work(parts.pipeline)
        assert seen == pytest.approx([CROWDED, before, CROWDED])
        assert sys.getswitchinterval() == pytest.approx(before)

    def test_a_burst_does_not_gather(self, parts):
        class Awake(StillWakeUp):
            def sleep(self, timeout=-1):
                raise AssertionError(f"it sleeps for {timeout} s")

        parts.queue.wakeup = Awake()
        parts.events(BUSY)
        parts.writer._wait(parts.pipeline)

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
        parts.pipeline.withdraw(service)
        assert parts.dropped == {OPTED_OUT: 1}
        counts = parts.spool.get().counts()
        assert counts["dropped"] == {OPTED_OUT: 2}
        assert counts["waiting"] == {service: 0, other: 2}
        assert not parts.queue.empty()

    def test_bug_reports_have_nothing_to_drop(self, parts):
        parts.events(1)
        parts.pipeline.withdraw("bug_reports")
        assert parts.queue.counts() == (1, 1, 0)

    def test_closing_spools_what_waits(self, maker, parts):
        """In memory it is lost with the process, which is told, and counted in the spool's accounts."""
        parts.events(SLICE_EVENTS * 3)
        parts.errors({"n": 1}, {"n": 2}, {"n": 3})
        parts.queue.close()
        assert parts.pipeline.close(30.0) is (maker.kind == "disk")
        assert parts.spooled == {"metrics": SLICE_EVENTS * 3, "errors": 3}
        assert parts.schedule.ended
        assert parts.dropped == {}
        number = SLICE_EVENTS * 3 + 3
        waiting, lost = (number, {}) if maker.kind == "disk" else (0, {CLOSED: number})
        counts = parts.spool.get().counts()
        assert (sum(counts["waiting"].values()), counts["dropped"]) == (waiting, lost)

    def test_closing_after_the_queue_overflowed_is_not_true(self, parts):
        parts.queue.errors.records = deque(maxlen=2)
        parts.errors({"n": 1}, {"n": 2}, {"n": 3})
        parts.queue.close()
        assert parts.pipeline.close(30.0) is False

    def test_a_slice_that_outlasts_the_close_leaves_nothing_in_memory(self, maker, parts):
        """The writer is held up within its last slice: what it writes then is on disk, or dropped."""
        spool = parts.spool.get()
        append = spool.append

        def held_up(service, payloads):
            parts.queue.close()
            assert parts.pipeline.close(0.0) is False
            return append(service, payloads)

        spool.append = held_up
        parts.events(5)
        parts.drain.slice()
        if maker.kind == "disk":
            assert (parts.spooled, parts.dropped) == ({"metrics": 5}, {})
        else:
            assert (parts.spooled, parts.dropped) == ({}, {CLOSED: 5})

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
        with_broken_spool(parts, SPOOL_FULL)
        parts.events(1)
        parts.queue.close()
        assert parts.pipeline.close(30.0) is False

    def test_errors_that_the_throttle_held_are_reported(self, parts):
        parts.processors.held = 7
        parts.processors.error = lambda item: {"type": item.type, "payload": item.payload}
        parts.events(1)
        parts.queue.close()
        assert parts.pipeline.spool_rest(30.0)
        spool = parts.spool.get()
        assert spool.lock()
        (payload,) = spool.take("errors", 1).payloads
        assert b'"client_report"' in payload
        assert b'{"reason":"sample_rate","category":"error","quantity":7}' in payload

    @pytest.mark.parametrize(("send", "healthy"), [(True, True), (True, False), (False, True)])
    def test_a_request_has_time_only_where_the_last_one_succeeded(self, maker, parts, send, healthy):
        class Loop:
            closing = None
            healthy = True

            def wake(self):
                if parts.schedule.closing is not None and not parts.schedule.ended:
                    self.closing = parts.schedule.closing
                    self.closing.set(None)

            def withhold(self):
                """Return None: nothing is in flight."""

        loop = Loop()
        loop.healthy = healthy
        parts.sender._loop = Lazy(lambda: loop)
        parts.sender._loop.get()
        parts.sender._start.acquire()
        parts.events(1)
        parts.queue.close()
        assert parts.pipeline.close(30.0, send=send) is (maker.kind == "disk")
        assert (loop.closing is not None) is (send and healthy)
        assert parts.schedule.ended

    def test_a_request_that_has_left_has_its_time_however_long_spooling_took(self, maker, parts):
        """The sender begins one until the schedule has ended, so the exit looks after that."""
        looks = []

        class Loop:
            healthy = True

            def withhold(self):
                looks.append(parts.schedule.ended)
                thread.start()
                return settled

            def wake(self):
                """Look at the schedule."""

        def settle():
            looks.append("settled")
            settled.set(None)

        settled, thread = Future(), threading.Thread(target=settle)
        parts.sender._loop = Lazy(Loop)
        parts.sender._loop.get()
        parts.sender._start.acquire()
        parts.events(1)
        parts.queue.close()
        parts.pipeline.spool_rest(30.0)
        assert parts.pipeline.close(30.0, send=False, until=0.0) is (maker.kind == "disk")
        thread.join(30)
        assert looks == [True, "settled"]
