"""`status`: health, --connect and --expect."""

from __future__ import annotations

import json
import re
import shutil
import time

import pytest

from telemetry_sdk.policy import CLAUDE_CODE
from telemetry_sdk.policy.stored_profile import StoredProfile, store
from telemetry_sdk.sender.results import note_result
from telemetry_sdk.storage.shared_state import SharedState


@pytest.fixture
def acme(world):
    """Leave the state of an application that has recorded nothing; return its state directory."""
    place = world / ".local" / "state" / "telemetry-sdk" / "acme-agent" / "0123456789abcdef"
    place.mkdir(parents=True, mode=0o700)
    stored = StoredProfile(profile=CLAUDE_CODE, lift_provider_default={}, version="1.4.2")
    store(str(place.parent / "profile.json"), stored)
    return place


def health(run, service: str = "errors", **environ: str) -> dict:
    return json.loads(run("status", "--json", **environ).stdout)["services"][service]["health"]


UNTRIED = {
    "last_response": None,
    "last_success": None,
    "host": None,
    "paused_until": None,
    "why": "",
    "failures_in_a_row": 0,
    "failures": {},
}


def test_a_service_without_requests_has_no_health(run, left):
    assert health(run) == UNTRIED


def test_a_delivery_is_the_last_response(run, left):
    before = time.time()
    assert run("send").returncode == 0
    found = health(run)
    assert found["last_response"]["result"] == "200"
    assert found["last_response"]["time"] == found["last_success"] >= before
    assert {**found, "last_response": None, "last_success": None} == {**UNTRIED, "host": "127.0.0.1"}
    assert "errors: last answer 200 from 127.0.0.1, " in run("status").stdout


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (503, b"", "503 from 127.0.0.1"),
        (429, b"", "429 from 127.0.0.1 (the server asks to wait)"),
        (401, b'{"detail": "no such key"}', "401 from 127.0.0.1 (is the key right?)"),
    ],
)
def test_a_refusal_says_until_when_and_why_without_a_ledger(run, receiver, left, status, body, why):
    receiver.answer_next("errors", status=status, body=body)
    shutil.rmtree(left / "sent", ignore_errors=True)
    sent = run("send")
    shutil.rmtree(left / "sent")
    found = health(run)
    assert found["last_response"]["result"] == str(status)
    assert (found["why"], found["last_success"]) == (why, None)
    assert found["failures"] == {str(status): 1}
    assert found["paused_until"] > time.time()
    line = re.compile(rf"errors: paused until \d\d:\d\d(:\d\d)? (today|tomorrow): {re.escape(why)}")
    assert line.search(run("status").stdout)
    assert line.search(sent.stdout)


def test_failures_since_the_last_success_are_counted_by_kind(run, left, unused_port):
    state = SharedState(str(left))
    for result in ("200", "dns", "timeout", "dns"):
        note_result(state, "errors", result, "errors.example")
    table = {"errors": {"saved": time.time(), "failures": 3, "wait": 60.0}}
    state.change(lambda shared: shared.update(backoff=table))
    found = health(run)
    assert (found["failures_in_a_row"], found["failures"]) == (3, {"dns": 2, "timeout": 1})
    assert found["why"] == "the name errors.example was not resolved (is the network up, and the name right?)"
    assert "failures since: 2 x name not resolved, 1 x no answer in time" in run("status").stdout
    note_result(state, "errors", "200", "errors.example")
    assert health(run)["failures"] == {}


def test_a_run_with_the_development_receiver_hides_no_failure_of_the_server(run, left):
    note_result(SharedState(str(left)), "errors", "401", "errors.example")
    later = left.with_name("fedcba9876543210")
    later.mkdir(mode=0o700)
    note_result(SharedState(str(later)), "errors", "200", "127.0.0.1")
    assert health(run)["why"] == "401 from errors.example (is the key right?)"
    assert health(run, TELEMETRY_SDK_RECEIVER="http://127.0.0.1:1/abc")["last_response"]["result"] == "200"


@pytest.mark.parametrize(
    "table", [7, {"errors": 7}, {"errors": {"wait": "x", "result": 7, "host": 7, "failures": -1, "time": "x"}}]
)
def test_a_damaged_state_is_no_health(run, acme, table):
    SharedState(str(acme)).change(lambda state: state.update(backoff=table, health=table))
    assert health(run) == UNTRIED


