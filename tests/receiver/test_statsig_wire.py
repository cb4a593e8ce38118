"""Statsig's log_event: what is taken, and what is refused with which status."""

from __future__ import annotations

import gzip
import json

import pytest


def test_an_accepted_batch_can_be_read_back(receiver, send):
    events = [send.metric(), send.metric(eventName="other", value="text")]
    answer = send.metrics(*events)
    assert (answer.status_code, answer.json()) == (202, {"success": True})
    assert receiver.metrics() == events
    [request] = receiver.requests("metrics")
    assert request.headers["statsig-api-key"] == receiver.statsig_key
    assert gzip.decompress(request.wire) == request.body
    assert request.json()["events"] == events
    assert (request.method, request.path, request.status) == ("POST", "/v1/log_event", 202)


def test_duplicate_event_uuids_are_counted(receiver, send):
    first, second = send.metric(), send.metric()
    by_user = send.metric(metadata={}, user={"userID": "u", "custom": {"event_uuid": "x"}})
    send.metrics(first, by_user)
    assert send.metrics(first, by_user, second).status_code == 202
    assert receiver.metrics() == [first, by_user, second]
    assert receiver.duplicates()["metrics"] == 2


def test_events_without_a_uuid_are_all_stored(receiver, send):
    event = send.metric(metadata={})
    send.metrics(event, event)
    assert receiver.metrics() == [event, event]


@pytest.mark.parametrize("key", ["", "client-wrong", "clé"])
def test_a_wrong_key_is_refused_in_json(receiver, send, key):
    answer = send.metrics(send.metric(), STATSIG_API_KEY=key.encode())
    assert answer.status_code == 401
    assert answer.json()["success"] is False
    assert receiver.metrics() == []


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"not gzip", "gzip"),
        (gzip.compress(b"{}" * 500)[:-6], "cut short"),
        (b"", "gzip"),
        (gzip.compress(b"{"), "not JSON"),
        (gzip.compress(b'{"events": NaN}'), "NaN"),
        (gzip.compress(b"\xff\xfe{}"), "not JSON"),
        (gzip.compress(b"[" * 100_000), "not JSON"),
        (gzip.compress(b"[]"), "must be an object"),
        (gzip.compress(b"{}"), "events must be a list"),
        (gzip.compress(b'{"events": [1]}'), "events[0]"),
    ],
)
def test_a_broken_body_is_refused(receiver, send, content, word):
    answer = send.metrics(content=content)
    assert answer.status_code == 400
    assert word in answer.json()["message"]
    assert receiver.requests()[0].wire == content


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"time": 1.5}, "time"),
        ({"time": -1}, "time"),
        ({"time": True}, "time"),
        ({"time": "1"}, "time"),
        ({"time": 2**64}, "time"),
        ({"time": None}, "time"),
        ({"eventName": 3}, "eventName"),
        ({"eventName": ""}, "eventName"),
        ({"eventName": "e" * 65}, "eventName"),
        ({"user": None}, "user"),
        ({"user": {"userID": 7}}, "userID"),
        ({"user": {}}, "userID"),
        ({"user": {"userID": "u" * 65}}, "userID"),
        ({"user": {"userID": "u", "custom": {"x": "y" * 4096}}}, "user"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"x": "y" * 4096}}, "metadata"),
        ({"value": "v" * 65}, "value"),
        ({"value": True}, "value"),
        ({"value": {}}, "value"),
    ],
)
def test_a_batch_with_one_bad_event_is_refused_whole(receiver, send, changes, field):
    answer = send.metrics(send.metric(), send.metric(**changes))
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"events[1].{field}") or field in answer.json()["message"]
    assert "events[1]" in answer.json()["message"]
    assert receiver.metrics() == []


def test_values_at_the_limits_are_accepted(receiver, send):
    room = 4096 - len(json.dumps({"x": ""}, separators=(",", ":")))
    event = send.metric(eventName="e" * 64, value="v" * 64, time=2**64 - 1, metadata={"x": "é" * room})
    assert send.metrics(event).status_code == 202
    assert receiver.metrics() == [event]


def test_lone_surrogates_are_stored_unchanged(receiver, send):
    event = send.metric(value="\ud800")
    assert send.metrics(event).status_code == 202
    assert receiver.metrics() == [event]


def test_an_uncompressed_body_is_accepted_and_an_unknown_encoding_is_not(receiver, send):
    body = json.dumps({"events": [send.metric()]}).encode()
    assert send.metrics(content=body, Content_Encoding="identity").status_code == 202
    assert send.metrics(content=body, Content_Encoding="zstd").status_code == 415
    assert len(receiver.metrics()) == 1
