"""What the vendors' own clients send and what ours does differs only where there is a reason.

A vendor's new wire, a reason that no longer holds and a document that is out of date each fail here.
"""

from __future__ import annotations

import gzip
import json

import pytest

from tests.parity import document, wires
from tests.parity.compare import Difference, differences, flat
from tests.parity.reasons import REASONS

CLIENTS = (*wires.VENDORS, "our metrics", "our errors")


@pytest.mark.parametrize("vendor", wires.VENDORS)
def test_every_difference_has_a_reason(vendor):
    compared = wires.compared(vendor)
    without = [
        (part, difference)
        for part, found in compared.items()
        for difference in found
        if document.reason(vendor, part, difference.path) is None
    ]
    assert without == []


@pytest.mark.parametrize("vendor", wires.VENDORS)
def test_every_reason_has_a_difference(vendor):
    compared = wires.compared(vendor)
    without = [
        (part, pattern)
        for part, reasons in REASONS[vendor].items()
        for pattern in reasons
        if not any(document.matches(pattern, difference.path) for difference in compared[part])
    ]
    assert without == []


def test_the_document_lists_the_differences_found():
    written = document.COMMITTED.read_text(encoding="utf-8")
    assert written == document.render(), "run .venv/bin/python -m tests.parity and look at the change"


@pytest.mark.parametrize("client", CLIENTS)
def test_every_body_is_gzip(client):
    for request in wires.sent(client).requests:
        assert request.headers["content-encoding"] == "gzip"
        assert gzip.decompress(request.wire) == request.body


def test_a_sentry_event_and_its_headers_have_the_same_ids():
    for client in ("sentry-sdk", "our errors"):
        sent = wires.sent(client)
        for request, record, headers in zip(sent.requests, sent.records, sent.headers, strict=True):
            assert headers["envelope"]["event_id"] == record["event_id"]
            payload = request.body.split(b"\n")[2]
            assert (headers["item"]["length"], json.loads(payload)) == (len(payload), record)


def test_our_events_name_the_session_of_their_body_and_header():
    for request in wires.sent("our metrics").requests:
        session = request.json()["statsigMetadata"]["sessionID"]
        assert {event["metadata"]["session_id"] for event in request.json()["events"]} == {session}
        assert request.headers["statsig-server-session-id"] == session


THEIRS = {"a": 1, "b": "x", "c": {"d": [1, 2]}, "e": None, "time": 1_795_348_137_541, "modules": {"x": "1"}}


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"a": "1"}, Difference("a", "integer", "string")),
        ({"a": 1.5}, Difference("a", "integer", "number")),
        ({"a": True}, Difference("a", "integer", "boolean")),
        ({"b": "y"}, Difference("b", "`x`", "`y`")),
        ({"c": {"d": [2, 1]}}, Difference("c.d[]", "`1, 2`", "`2, 1`")),
        ({"c": {"d": [1]}}, Difference("c.d[]", "`1, 2`", "`1`")),
        ({"c": {}}, Difference("c", "absent", "object")),
        ({"e": 0}, Difference("e", "null", "integer")),
        ({"f": 0}, Difference("f", "absent", "integer")),
        ({"time": 1_795_348_137}, Difference("time", "integer", "integer")),
        ({"modules": []}, Difference("modules", "object", "list")),
    ],
)
def test_a_changed_wire_format_is_detected(change, seen):
    same = {**THEIRS, "time": 1_795_348_137_999, "modules": {"y": "2"}}
    assert list(differences(flat(THEIRS), flat(same))) == []
    assert seen in list(differences(flat(THEIRS), flat({**same, **change})))
