"""The drain: every record taken from the queue is spooled or dropped for a reason."""

from __future__ import annotations

import pytest

from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.losses import (
    MISSING_FIELD,
    OPTED_OUT,
    SANITIZER_FAILED,
    SPOOL_FAILED,
    SPOOL_FULL,
    TOO_LARGE,
)
from telemetry_sdk.pipeline.drain import (
    CHECK,
    GROWING,
    LARGEST_SLICE,
    RECENT_ERRORS,
    SLICE_ERRORS,
    SLICE_EVENTS,
    slice_size,
)
from telemetry_sdk.policy.current import Revocations
from telemetry_sdk.spool.batch import BATCH_EVENTS
from telemetry_sdk.spool.record_format import MAX_ERROR, MAX_EVENT
from tests.unit.pipeline_parts import FakeProcessors, Parts, with_broken_spool


@pytest.fixture
def parts(maker):
    return Parts(maker)


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

    def test_an_opt_out_elsewhere_is_seen_within_a_backlog(self, parts):
        parts.events(4 * SLICE_EVENTS)
        parts.drain.slice()
        Revocations(parts.app_dir, ("metrics",)).revoke("metrics")
        parts.clock.advance(CHECK / 2)
        parts.drain.slice()
        assert parts.spooled == {"metrics": 2 * SLICE_EVENTS}
        parts.clock.advance(CHECK)
        parts.drain.slice()
        assert parts.dropped == {OPTED_OUT: SLICE_EVENTS}

    @pytest.mark.parametrize("count", [1, SLICE_EVENTS + 1])
    def test_an_opt_out_elsewhere_is_seen_by_the_last_slice(self, parts, count):
        """What was written before it is deleted then, too."""
        parts.events(1)
        parts.drain.slice()
        parts.events(count)
        Revocations(parts.app_dir, ("metrics",)).revoke("metrics")
        while parts.drain.slice():
            pass
        assert parts.policy.is_withdrawn("metrics")
        assert parts.dropped[OPTED_OUT] in {1, count}

    def test_slices_of_any_size_fill_each_segment(self, parts):
        """A request holds whole segments."""
        waiting = 600 * GROWING // SLICE_EVENTS  # the first slice takes 600
        parts.events(waiting)
        while parts.drain.slice():
            pass
        spool = parts.spool.get()
        assert spool.lock()
        for _ in range(waiting // BATCH_EVENTS):
            batch = spool.take("metrics", BATCH_EVENTS)
            assert len(batch.payloads) == BATCH_EVENTS
            spool.settle(batch, [["delivered"] * BATCH_EVENTS])

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

    def test_records_are_counted_where_the_processors_cannot_be_built(self, parts):
        """The package was deleted while the program runs."""
        parts.drain._processors = Lazy(parts.never)
        parts.events(3)
        parts.errors()
        parts.drain.slice()
        assert (parts.dropped, parts.spooled) == ({SANITIZER_FAILED: 4}, {})

    @pytest.mark.parametrize(("refusal", "reason"), [(SPOOL_FULL, SPOOL_FULL), (ValueError("planted"), SPOOL_FAILED)])
    def test_what_the_spool_does_not_keep_is_lost_for_its_reason(self, parts, refusal, reason):
        with_broken_spool(parts, refusal)
        parts.events(3)
        parts.errors()
        parts.drain.slice()
        assert (parts.dropped, parts.drain.lost) == ({reason: 4}, 4)

    @pytest.mark.parametrize("service", ["metrics", "errors"])
    def test_a_service_that_is_off_is_dropped_unseen(self, parts, service):
        parts.processors = None
        parts.events(2)
        parts.errors({"n": 1}, {"n": 2})
        parts.policy.opt_out(["metrics"])
        parts.policy.opt_out(["errors"])
        parts.drain.slice()
        assert parts.dropped == {OPTED_OUT: 4}

    def test_a_service_that_is_turned_off_meanwhile_is_not_kept(self, parts):
        class Late(FakeProcessors):
            def event(self, raw):
                parts.policy.opt_out(["metrics"])
                return super().event(raw)

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


@pytest.mark.parametrize(
    ("waiting", "size"),
    [(0, SLICE_EVENTS), (GROWING, SLICE_EVENTS), (2 * GROWING, 2 * SLICE_EVENTS), (90_000, LARGEST_SLICE)],
)
def test_a_slice_grows_with_the_queue(waiting, size):
    assert slice_size(waiting) == size