def test_expectations_that_hold_exit_with_zero(run, acme):
    assert run("status", "--expect", "metrics=on,errors=on").returncode == 0
    assert run("status", "--expect", "metrics=off, errors=on", DISABLE_TELEMETRY="1").returncode == 0


def test_each_expectation_that_does_not_hold_is_a_line(run, acme):
    ran = run("status", "--expect", "metrics=on,errors=off,bug_reports=on", DISABLE_TELEMETRY="1")
    assert ran.returncode == 1
    lines = ran.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("acme-agent: metrics: expected on, is off (process environment: DISABLE_TELEMETRY")
    assert "DISABLE_TELEMETRY" in lines[0]
    assert lines[1].startswith("acme-agent: errors: expected off, is on (")


def test_every_application_has_to_meet_the_expectations(run, acme, world):
    stored = StoredProfile(profile=CLAUDE_CODE, provider="moon", lift_provider_default={}, version="1.4.2")
    other = acme.parent.with_name("zeta")
    other.mkdir(mode=0o700)
    store(str(other / "profile.json"), stored)
    ran = run("status", "--expect", "metrics=off")
    assert ran.returncode == 1
    assert [line.partition(":")[0] for line in ran.stderr.splitlines()] == ["acme-agent"]


def test_no_service_of_an_unknown_application_is_on_as_expected(run, acme):
    ran = run("status", "--app", "acme-agnet", "--expect", "metrics=on,errors=off", DISABLE_ERROR_REPORTING="1")
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    assert line.startswith("acme-agnet: metrics: expected on, not known without the application (")
    assert line.endswith("profile.json does not exist; did you mean acme-agent?)")


def test_where_no_application_has_state_nothing_is_on_as_expected(run):
    ran = run("status", "--expect", "errors=on")
    assert (ran.returncode, "no application has state here" in ran.stderr) == (1, True)
    assert run("status", "--expect", "errors=off", DISABLE_TELEMETRY="1", DISABLE_ERROR_REPORTING="1").returncode == 0


@pytest.mark.parametrize("text", ["", "metrics", "metrics=maybe", "metrcs=off", "metrics=off,"])
def test_a_malformed_expectation_is_refused(run, acme, text):
    ran = run("status", "--expect", text)
    assert ran.returncode == 2
    assert "bug_reports" in ran.stderr
    assert ran.stdout == ""


def test_connect_asks_each_destination_and_sends_nothing(run, receiver, acme):
    ran = run("status", "--connect", "--json")
    assert ran.returncode == 0
    for service in json.loads(ran.stdout)["services"].values():
        assert service["connection"]["answered"] is True
        assert "127.0.0.1 answered (HTTP 4" in service["connection"]["result"]
    assert (receiver.metrics(), receiver.errors()) == ([], [])
    assert all(request.body == b"" for request in receiver.requests())
    assert "metrics: 127.0.0.1 answered (HTTP 4" in run("status", "--connect").stdout


def test_connect_names_a_server_that_cannot_be_reached(run, acme, unused_port):
    ran = run("status", "--connect", TELEMETRY_SDK_SENTRY_DSN=f"http://key@127.0.0.1:{unused_port}/1")
    assert ran.returncode == 1
    assert (
        "errors: 127.0.0.1 cannot be reached: 127.0.0.1, or the proxy on the way to it, refused the connection"
        in ran.stdout
    )


OFF = [{"DO_NOT_TRACK": "1", "DISABLE_BUG_COMMAND": "1"}, {"TELEMETRY_SDK_MODE": "local"}]


@pytest.mark.parametrize("environ", OFF, ids=["opted out", "local mode"])
def test_connect_asks_nobody_for_what_is_off(run, receiver, acme, environ):
    ran = run("status", "--connect", **environ)
    assert ran.returncode == 0
    assert receiver.requests() == []
    assert "errors: not asked" in ran.stdout


def test_connect_asks_nobody_without_a_known_profile(run, receiver, acme):
    (acme.parent / "profile.json").write_bytes(b"")
    assert run("status", "--connect").returncode == 0
    assert receiver.requests() == []
