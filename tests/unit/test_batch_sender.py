"""The batch sender around a fake egress: what becomes of records, and back-off between processes."""

from __future__ import annotations

import json

import anyio
import anyio.lowlevel
import pytest

from telemetry_sdk.egress.response import Response
from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.ledger import Ledger, read
from telemetry_sdk.losses import CORRUPT, ENCODER_FAILED, NOT_IN_SCHEMA, OPTED_OUT
from telemetry_sdk.sender.backoff import FAILURES, RECOVERY, START
from telemetry_sdk.sender.rate_limits import DAY
from telemetry_sdk.sender.response_policy import TRIES
from telemetry_sdk.sender.shared_backoff import PACES
from telemetry_sdk.spool.record_format import boot_id
from tests.unit.harness import Sending, event

OK = Response(202, {})
NETWORK = NetworkFailure("dns")
BOTH = pytest.mark.parametrize("service", ["metrics", "errors"])


@pytest.fixture
def sending(maker):
    return Sending(maker)


def status(code, **headers):
    return Response(code, {name.replace("_", "-"): value for name, value in headers.items()})


def events_of(posted):
    return json.loads(posted.body)["events"]


class TestBatchSender:
    @BOTH
    async def test_a_batch_is_sent_and_settled(self, sending, service):
        sending.record(service, 1)
        assert await sending.send(service)
        assert not await sending.send(service)
        assert sending.egress.services == [service]
        assert sending.spool.counts()["delivered"] == {service: 1}
        assert sending.batches.backoff.healthy

    async def test_refusals_in_a_row_write_the_health_once_in_ten_seconds(self, disk):
        sending = Sending(disk, *[status(400)] * 6)
        counted = []
        for seconds in (0, 1, 1, 1, 7, 1):
            sending.clock.advance(seconds)
            sending.record("metrics")
            await sending.send("metrics")
            counted.append(sending.state.read()["health"]["metrics"]["failures"]["400"])
        assert counted == [1, 1, 1, 1, 5, 5]

    async def test_all_events_of_a_run_are_one_request(self, sending):
        sending.record("metrics", 100)
        await sending.send("metrics")
        (posted,) = sending.egress.posts
        assert [sent["metadata"]["n"] for sent in events_of(posted)] == list(range(1, 101))
        assert posted.headers["statsig-event-count"] == "100"

    async def test_a_service_without_an_endpoint_is_not_sent(self, sending):
        sending.record("metrics")
        sending.batches._endpoints = {}
        assert not await sending.send("metrics")
        assert sending.spool.counts()["waiting"]["metrics"] == 1

    async def test_a_service_that_is_off_is_not_sent(self, sending):
        sending.record("metrics")
        sending.policy.opt_out(["metrics"])
        assert not await sending.send("metrics")
        assert sending.egress.posts == []

    async def test_records_of_before_a_revocation_are_dropped(self, maker, tmp_path):
        """Their run began before the user opted out and in again; this process began after it."""
        (tmp_path / "app" / "revoked-metrics").write_bytes(b"-")
        sending = Sending(maker)
        sending.record("metrics", 3)
        assert await sending.send("metrics")
        assert sending.egress.posts == []
        assert sending.spool.counts()["dropped"] == {OPTED_OUT: 3}

    @BOTH
    async def test_a_network_failure_keeps_the_records_and_backs_off(self, sending, service):
        sending.egress.script = [NETWORK]
        sending.record(service)
        await sending.send(service)
        assert sending.spool.counts() == {
            "waiting": {"metrics": 0, "errors": 0, service: 1},
            "delivered": {},
            "dropped": {},
        }
        assert sending.batches.backoff.wait(service) == 2.5  # half of 5 s
        assert not sending.batches.backoff.healthy
        sending.clock.advance(2.5)
        assert sending.batches.backoff.wait(service) == 0.0
        await sending.send(service)
        assert sending.batches.backoff.healthy
        assert sending.spool.counts()["delivered"] == {service: 1}

    async def test_the_other_vendor_is_not_held_up(self, sending):
        sending.egress.script = [NETWORK]
        sending.record("metrics")
        await sending.send("metrics")
        assert (sending.batches.backoff.wait("metrics"), sending.batches.backoff.wait("errors")) == (2.5, 0.0)

    async def test_a_wall_clock_that_jumps_changes_no_wait(self, sending):
        sending.egress.script = [status(429, retry_after="600")]
        sending.record("metrics")
        await sending.send("metrics")
        for seconds in (1e9, -2e9):
            sending.clock.jump(seconds)
            assert sending.batches.backoff.wait("metrics") == 630.0

    async def test_five_failures_open_the_circuit_and_a_good_response_slows_down(self, sending):
        sending.egress.script = [NETWORK] * FAILURES
        sending.record("metrics")
        for _ in range(FAILURES):
            sending.clock.advance(sending.batches.backoff.wait("metrics"))
            await sending.send("metrics")
        assert sending.batches.backoff.wait("metrics") == 22.5  # between 15 and 30 s
        sending.clock.advance(22.5)
        await sending.send("metrics")
        assert sending.batches.backoff.wait("metrics") == START / 2
        sending.record("metrics")
        sending.clock.advance(START / 2)
        await sending.send("metrics")
        assert sending.batches.backoff.wait("metrics") == PACES["metrics"]
        sending.clock.advance(RECOVERY)
        sending.record("metrics")
        await sending.send("metrics")
        assert sending.batches.backoff.wait("metrics") == 0.0

    async def test_the_fifth_server_error_drops_the_batch(self, sending):
        sending.egress.script = [status(503)] * TRIES
        sending.record("errors")
        for _ in range(TRIES):
            assert sending.spool.counts()["dropped"] == {}
            sending.clock.advance(DAY)
            await sending.send("errors")
        assert sending.spool.counts()["dropped"] == {"status_503": 1}
        assert len(sending.egress.posts) == TRIES

    async def test_a_refusal_drops_the_batch_at_once(self, sending):
        sending.egress.script = [status(400)]
        sending.record("metrics", 3)
        await sending.send("metrics")
        assert sending.spool.counts()["dropped"] == {"status_400": 3}
        assert sending.batches.backoff.healthy

    async def test_a_refused_key_keeps_the_records_for_a_day(self, sending):
        sending.egress.script = [Response(401, {}, b'{"message":"no such key"}')]
        sending.record("metrics")
        await sending.send("metrics")
        assert sending.batches.backoff.wait("metrics") == DAY
        assert sending.spool.counts()["waiting"]["metrics"] == 1

    async def test_a_batch_that_is_too_large_is_halved_until_it_fits(self, sending):
        def fits():
            return OK if len(events_of(sending.egress.posts[-1])) <= 2 else status(413)

        sending.egress.script = [fits] * 9
        sending.record("metrics", 5)
        while await sending.send("metrics"):
            pass
        assert [len(events_of(posted)) for posted in sending.egress.posts] == [5, 2, 2, 1]
        assert sending.spool.counts()["delivered"] == {"metrics": 5}

    async def test_one_event_that_is_too_large_is_dropped(self, sending):
        sending.egress.script = [status(413)]
        sending.record("metrics", 1)
        await sending.send("metrics")
        assert sending.spool.counts()["dropped"] == {"too_large": 1}

    async def test_rate_limits_of_errors_hold_errors_only(self, sending):
        sending.egress.script = [status(200, x_sentry_rate_limits="60:error:organization, 900:session")]
        sending.record("errors")
        await sending.send("errors")
        assert sending.batches.backoff.wait("errors") == 90.0
        assert sending.spool.counts()["delivered"] == {"errors": 1}

    async def test_each_record_has_its_own_fate(self, sending):
        sending.spool.append("metrics", [event(1), b"no json", b'{"planted":1}', event(2, name="No name"), event(3)])
        await sending.send("metrics")
        (posted,) = sending.egress.posts
        assert [sent["metadata"]["n"] for sent in events_of(posted)] == [1, 3]
        assert sending.spool.counts() == {
            "waiting": {"metrics": 0, "errors": 0},
            "delivered": {"metrics": 2},
            "dropped": {CORRUPT: 1, ENCODER_FAILED: 1, NOT_IN_SCHEMA: 1},
        }
        assert sending.diagnostics.failures == 1

    async def test_a_batch_of_which_nothing_is_left_is_not_sent(self, sending):
        sending.spool.append("errors", [b"no json"])
        assert await sending.send("errors")
        assert sending.egress.posts == []
        assert sending.spool.counts()["dropped"] == {CORRUPT: 1}

    async def test_metadata_that_no_encoder_knows_drops_the_batch(self, maker):
        sending = Sending(maker)
        maker.metadata.of = lambda service: {"planted": 1}
        sending.record("metrics", 2)
        await sending.send("metrics")
        assert sending.egress.posts == []
        assert sending.spool.counts()["dropped"] == {ENCODER_FAILED: 2}
        assert sending.diagnostics.failures == 1

    async def test_a_request_that_is_cancelled_keeps_its_records(self, sending, tmp_path):
        sending.batches._ledger = Ledger(str(tmp_path), "run")
        scope = anyio.CancelScope()

        async def cancelled():
            scope.cancel()
            await anyio.lowlevel.checkpoint()

        sending.egress.script = [cancelled]
        sending.record("errors")
        with scope:
            await sending.send("errors")
        assert scope.cancelled_caught
        assert sending.spool.counts()["waiting"]["errors"] == 1
        assert [entry.reason for entry in read(str(tmp_path))] == ["cancelled"]
        assert await sending.send("errors")

    async def test_the_ledger_holds_what_was_sent_before_it_is_sent(self, sending, tmp_path):
        sending.batches._ledger = Ledger(str(tmp_path), "run")

        def look():
            (entry,) = read(str(tmp_path))
            assert entry.body == sending.egress.posts[-1].body.decode()
            assert (entry.status, entry.reason) == (None, None)
            return NETWORK

        sending.egress.script = [look]
        sending.record("metrics", 2)
        await sending.send("metrics")
        (entry,) = read(str(tmp_path))
        assert (entry.service, entry.host, entry.count, entry.reason) == ("metrics", "metrics.example", 2, "dns")


