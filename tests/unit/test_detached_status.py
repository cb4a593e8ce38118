"""What the shared state says of detached senders, at which age of a hand-over."""

from __future__ import annotations

import pytest

from telemetry_sdk.sender import detached_status
from telemetry_sdk.sender.detached_status import BEGIN, PAUSE


def state_after(disk, seconds, **fields):
    """Return the shared state after a hand-over so many seconds ago."""
    state = disk.state()
    assert detached_status.note_handed_over(state)

    def age(table):
        table["detached"].update(fields)
        for clock in ("monotonic", "wall"):
            table["detached"][clock] -= seconds

    assert state.change(age)
    return state.read()


@pytest.mark.parametrize(
    ("seconds", "why"),
    [
        (BEGIN - 1, ""),
        (BEGIN + 1, "background sender does not start: it did not begin within 5 seconds"),
        (PAUSE - 1, "background sender does not start: it did not begin within 5 seconds"),
        (PAUSE + 1, ""),
    ],
)
def test_one_that_did_not_begin_prevents_others_for_a_day(disk, seconds, why):
    assert detached_status.why_none_starts(state_after(disk, seconds)) == why


def test_one_that_failed_prevents_others(disk):
    table = state_after(disk, BEGIN + 1, pid=1, ended="OSError in telemetry_sdk.sender:1")
    assert detached_status.why_none_starts(table) == "background sender failed: OSError in telemetry_sdk.sender:1"


@pytest.mark.parametrize("fields", [{"pid": 1}, {"pid": 1, "ended": ""}, {"version": "0"}])
def test_one_that_began_or_is_of_another_version_prevents_none(disk, fields):
    assert detached_status.why_none_starts(state_after(disk, BEGIN + 1, **fields)) == ""
