"""Sentry's envelopes: what is taken, and what is refused with which status."""

from __future__ import annotations

import gzip
import json

import brotli
import pytest


def test_an_accepted_event_can_be_read_back(receiver, send):
    event = send.error()
    answer = send.errors(event)
    assert (answer.status_code, answer.json()) == (200, {"id": event["event_id"]})
    assert receiver.errors() == [event]


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_compressed_envelopes_are_accepted(receiver, send, encoding, compress):
    event = send.error()
    answer = send.errors(content=compress(send.envelope(event)), Content_Encoding=encoding)
    assert answer.status_code == 200
    assert receiver.errors() == [event]
    assert receiver.requests()[0].body == send.envelope(event)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"nonsense", brotli.compress(b"{}\n" * 999)[:-3]])
def test_broken_compression_is_refused(send, content):
    assert send.errors(content=content, Content_Encoding="br").status_code == 400
    assert send.errors(content=content, Content_Encoding="gzip").status_code == 400


def test_every_item_type_is_stored_unchanged(receiver, send):
    event = send.error()
    loss = json.dumps({"discarded_events": [{"reason": "queue", "category": "error", "quantity": 2}]})
    content = (
        json.dumps({"event_id": event["event_id"]}).encode()
        + b'\n{"type":"attachment","length":5,"filename":"a.bin"}\n\x00\n\n\xff\n'
        + b'\n{"type":"client_report"}\n'
        + loss.encode()
        + b'\n{"type":"event"}\n'
        + json.dumps(event).encode()
    )
    assert send.errors(content=content).json() == {"id": event["event_id"]}
    items = receiver.envelope_items()
    assert [item.type for item in items] == ["attachment", "client_report", "event"]
    assert items[0].payload == b"\x00\n\n\xff\n"
    assert items[0].header["filename"] == "a.bin"
    assert items[0].envelope_header == {"event_id": event["event_id"]}
    assert receiver.errors() == [event]


def test_duplicate_event_ids_are_counted(receiver, send):
    event = send.error()
    answers = [send.errors(event) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert receiver.errors() == [event]
    assert receiver.duplicates()["errors"] == 2


@pytest.mark.parametrize(
    ("path", "auth", "status", "detail"),
    [
        ("/api/1/envelope/", "", 401, "missing authorization information"),
        ("/api/1/envelope/", "Sentry sentry_version=7", 401, "missing authorization information"),
        (
            "/api/1/envelope/",
            "Sentry sentry_key=0123, sentry_version=7",
            403,
            "rejected with_reason: ProjectId",
        ),
        ("/api/2/envelope/", None, 403, "rejected with_reason: ProjectId"),
        ("/api/x/envelope/", None, 400, "bad project"),
        ("/api/1/envelope/?sentry_key=0123", None, 401, "multiple"),
    ],
)
def test_authorization_errors_are_those_of_relay(receiver, send, path, auth, status, detail):
    headers = {} if auth is None else {"X_Sentry_Auth": auth}
    answer = send.errors(send.error(), path=path, **headers)
    assert answer.status_code == status
    assert detail in answer.json()["detail"]
    assert receiver.errors() == []


def test_the_key_may_be_in_the_query(receiver, send):
    answer = send.errors(send.error(), path=f"/api/1/envelope/?sentry_key={receiver.sentry_key}", X_Sentry_Auth="")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"event_id": None}, "event_id"),
        ({"event_id": "A" * 32}, "event_id"),
        ({"event_id": "a" * 31}, "event_id"),
        ({"timestamp": None}, "timestamp"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": True}, "timestamp"),
        ({"platform": "py"}, "platform"),
        ({"level": "critical"}, "level"),
        ({"release": "a/b"}, "release"),
        ({"release": "r" * 251}, "release"),
        ({"environment": "e" * 65}, "environment"),
        ({"dist": 1}, "dist"),
        ({"server_name": {}}, "server_name"),
        ({"contexts": []}, "contexts"),
        ({"tags": {"k": "two\nlines"}}, "tag"),
        ({"tags": {"k" * 201: "v"}}, "tag"),
        ({"tags": [["k"]]}, "tags"),
        ({"tags": [["", "v"]]}, "tag"),
        ({"tags": "k"}, "tags"),
        ({"fingerprint": [1]}, "fingerprint"),
        ({"breadcrumbs": {"values": [{"level": "loud"}]}}, "breadcrumbs"),
        ({"exception": {}}, "exception"),
        ({"exception": {"values": {}}}, "exception"),
        ({"exception": {"values": [None]}}, "exception"),
        ({"exception": {"values": [{}]}}, "type"),
        ({"exception": {"values": [{"type": 1}]}}, "type"),
        ({"exception": [{"type": "E", "mechanism": {"handled": "no"}}]}, "handled"),
        ({"exception": [{"type": "E", "mechanism": []}]}, None),
        ({"exception": [{"type": "E", "mechanism": 3}]}, "mechanism"),
        ({"exception": [{"type": "E", "stacktrace": []}]}, "stacktrace"),
        ({"exception": [{"type": "E", "stacktrace": {"frames": []}}]}, "frames"),
        ({"exception": [{"type": "E", "stacktrace": {"frames": [{}]}}]}, "frames"),
        (
            {"exception": [{"type": "E", "stacktrace": {"frames": [{"function": "f", "lineno": "1"}]}}]},
            "lineno",
        ),
        (
            {"exception": [{"type": "E", "stacktrace": {"frames": [{"function": "f", "in_app": 1}]}}]},
            "in_app",
        ),
        ({"exception": [{"type": "E", "stacktrace": {"frames": [{"function": 1}]}}]}, "function"),
        ({"exception": [{"type": "E", "stacktrace": {"frames": [{"function": "f", "vars": []}]}}]}, "vars"),
        (
            {"exception": [{"type": "E", "stacktrace": {"frames": [{"function": "f", "pre_context": [1]}]}}]},
            "pre_",
        ),
        ({"threads": {"values": [{"stacktrace": {"frames": 1}}]}}, "threads"),
    ],
)
def test_an_event_outside_the_schema_is_refused_with_the_fields_name(receiver, send, changes, field):
    answer = send.errors(send.error(**changes))
    if field is None:  # an empty list says as little as null does
        assert answer.status_code == 200
        return
    assert answer.status_code == 400
    assert field in answer.json()["detail"]
    assert receiver.errors() == []