class TestBackoffBetweenProcesses:
    async def sent_by(self, maker, *script):
        sending = Sending(maker, *script)
        sending.record("metrics")
        await sending.send("metrics")
        return sending

    async def test_another_process_waits_for_what_is_left(self, disk):
        await self.sent_by(disk, status(429, retry_after="600"))
        disk.clock.advance(100)
        other = Sending(disk)
        assert other.batches.lock()
        assert other.batches.backoff.wait("metrics") == pytest.approx(530.0)
        assert other.batches.backoff.wait("errors") == 0.0

    @pytest.mark.parametrize("days", [-7_300, -3_285, -365, -8, 8, 365, 3_285, 7_300])
    async def test_no_jump_of_the_wall_clock_forgets_a_mute_or_makes_it_longer(self, disk, days):
        await self.sent_by(disk, status(429, retry_after=str(int(DAY))))
        disk.clock.advance(100)
        disk.clock.jump(days * DAY)
        other = Sending(disk)
        assert other.batches.lock()
        assert other.batches.backoff.wait("metrics") == pytest.approx(DAY - 100)

    @pytest.mark.parametrize("days", [-8, 0])
    async def test_a_mute_from_before_a_boot_ends_by_the_monotonic_clock_of_this_one(self, disk, days):
        await self.sent_by(disk, status(429, retry_after="600"))
        state = disk.state()
        state.change(lambda table: table["backoff"]["metrics"].update(boot="another"))
        disk.clock.jump(days * DAY)
        for left in (630.0, 530.0, 0.0):
            other = Sending(disk)
            assert other.batches.lock()
            assert other.batches.backoff.wait("metrics") == pytest.approx(left)
            other.batches.unlock()
            disk.clock.advance(100 if left > 600 else 600)

    async def test_a_process_knows_its_own_wait_better_than_the_file(self, disk):
        first = await self.sent_by(disk, status(429, retry_after="600"))
        disk.clock.jump(-3600)
        assert first.batches.lock()
        assert first.batches.backoff.wait("metrics") == 630.0

    async def test_what_another_process_learned_counts(self, disk):
        first = await self.sent_by(disk)
        await self.sent_by(disk, status(429, retry_after="600"))
        assert first.batches.lock()
        assert first.batches.backoff.wait("metrics") == 630.0

    async def test_failures_add_up_over_processes(self, disk):
        for _ in range(FAILURES):
            disk.clock.advance(DAY)
            last = await self.sent_by(disk, NETWORK)
        assert last.batches.backoff.wait("metrics") == 225.0  # a day of outage: between 150 and 300 s


