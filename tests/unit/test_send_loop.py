"""The send loop around a fake egress; one burst for `telemetry-sdk send`."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from telemetry_sdk._internal.future import Future
from telemetry_sdk.egress.response import Response
from telemetry_sdk.exceptions import NetworkFailure, TelemetryError
from telemetry_sdk.sender import send_loop
from telemetry_sdk.sender.directory_sender import DirectorySender
from telemetry_sdk.sender.send_schedule import BUSY, CADENCE, Flush, Job, SendSchedule
from tests.unit.harness import Sending, error, event

OK = Response(202, {})
NETWORK = NetworkFailure("dns")


@pytest.fixture
def sending(maker):
    return Sending(maker)


def status(code, **headers):
    return Response(code, {name.replace("_", "-"): value for name, value in headers.items()})


class TestSendLoop:
    def test_a_burst_sends_what_is_due(self, sending):
        sending.record("errors")
        sending.record("metrics", 2)
        sending.burst()
        assert sending.egress.services == ["errors"]
        sending.clock.advance(CADENCE)
        sending.burst()
        assert sending.egress.services == ["errors", "metrics"]

    def test_an_error_does_not_wait_for_a_backlog_of_events(self, sending):
        sending.record("metrics", 1_000)
        sending.record("metrics", 1_000)
        sending.record("errors")
        sending.burst()
        assert sending.egress.services == ["errors", "metrics", "metrics"]

    def test_another_processs_error_does_not_wait_for_a_backlog_of_events(self, disk, monkeypatch):
        """It comes while the backlog is sent."""
        monkeypatch.setattr(send_loop, "LOOK", 0.0)
        sending = Sending(disk, lambda: disk.disk().append("errors", [error()]))
        sending.record("metrics", 1_000)
        sending.record("metrics", 1_000)
        sending.schedule.flushes.append(Flush("server", 30.0, sending.clock.monotonic))
        sending.burst()
        assert sending.egress.services == ["metrics", "errors", "metrics"]

    @pytest.mark.parametrize(("own", "other"), [("errors", "metrics"), ("metrics", "errors")])
    def test_what_another_run_left_goes_with_the_first_request(self, disk, own, other):
        """Of the other service, too; nobody waits for a flush."""
        left = disk.disk()
        assert left.append(other, [error() if other == "errors" else event()]) is None
        left.close()
        sending = Sending(disk)
        sending.record(own, 1_000 if own == "metrics" else 1)
        sending.burst()
        assert sorted(sending.egress.services) == ["errors", "metrics"]

    def test_what_another_run_left_waits_for_the_back_off(self, disk):
        left = disk.disk()
        assert left.append("metrics", [event()]) is None
        left.close()
        sending = Sending(disk, Response(503, {}))
        sending.schedule.flushes.append(Flush("server", 30.0, sending.clock.monotonic))
        sending.burst()
        assert sending.egress.services == ["metrics"]
        sending.schedule.flushes.clear()
        sending.record("errors")
        sending.burst()
        assert sending.egress.services == ["metrics", "errors"]

    def test_a_full_batch_leaves_the_open_segment_to_the_cadence(self, sending):
        sending.record("metrics", 1_000)
        sending.record("metrics", 2)
        sending.burst()
        assert sending.spool.counts()["delivered"] == {"metrics": 1_000}
        assert sending.schedule.first_delay() == CADENCE
        sending.clock.advance(CADENCE)
        sending.burst()
        assert sending.spool.counts()["delivered"] == {"metrics": 1_002}

    def test_errors_are_sent_at_once_until_the_bucket_is_empty(self, sending):
        sending.record("errors", 62)
        for sent in (60, 60, 61, 61, 62):
            sending.burst()
            assert len(sending.egress.posts) == sent
            sending.clock.advance(0.5)

    def test_records_that_come_while_a_request_is_under_way_are_sent_in_their_time(self, sending):
        """They are in a new segment, which this burst does not see."""

        def meanwhile():
            sending.record("metrics", 2)
            return OK

        sending.egress.script = [meanwhile]
        sending.record("metrics", 1)
        sending.clock.advance(CADENCE)
        sending.burst()
        assert sending.schedule.first_delay() == CADENCE
        sending.clock.advance(CADENCE)
        sending.burst()
        assert sending.spool.counts()["delivered"] == {"metrics": 3}
        assert sending.schedule.first_delay() is None

    def test_a_lock_that_another_process_holds_postpones(self, disk):
        sending = Sending(disk)
        sending.record("errors")
        other = disk.disk(run=False)
        assert other.lock()
        sending.burst()
        assert sending.egress.posts == []
        assert sending.schedule.delay("errors", 0.0) == BUSY
        other.unlock()
        sending.clock.advance(BUSY)
        sending.burst()
        assert sending.egress.services == ["errors"]

    def served(self, sending):
        """Run the loop on this thread until the client's end."""
        sending.schedule.closing = Future()
        sending.loop().run()
        assert sending.schedule.closing.done
        assert sending.egress.closed

    def test_an_ending_client_sends_all_without_cadence(self, sending):
        sending.record("metrics", 3)
        sending.record("errors", 2)
        self.served(sending)
        assert sending.spool.counts()["delivered"] == {"metrics": 3, "errors": 2}

    def test_a_flush_is_complete_when_nothing_of_this_run_waits(self, sending):
        flush = Flush("server", 5.0, sending.clock.monotonic)
        sending.schedule.flushes.append(flush)
        sending.record("metrics", 3)
        self.served(sending)
        assert flush.future.result() is True

    def test_a_flush_after_a_loss_delivers_the_rest_and_is_false(self, sending):
        flush = Flush("server", 5.0, sending.clock.monotonic)
        flush.lost = True
        sending.schedule.flushes.append(flush)
        sending.record("metrics", 3)
        self.served(sending)
        assert flush.future.result() is False
        assert sending.spool.counts()["delivered"] == {"metrics": 3}

    def test_a_flush_that_meets_a_failure_is_not_complete(self, sending):
        sending.egress.script = [NETWORK]
        flush = Flush("server", 5.0, sending.clock.monotonic)
        sending.schedule.flushes.append(flush)
        sending.record("metrics", 3)
        self.served(sending)
        assert not flush.future.done

    def test_a_burst_that_fails_is_counted_and_tried_again(self, sending):
        def fail():
            raise RuntimeError("planted")

        sending.egress.script = [fail]
        sending.record("errors")
        self.served(sending)
        assert sending.diagnostics.failures == 1
        assert sending.schedule.postponed
        assert sending.spool.counts()["waiting"]["errors"] == 1

    def test_jobs_run_beside_the_requests(self, sending):
        async def work(egress):
            return egress

        async def fail(_):
            raise TelemetryError("planted")

        good, bad = Job(work), Job(fail)
        sending.schedule.jobs += [good, bad]
        self.served(sending)
        assert good.future.result() is sending.egress
        with pytest.raises(TelemetryError, match="planted"):
            bad.future.result()

    def test_a_cancelled_job_has_an_end(self, sending):
        loop = sending.loop()

        async def forever(_):
            loop.cancel_job(job)
            await anyio.sleep_forever()

        async def last(_):
            sending.schedule.closing = Future()
            loop.wake()

        job = Job(forever)
        sending.schedule.jobs += [job, Job(last)]
        loop.run()
        with pytest.raises(TelemetryError, match="cancelled"):
            job.future.result()

    @pytest.mark.parametrize(("service", "sent"), [("errors", False), ("metrics", True)])
    def test_a_service_that_is_turned_off_cancels_its_own_request(self, sending, service, sent):
        loop = sending.loop()

        async def cancelled():
            loop.cancel(service)
            await anyio.lowlevel.checkpoint()
            await anyio.lowlevel.checkpoint()
            return OK

        sending.egress.script = [cancelled]
        sending.record("errors")
        loop.run_once()
        assert bool(sending.spool.counts()["delivered"]) is sent

    def test_a_loop_is_at_work_from_before_it_takes_the_lock_until_it_has_let_go_of_it(self, sending):
        """A program that ends and cannot take the lock looks whether its own sender holds it."""
        loop = sending.loop()
        lock, unlock, seen = sending.spool.lock, sending.spool.unlock, []

        def noted(method):
            def call(**options):
                seen.append(loop.at_work)
                return method(**options)

            return call

        sending.spool.lock, sending.spool.unlock = noted(lock), noted(unlock)
        sending.record("errors")
        loop.run_once()
        assert seen == [True] * 2
        assert not loop.at_work

    def test_a_loop_that_has_ended_takes_calls(self, sending):
        loop = sending.loop()
        loop.run_once()
        loop.wake()
        loop.cancel("metrics")
        assert sending.egress.closed


