"""What every spool does, on disk and in memory."""

from __future__ import annotations

import pytest

from telemetry_sdk.losses import CLOSED, NO_INSTALLATION_ID, OPTED_OUT, server_refused
from telemetry_sdk.spool.segment_name import DELIVERED
from tests.unit.harness import error, event, records

EMPTY = {"metrics": 0, "errors": 0}


@pytest.fixture
def spool(maker):
    return maker.make()


def taken(spool, service, limit=1_000):
    spool.close()
    assert spool.lock()
    return spool.take(service, limit)


def test_only_a_spool_on_disk_names_a_directory(maker):
    assert maker.make().path == (maker.path if maker.kind == "disk" else None)


@pytest.mark.parametrize("service", ["metrics", "errors"])
def test_what_was_appended_is_taken_in_its_order(spool, service):
    payloads = records(service, 5)
    for payload in payloads:
        assert spool.append(service, [payload]) is None
    found = []
    spool.close()
    assert spool.lock()
    while batch := spool.take(service, 1_000):
        found += batch.payloads
        assert (batch.service, batch.runs[0].header["metadata"]["app"]) == (service, "acme-agent")
        spool.settle(batch, [[DELIVERED] * len(segment.payloads) for segment in batch.segments])
    spool.unlock()
    assert found == payloads
    assert spool.counts() == {"waiting": EMPTY, "delivered": {service: 5}, "dropped": {}}


def test_an_error_is_a_batch_of_its_own_and_metrics_share_one(spool):
    for n in range(3):
        spool.append("metrics", [event(n)])
        spool.append("errors", [error(n)])
    assert len(taken(spool, "errors").payloads) == 1
    assert len(taken(spool, "metrics").payloads) == 3


def test_a_service_is_taken_apart_from_the_other(spool):
    spool.append("metrics", [event()])
    assert taken(spool, "errors") is None


def test_records_without_a_fate_wait_again_with_one_more_try(spool):
    spool.append("errors", [error()])
    batch = taken(spool, "errors")
    assert batch.segments[0].tries == 0
    spool.settle(batch, [[]], tried=1)
    assert spool.counts()["waiting"] == {"metrics": 0, "errors": 1}
    again = taken(spool, "errors")
    assert (again.payloads, again.segments[0].tries) == (batch.payloads, 1)


def test_a_batch_that_was_not_tried_waits_as_it_was(spool):
    spool.append("errors", [error()])
    spool.settle(taken(spool, "errors"), [[]], tried=0)
    assert taken(spool, "errors").segments[0].tries == 0


def test_fates_are_those_of_the_first_records(spool):
    payloads = records("metrics", 4)
    spool.append("metrics", payloads)
    spool.settle(taken(spool, "metrics"), [[DELIVERED, server_refused(400)]])
    assert spool.counts() == {
        "waiting": {"metrics": 2, "errors": 0},
        "delivered": {"metrics": 1},
        "dropped": {"status_400": 1},
    }
    assert taken(spool, "metrics").payloads == payloads[2:]


def test_what_is_taken_counts_as_waiting(spool):
    spool.append("metrics", records("metrics", 3))
    assert spool.counts()["waiting"]["metrics"] == 3
    taken(spool, "metrics")
    assert spool.counts()["waiting"]["metrics"] == 3


def test_records_of_this_run_are_held_until_they_are_settled(spool):
    assert not spool.holds_own()
    spool.append("metrics", [event()])
    assert spool.holds_own()
    batch = taken(spool, "metrics")
    assert spool.holds_own()
    spool.settle(batch, [[DELIVERED]])
    assert not spool.holds_own()


@pytest.mark.parametrize("open_segment", [True, False])
def test_a_discarded_service_is_dropped_and_the_other_kept(spool, open_segment):
    spool.append("metrics", records("metrics", 3))
    spool.append("errors", [error()])
    if not open_segment:
        spool.close()
        spool.lock()
        spool.unlock()
    spool.discard("metrics", OPTED_OUT)
    assert spool.counts() == {"waiting": {"metrics": 0, "errors": 1}, "delivered": {}, "dropped": {"opted_out": 3}}
    assert taken(spool, "metrics") is None


def test_a_batch_that_was_discarded_while_it_was_sent_is_counted_once(spool):
    spool.append("metrics", records("metrics", 3))
    batch = taken(spool, "metrics")
    spool.discard("metrics", OPTED_OUT)
    spool.settle(batch, [[DELIVERED] * 3])
    spool.unlock()
    assert spool.counts() == {"waiting": EMPTY, "delivered": {}, "dropped": {"opted_out": 3}}


