"""The receiver's store: all records of a request or none."""

from __future__ import annotations

import sqlite3

import pytest

from telemetry_sdk.receiver.arrivals import ArrivalFilter
from telemetry_sdk.receiver.store import RawRequest, ReceivedRecord, ReceiverStore
from telemetry_sdk.receiver.summary import Summary


def test_a_request_is_stored_whole_or_not_at_all(tmp_path):
    path = str(tmp_path / "arrived.db")
    store = ReceiverStore(path)
    number = store.add_request(RawRequest("metrics", "POST", "/v1/log_event", "", {}, b"{}", 1.0))
    good = ReceivedRecord("event", b"{}", "a", summary=Summary("good", removed={"reason": 1}))
    bad = ReceivedRecord("event", object(), "b")  # type: ignore[arg-type]
    with pytest.raises(sqlite3.Error):
        store.add("metrics", number, [good, bad])
    assert (store.records("metrics"), store.arrivals.count(ArrivalFilter()), store.arrivals.removed()) == ([], 0, [])
    assert store.add("metrics", number, [good, good]) == 1
    store.close()
    again = ReceiverStore(path)
    assert [record.body for record in again.records("metrics")] == [b"{}"]
    assert again.arrivals.newest(ArrivalFilter(), 9)[0].name == "good"
    again.delete_request(number)
    assert (again.records("metrics"), again.arrivals.removed(), again.requests()) == ([], [], [])
    again.close()
