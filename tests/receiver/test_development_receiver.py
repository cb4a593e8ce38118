"""`TELEMETRY_SDK_RECEIVER`: one URL replaces all endpoints; the receiver proves that it knows the token."""

from __future__ import annotations

from typing import Any

import pytest

import telemetry_sdk
from telemetry_sdk.egress import challenge


class Compile(telemetry_sdk.Event, name="compile"):
    n: int


NAMED: dict[str, Any] = {
    "app": "acme-agent",
    "version": "1.4.2",
    "statsig_key": "client-real",
    "sentry_dsn": "https://real@sentry.example/1",
    "bug_report_url": "https://bugs.example/v1/reports",
    "bug_report_auth": lambda: pytest.fail("the application's credential was asked for"),
}


def test_one_variable_replaces_all_endpoints(receiver, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_RECEIVER", receiver.development_url)
    with telemetry_sdk.start(**NAMED) as client:
        client.log_event(Compile(n=1))
        client.capture_exception(ValueError())
        assert client.flush_sync(30)
        draft = client.draft_bug_report("It froze")
        outcome = client.send_bug_report_sync(draft, consent=draft.preview().consent())
    assert outcome.kind == "sent"
    assert [event["eventName"] for event in receiver.metrics()] == ["compile"]
    assert [error["exception"]["values"][0]["type"] for error in receiver.errors()] == ["ValueError"]
    assert len(receiver.bug_reports()) == 1
    assert {request.status for request in receiver.requests()} == {200, 202}


def test_an_opt_out_stands_with_a_development_receiver(receiver, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_RECEIVER", receiver.development_url)
    monkeypatch.setenv("DISABLE_TELEMETRY", "1")
    with telemetry_sdk.start(**NAMED) as client:
        client.log_event(Compile(n=1))
        client.capture_exception(ValueError())
        assert client.flush_sync(30)
    assert (receiver.metrics(), len(receiver.errors())) == ([], 1)


def test_nothing_is_sent_to_another_receiver_on_the_port(receiver, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_RECEIVER", f"{receiver.url}/{'0' * 32}")
    with telemetry_sdk.start(**NAMED) as client:
        client.log_event(Compile(n=1))
        assert not client.flush_sync(1)
    assert receiver.requests() == []


def test_the_receiver_answers_a_challenge_without_its_token(receiver, http):
    nonce = challenge.new_nonce()
    answered = http.get(f"{receiver.url}{challenge.PATH}", params={"nonce": nonce})
    assert answered.json() == {"proof": challenge.prove(receiver.token, nonce)}
    assert receiver.token not in answered.text
    assert receiver.requests() == []


@pytest.mark.parametrize("nonce", ["", "0" * 63, "0" * 65, "g" * 64, "0" * 63 + "é"])
def test_only_a_nonce_is_signed(receiver, http, nonce):
    assert http.get(f"{receiver.url}{challenge.PATH}", params={"nonce": nonce}).status_code == 400
