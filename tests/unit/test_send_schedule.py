"""When a request is due: cadence, back-off, flushes, jobs."""

from __future__ import annotations

import pytest

from telemetry_sdk._internal.future import Future
from telemetry_sdk.sender.send_schedule import BUSY, CADENCE, Flush, Job, SendSchedule
from telemetry_sdk.spool.batch import BATCH_EVENTS
from tests.unit.harness import idle

BOTH = pytest.mark.parametrize("service", ["metrics", "errors"])


class TestSendSchedule:
    @pytest.fixture
    def schedule(self, clock):
        return SendSchedule(clock=clock.monotonic)

    def test_nothing_is_due_where_nothing_waits(self, schedule):
        assert (schedule.delay("metrics", 0.0), schedule.delay("errors", 50.0), schedule.first_delay()) == (None,) * 3

    def test_metrics_gather_for_a_while(self, schedule, clock):
        assert schedule.add("metrics", 1)
        clock.advance(10)
        assert not schedule.add("metrics", 1)
        assert schedule.delay("metrics", 0.0) == CADENCE - 10
        clock.advance(CADENCE)
        assert schedule.delay("metrics", 0.0) == 0.0

    def test_a_full_batch_is_due_at_once(self, schedule):
        schedule.add("metrics", BATCH_EVENTS - 1)
        assert schedule.delay("metrics", 0.0) == CADENCE
        assert schedule.add("metrics", 1)
        assert schedule.delay("metrics", 0.0) == 0.0
        assert not schedule.add("metrics", 1)

    def test_errors_are_due_at_once(self, schedule):
        for _ in range(2):
            assert schedule.add("errors", 1)
            assert schedule.delay("errors", 0.0) == 0.0

    @BOTH
    def test_a_vendors_back_off_stands_even_against_a_flush(self, schedule, clock, service):
        schedule.add(service, BATCH_EVENTS)
        schedule.flushes.append(Flush("server", 5.0, clock.monotonic))
        assert schedule.delay(service, 0.0) == 0.0
        assert schedule.delay(service, 40.0) == 40.0

    def test_a_held_lock_is_tried_again_in_a_moment(self, schedule, clock):
        schedule.add("errors", 1)
        assert not schedule.postponed
        schedule.postpone()
        assert (schedule.postponed, schedule.delay("errors", 0.0)) == (True, BUSY)
        clock.advance(BUSY)
        assert schedule.delay("errors", 0.0) == 0.0

    def test_a_flush_is_answered_false_when_its_time_is_over(self, schedule, clock):
        flush, longer = Flush("server", 5.0, clock.monotonic), Flush("server", 50.0, clock.monotonic)
        schedule.flushes += [flush, longer]
        clock.advance(6)
        assert schedule.pressing
        assert (flush.future.result(), longer.future.done, schedule.flushes) == (False, False, [longer])
        clock.advance(50)
        assert not schedule.pressing

    def test_a_flush_that_waits_for_a_back_off_keeps_nobody_busy(self, schedule, clock):
        """Of the service that waits nothing is due; of the other one another run may leave something."""
        schedule.add("metrics", 1)
        schedule.flushes.append(Flush("server", 50.0, clock.monotonic))
        assert schedule.next_delay({"metrics": 40.0}) == 0.0
        schedule.looked()
        assert schedule.next_delay({"metrics": 40.0}) == BUSY
        assert schedule.next_delay({"metrics": BUSY / 2}) == BUSY / 2
        schedule.flushes.append(Flush("server", 5.0, clock.monotonic))
        assert schedule.next_delay({"metrics": 40.0}) == 0.0

    def test_a_flush_looks_at_what_is_left_though_all_that_waits_is_in_back_off(self, schedule, clock):
        """An opt-out, a purge or another process's sender may have ended the wait."""
        schedule.add("metrics", 1)
        schedule.add("errors", 1)
        waits = {"metrics": 40.0, "errors": 50.0}
        assert schedule.next_delay(waits) == 40.0
        schedule.flushes.append(Flush("server", 60.0, clock.monotonic))
        schedule.looked()
        assert schedule.next_delay(waits) == BUSY
        clock.advance(BUSY)
        assert schedule.next_delay(waits) == 0.0
        assert schedule.due(waits, []) == [], "a look is no request"

    def test_a_job_or_a_closing_client_is_served_at_once(self, schedule):
        schedule.jobs.append(Job(idle))
        assert schedule.first_delay() == 0.0
        schedule.jobs.clear()
        schedule.closing = Future()
        assert schedule.first_delay() == 0.0

    def test_the_first_delay_is_the_shortest(self, schedule):
        schedule.add("metrics", 1)
        assert schedule.first_delay() == CADENCE
        schedule.add("errors", 1)
        assert schedule.first_delay() == 0.0