class TestDirectorySender:
    def once(self, sending):
        sending.schedule = SendSchedule()
        return DirectorySender(sending.schedule, sending.loop(), sending.spool, sending.batches).run()

    def test_it_sends_all_that_waits(self, disk):
        sending = Sending(disk)
        sending.record("metrics", 3)
        sending.record("errors", 2)
        report = self.once(sending)
        assert (report.delivered, report.dropped, report.waiting) == (
            {"metrics": 3, "errors": 2},
            {},
            {"metrics": 0, "errors": 0},
        )
        assert (report.healthy, report.busy) == (True, False)

    def test_it_waits_for_the_bucket_to_refill(self, disk, monkeypatch):
        sending = Sending(disk)
        sending.record("errors", 62)
        slept = []

        async def sleep(seconds):
            slept.append(seconds)
            sending.clock.advance(seconds)
            await anyio.lowlevel.checkpoint()

        monkeypatch.setattr(anyio, "sleep", sleep)
        assert self.once(sending).delivered == {"errors": 62}
        assert slept[:2] == [pytest.approx(1.0), pytest.approx(1.0)]

    def test_it_reports_what_failed(self, disk):
        sending = Sending(disk, status(400), NETWORK)
        sending.record("errors", 2)
        report = self.once(sending)
        assert (report.delivered, report.dropped, report.waiting["errors"]) == ({}, {"status_400": 1}, 1)
        assert (report.healthy, report.busy) == (False, False)

    def test_it_does_nothing_while_another_process_sends(self, disk):
        sending = Sending(disk)
        sending.record("errors")
        other = disk.disk(run=False)
        assert other.lock()
        report = self.once(sending)
        assert (report.busy, report.waiting["errors"], sending.egress.posts) == (True, 1, [])
        other.unlock()