def test_records_go_on_after_a_discard(spool):
    spool.append("metrics", [event(1)])
    spool.discard("metrics", OPTED_OUT)
    assert spool.append("metrics", [event(2)]) is None
    assert taken(spool, "metrics").payloads == [event(2)]


def test_metrics_without_an_installation_id_are_not_kept(maker):
    maker.metadata.missing.add("metrics")
    spool = maker.make()
    assert spool.append("metrics", [event()]) == NO_INSTALLATION_ID
    assert spool.append("errors", [error()]) is None
    assert spool.counts()["waiting"] == {"metrics": 0, "errors": 1}


def test_a_batch_holds_about_as_many_events_as_asked_for(spool):
    for n in range(1, 4):
        spool.append("metrics", records("metrics", 600))
        spool.close()
        assert spool.lock()
        spool.unlock()
        assert spool.counts()["waiting"]["metrics"] == 600 * n
    sizes = []
    spool.close()
    assert spool.lock()
    while batch := spool.take("metrics", 1_000):
        sizes.append(len(batch.payloads))
        spool.settle(batch, [[DELIVERED] * len(segment.payloads) for segment in batch.segments])
    assert (sum(sizes), max(sizes)) == (1_800, 600)


def test_a_child_of_a_fork_begins_empty(maker):
    spool = maker.make()
    spool.append("metrics", [event()])
    spool.forget()
    assert spool.append("metrics", [event(2)]) is None
    assert spool.counts()["waiting"]["metrics"] == (1 if maker.kind == "memory" else 2)


def test_closing_keeps_what_waits(spool):
    spool.append("metrics", [event()])
    spool.close()
    assert taken(spool, "metrics").payloads == [event()]


def test_an_open_segment_is_left_to_the_writer_until_it_is_closed(spool):
    spool.append("metrics", records("metrics", 2))
    assert spool.lock()
    assert (spool.open_count, spool.take("metrics", 1_000)) == (2, None)
    spool.close()
    assert spool.open_count == 0
    assert len(spool.take("metrics", 1_000).payloads) == 2


def test_no_segment_is_larger_than_a_request(spool):
    for _ in range(3):
        spool.append("metrics", records("metrics", 400))
    spool.close()
    assert spool.lock()
    sizes = []
    while batch := spool.take("metrics", 1_000):
        sizes.append(len(batch.payloads))
        spool.settle(batch, [[DELIVERED] * len(segment.payloads) for segment in batch.segments])
    assert sum(sizes) == 1_200
    assert max(sizes) <= 1_000


class TestEnd:
    """What is on disk waits for another sender; what is in memory is dropped, and counted once."""

    def test_only_what_is_in_memory_is_dropped(self, maker, spool):
        spool.append("metrics", records("metrics", 2))
        spool.append("errors", [error(3)])
        lost = 0 if maker.kind == "disk" else 3
        assert (spool.end(), spool.end()) == (lost, lost)
        counts = spool.counts()
        assert sum(counts["waiting"].values()) == 3 - lost
        assert counts["dropped"] == ({CLOSED: 3} if lost else {})
        assert spool.holds_own(), "a flush that waits is not told that all was sent"

    def test_a_spool_that_holds_nothing_loses_nothing(self, spool):
        spool.append("metrics", [event()])
        batch = taken(spool, "metrics")
        spool.settle(batch, [[DELIVERED]])
        assert spool.end() == 0
        assert not spool.holds_own()

    def test_an_answer_that_comes_later_is_not_counted_too(self, maker, spool):
        spool.append("metrics", records("metrics", 2))
        batch = taken(spool, "metrics")
        lost = spool.end()
        spool.settle(batch, [[DELIVERED] * 2])
        assert spool.counts()["delivered"] == ({} if lost else {"metrics": 2})
        assert spool.counts()["dropped"] == ({CLOSED: 2} if lost else {})

    def test_what_was_withdrawn_is_not_counted_again(self, spool):
        spool.append("metrics", [event()])
        spool.discard("metrics", OPTED_OUT)
        assert spool.end() == 0
        assert spool.counts()["dropped"] == {OPTED_OUT: 1}

    def test_memory_takes_no_more(self, maker, spool):
        spool.end()
        assert spool.append("errors", [error()]) == (None if maker.kind == "disk" else CLOSED)

    def test_the_child_of_a_fork_begins_anew(self, spool):
        spool.append("errors", [error()])
        spool.end()
        spool.forget()
        assert spool.append("errors", [error()]) is None
        assert spool.counts()["dropped"] == {}
