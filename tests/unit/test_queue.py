"""The queue: an append each, counts that add up, and one wake-up for a writer that sleeps."""

from __future__ import annotations

import _thread
import sys
import threading
import weakref

import pytest

import telemetry_sdk
from telemetry_sdk.queue import Queue, WakeUp
from tests.unit.pipeline_parts import FakeWriter, StillWakeUp


@pytest.fixture
def queue():
    return Queue(StillWakeUp(), ["metrics", "errors"], events=5, errors=3)


class TestWakeUp:
    def test_the_first_wake_starts_the_writer(self):
        writer = FakeWriter()
        wakeup = WakeUp(writer)
        assert (wakeup.idle, wakeup.started) == (True, False)
        wakeup.wake()
        assert (wakeup.idle, wakeup.started) == (False, True)
        assert writer.ran.wait(30)

    def test_any_number_of_wakes_end_one_sleep(self):
        wakeup = StillWakeUp()
        for _ in range(3):
            wakeup.wake()
        wakeup.sleep()
        assert not wakeup._signal.acquire(blocking=False)

    def test_urgency_stays_until_the_writer_takes_it(self):
        wakeup = StillWakeUp()
        wakeup.wake(urgent=True)
        wakeup.wake()
        assert wakeup.urgent

    def test_a_thread_that_cannot_be_had_is_tried_again(self, monkeypatch):
        writer = FakeWriter()
        wakeup = WakeUp(writer)
        monkeypatch.setattr(_thread, "start_new_thread", refused)
        wakeup.wake()
        assert (wakeup.idle, wakeup.started) == (True, False)
        monkeypatch.undo()
        wakeup.wake()
        assert writer.ran.wait(30)

    def test_a_forked_child_starts_a_writer_of_its_own(self):
        writer = FakeWriter()
        wakeup = WakeUp(writer)
        wakeup.wake(urgent=True)
        assert writer.ran.wait(30)
        wakeup.reset()
        assert (wakeup.idle, wakeup.urgent, wakeup.started) == (True, False, False)
        writer.ran.clear()
        wakeup.wake()
        assert writer.ran.wait(30)


def refused(*_):
    raise RuntimeError("can't start new thread")


class TestQueue:
    def test_records_leave_in_their_order(self, queue):
        for n in range(4):
            queue.put_event("beat", n, None)
        assert [record[1:] for record in queue.events.take(3)] == [("beat", n, None) for n in range(3)]
        assert len(queue.events.take(3)) == 1
        assert queue.events.take(3) == []
        assert queue.empty()

    def test_a_later_change_of_the_metadata_does_not_count(self, queue):
        metadata = {"n": 1}
        queue.put_event("beat", None, metadata)
        metadata["n"] = 2
        assert queue.events.take(1)[0][3] == {"n": 1}

    def test_full_the_oldest_goes_and_is_counted(self, queue):
        for n in range(7):
            queue.put_event("beat", n, None)
        for n in range(4):
            queue.put_error(n)
        assert queue.counts() == (11, 8, 3)
        assert [record[2] for record in queue.events.take(9)] == [2, 3, 4, 5, 6]
        assert queue.errors.take(9) == [1, 2, 3]
        assert queue.counts() == (11, 0, 3)
        assert queue.counts() == (11, 0, 3), "a look changes nothing"

    def test_a_crash_goes_first(self, queue):
        for n in range(2):
            queue.put_error(n)
        queue.put_error("crash", first=True)
        assert queue.errors.take(1) == ["crash"]

    def test_an_event_wakes_only_a_writer_that_sleeps_and_an_error_always(self, queue):
        wakeup = queue.wakeup
        queue.put_event("beat", None, None)
        assert wakeup._signal.acquire(blocking=False)
        queue.put_event("beat", None, None)
        assert not wakeup._signal.acquire(blocking=False)
        assert not wakeup.urgent
        queue.put_error(1)
        assert wakeup._signal.acquire(blocking=False)
        assert wakeup.urgent

    @pytest.mark.parametrize(("services", "counts"), [([], 0), (["metrics"], 1), (["errors"], 1), (["bug_reports"], 0)])
    def test_only_services_that_are_on_are_taken(self, services, counts):
        queue = Queue(StillWakeUp(), services)
        queue.put_event("beat", None, None)
        queue.put_error(1)
        assert queue.counts()[0] == counts

    @pytest.mark.parametrize("service", ["metrics", "errors"])
    def test_a_refused_service_is_taken_no_more(self, queue, service):
        queue.refuse(service, "bug_reports")
        queue.put_event("beat", None, None)
        queue.put_error(1)
        assert (bool(queue.events.records), bool(queue.errors.records)) == (service == "errors", service == "metrics")

    def test_a_closed_queue_keeps_what_it_has(self, queue):
        queue.put_event("beat", None, None)
        queue.close()
        queue.put_event("beat", None, None)
        queue.put_error(1)
        assert (queue.closed, queue.counts()) == (True, (1, 1, 0))

    def test_a_service_is_cleared_apart_from_the_other(self, queue):
        queue.put_event("beat", None, None)
        queue.put_error(1)
        queue.put_error(2)
        assert queue.clear("errors") == 2
        assert (len(queue.events.records), queue.counts()) == (1, (3, 1, 0))
        assert queue.clear("metrics") == 1
        assert queue.empty()

    def test_a_forked_child_counts_anew(self, queue):
        for n in range(9):
            queue.put_event("beat", n, None)
        queue.events.take(1)
        queue.reset()
        assert queue.counts() == (0, 0, 0)
        queue.put_event("beat", 1, None)
        assert queue.counts() == (1, 1, 0)

    def test_counts_add_up_while_threads_record_and_one_drains(self):
        queue = Queue(StillWakeUp(), ["metrics", "errors"], events=50)
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            recorders = [threading.Thread(target=record_many, args=(queue, 2_000)) for _ in range(8)]
            for thread in recorders:
                thread.start()
            taken = 0
            while any(thread.is_alive() for thread in recorders):
                taken += len(queue.events.take(10))
                queue.counts()
            taken += len(queue.events.take(1_000))
        finally:
            sys.setswitchinterval(interval)
        assert queue.counts() == (16_000, 0, 16_000 - taken)


def record_many(queue, count):
    for n in range(count):
        queue.put_event("beat", n, None)


class Painted(telemetry_sdk.Event, name="painted_in_the_queue"):
    n: int


def test_an_event_is_kept_as_its_fields_without_the_instance():
    """The instances of a full queue's 90,000 events take 5 MiB."""
    queue = Queue(StillWakeUp(), ["metrics"])
    painted = Painted(n=1)
    instance = weakref.ref(painted)
    queue.put_event(painted, None, None)
    del painted
    assert instance() is None
    ((_, declaration, value, fields),) = queue.events.take(2)
    assert (declaration, value, fields) == (Painted.__telemetry__, None, {"n": 1})


def test_no_code_of_an_events_class_runs_when_it_is_recorded():
    def foreign(*_):
        raise AssertionError("foreign code")

    class Foreign(type):
        pass

    class Hostile(Painted, name="hostile_in_the_queue", metaclass=Foreign):
        __getattribute__ = foreign

    hostile = object.__new__(Hostile)
    setattr(Foreign, "__hash__", foreign)  # noqa: B010 - of a method, which no type allows
    queue = Queue(StillWakeUp(), ["metrics"])
    queue.put_event(hostile, None, None)
    ((_, declaration, _, fields),) = queue.events.take(2)
    assert (declaration.name, fields) == ("hostile_in_the_queue", {})