def test_fields_outside_the_checked_schema_are_accepted(receiver, send):
    event = send.error(
        timestamp=1_795_348_137.5,
        exception=[{"value": "only a value"}],
        tags=[["k", "v"], ["n", 1]],
        fingerprint=["a"],
        breadcrumbs=[{"level": "debug", "category": "http"}],
        threads=[{"id": 1}],
        release="acme@1.0+build",
    )
    assert send.errors(event).status_code == 200
    assert receiver.errors() == [event]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"nonsense", "envelope header"),
        (b"[]", "envelope header"),
        (b'{"event_id":"x"}', "event_id"),
        (b'{"sent_at":"x"}', "sent_at"),
        (b"{}\n{}\n{}", "no type"),
        (b'{}\n{"type":1}\n', "no type"),
        (b'{}\n{"type":"event","length":-1}\n{}', "length"),
        (b'{}\n{"type":"event","length":"1"}\n{}', "length"),
        (b'{}\n{"type":"event","length":true}\n{}', "length"),
        (b'{}\n{"type":"event","length":3}\n{}', "shorter"),
        (b'{}\n{"type":"event","length":1}\n{}', "longer"),
        (b'{}\n{"type":"event"}\n[]', "event must be an object"),
        (b'{}\n{"type":"session"}\nx', "session"),
        (b'{}\n{"type":"client_report"}\n{"discarded_events":[{"quantity":-1}]}', "quantity"),
        (b'{}\n{"type":"client_report"}\n{"discarded_events":[{"quantity":1}]}', "reason"),
    ],
)
def test_a_malformed_envelope_is_refused(receiver, send, content, word):
    answer = send.errors(content=content)
    assert answer.status_code == 400
    assert word in answer.json()["detail"]
    assert receiver.envelope_items() == []


def test_two_ids_for_one_event_are_refused(send):
    content = send.envelope(send.error()).replace(b"{", b'{"event_id": "' + b"0" * 32 + b'", ', 1)
    answer = send.errors(content=content)
    assert (answer.status_code, "differ" in answer.json()["detail"]) == (400, True)


def test_an_envelope_without_items_is_accepted(receiver, send):
    assert send.errors(content=b"{}").json() == {}
    assert receiver.wait_for(requests=1)


def test_an_event_over_one_mebibyte_is_refused(receiver, send):
    event = send.error(extra={"x": ""})
    room = 1024 * 1024 - len(json.dumps(event))
    assert send.errors(send.error(extra={"x": "x" * room})).status_code == 200
    assert send.errors(send.error(extra={"x": "x" * (room + 1)})).status_code == 413
    assert len(receiver.errors()) == 1
