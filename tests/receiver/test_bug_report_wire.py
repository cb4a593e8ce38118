"""Bug reports: what is taken, and what is refused with which status."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest


def test_an_accepted_report_can_be_read_back(receiver, send):
    report = {"description": "It froze, twice: é", "transcript": [{"text": "x = 1"}]}
    answer = send.bug_report(report)
    assert answer.status_code == 200
    [kept] = receiver.bug_reports()
    assert answer.json() == {"feedback_id": kept.feedback_id}
    assert (kept.report, kept.idempotency_key) == (report, "k1")
    assert kept.content == json.dumps(report)


def test_a_repeated_idempotency_key_is_a_conflict_with_the_first_id(receiver, send):
    first = send.bug_report({"description": "a"})
    again = send.bug_report({"description": "a"})
    other = send.bug_report({"description": "a"}, key="k2")
    assert (again.status_code, again.json()) == (409, first.json())
    assert other.status_code == 200
    assert other.json() != first.json()
    assert len(receiver.bug_reports()) == 2
    assert receiver.duplicates()["bug_reports"] == 1


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic abc"])
def test_a_wrong_token_is_refused(receiver, send, authorization):
    answer = send.bug_report({"description": "a"}, Authorization=authorization)
    assert answer.status_code == 401
    assert "token" in answer.json()["error"]["message"]
    assert receiver.bug_reports() == []


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"Idempotency_Key": ""}, "Idempotency-Key"),
        ({"X_Content_SHA256": ""}, "X-Content-SHA256"),
        ({"X_Content_SHA256": hashlib.sha256(b"other").hexdigest()}, "X-Content-SHA256"),
    ],
)
def test_a_report_without_its_headers_is_refused(receiver, send, headers, word):
    answer = send.bug_report({"description": "a"}, **headers)
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]
    assert receiver.bug_reports() == []


@pytest.mark.parametrize(
    "body", [{}, {"content": {}}, {"content": "no JSON"}, {"content": "[]"}, {"content": "\ud800"}]
)
def test_content_must_be_a_json_object_in_a_string(receiver, send, body):
    text = str(body.get("content")).encode("utf-8", "replace")
    content = gzip.compress(json.dumps(body).encode())
    answer = send.bug_report({}, content=content, X_Content_SHA256=hashlib.sha256(text).hexdigest())
    assert answer.status_code == 400
    assert "content" in answer.json()["error"]["message"]
    assert receiver.bug_reports() == []