class TestErrorBucket:
    async def drawn(self, sending, count):
        sending.record("errors", count)
        sent = 0
        while sending.batches.backoff.wait("errors") == 0.0 and await sending.send("errors"):
            sent += 1
        return sent

    async def test_sixty_errors_are_sent_at_once_and_then_one_a_second(self, sending):
        assert await self.drawn(sending, 62) == 60
        assert sending.batches.backoff.wait("errors") == pytest.approx(1.0)
        assert sending.batches.backoff.refilling
        for _ in range(2):
            sending.clock.advance(1.0)
            assert await self.drawn(sending, 0) == 1
        sending.clock.advance(30.0)
        assert await self.drawn(sending, 40) == 30

    async def test_metrics_are_not_drawn(self, sending):
        await self.drawn(sending, 61)
        sending.record("metrics")
        assert sending.batches.backoff.wait("metrics") == 0.0

    async def test_processes_draw_on_one_bucket(self, disk):
        assert await self.drawn(Sending(disk), 50) == 50
        other = Sending(disk)
        assert await self.drawn(other, 50) == 10
        disk.state().change(lambda table: table["error_bucket"].update(boot="another"))
        again = Sending(disk)
        assert again.batches.lock()
        assert again.batches.backoff.wait("errors") == 0.0, "a boot fills it"

    async def test_an_outage_is_followed_by_two_errors_a_second(self, sending):
        sending.egress.script = [NETWORK] * FAILURES
        sending.record("errors", 3)
        for _ in range(FAILURES + 1):
            sending.clock.advance(sending.batches.backoff.wait("errors"))
            await sending.send("errors")
        sending.clock.advance(sending.batches.backoff.wait("errors"))
        await sending.send("errors")
        assert sending.batches.backoff.wait("errors") == PACES["errors"] == 0.5

    @pytest.mark.parametrize("table", [7, {}, {"level": "x"}, {"level": 1e300, "monotonic": 0}, {"monotonic": 1e300}])
    async def test_any_file_is_readable(self, disk, table):
        shared = {**table, "boot": boot_id()} if isinstance(table, dict) else table
        disk.state().change(lambda state: state.update(error_bucket=shared))
        sending = Sending(disk)
        assert sending.batches.lock()
        assert sending.batches.backoff.wait("errors") <= 1.0
