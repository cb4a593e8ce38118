"""The ledger's files by day and part, and the times that it notes, on a clock that is set."""

from __future__ import annotations

import os

import pytest

from telemetry_sdk.ledger import Entry, Ledger, purge, read

DAY = 86_400.0
KEPT_DAYS = 7


@pytest.fixture
def path(state_dir):
    return str(state_dir)


def make(path, clock, **choices):
    return Ledger(path, "run", wall=clock.wall, **choices)


def attempt(ledger, body=b"{}"):
    return ledger.attempt(service="metrics", host="metrics.example", content=body, count=2)


def names(path):
    return sorted(os.listdir(os.path.join(path, "sent")))


def test_an_entry_has_the_time_of_its_attempt_and_its_outcome(path, clock):
    ledger = make(path, clock)
    began = clock.wall()
    entry = attempt(ledger)
    clock.advance(5)
    ledger.outcome(entry, status=202)
    assert list(read(path)) == [
        Entry(id=entry, time=began, service="metrics", host="metrics.example", count=2, body="{}", status=202)
    ]


def test_each_day_has_a_file(path, clock):
    ledger = make(path, clock)
    for _ in range(3):
        attempt(ledger)
        clock.advance(DAY)
    assert [name[:10] for name in names(path)] == ["2026-11-22", "2026-11-23", "2026-11-24"]


def test_a_sweep_deletes_files_of_too_many_days_ago(path, clock):
    ledger = make(path, clock, days=KEPT_DAYS)
    for _ in range(3):
        attempt(ledger)
        os.utime(os.path.join(path, "sent", names(path)[-1]), (clock.wall(),) * 2)
        clock.advance(DAY)
    clock.advance(DAY * (KEPT_DAYS - 2))
    ledger.sweep()
    assert len(names(path)) == 2


def test_a_wall_clock_that_was_set_back_deletes_nothing(path, clock):
    ledger = make(path, clock)
    attempt(ledger)
    clock.jump(-365 * DAY)
    ledger.sweep()
    assert len(names(path)) == 1


def test_a_run_keeps_its_cap_and_its_newest_entries(path, clock):
    ledger = make(path, clock, max_bytes=8_192)
    entries = [attempt(ledger, b"x" * 900) for _ in range(40)]
    kept = [entry.id for entry in read(path)]
    assert kept == entries[-len(kept) :]
    assert 0 < sum(os.path.getsize(os.path.join(path, "sent", name)) for name in names(path)) <= 8_192 + 2_048


def test_what_cannot_be_written_is_counted_since_the_first_time(path, clock, state_dir):
    (state_dir / "sent").write_bytes(b"a file")
    ledger = make(path, clock)
    since = clock.wall()
    for number in range(1, 4):
        attempt(ledger)
        assert (ledger.failures, ledger.incomplete_since) == (number, since)
        clock.advance(60)


def test_a_bug_report_leaves_a_receipt_without_its_text(path, clock):
    ledger = make(path, clock)
    ledger.outcome(ledger.receipt(host="bugs.example", sha256="0" * 64, report_id="r"), reason="timeout")
    (entry,) = read(path)
    assert (entry.service, entry.body, entry.sha256, entry.reason) == ("bug_reports", None, "0" * 64, "timeout")


def test_a_ledger_that_is_off_writes_nothing(path, clock):
    ledger = make(None, clock)
    ledger.outcome(attempt(ledger), status=200)
    ledger.outcome(None, status=200)
    ledger.sweep()
    assert (ledger.failures, os.listdir(path)) == (0, [])


def test_a_purge_deletes_every_entry(path, clock):
    ledger = make(path, clock)
    attempt(ledger)
    assert purge(path) == 1
    assert list(read(path)) == []
    attempt(ledger)
    assert len(list(read(path))) == 1
