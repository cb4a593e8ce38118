"""`telemetry-sdk ledger`: what left, for people and for programs."""

from __future__ import annotations

import json
import time
from functools import partial

import pytest

from telemetry_sdk.ledger import Ledger

SENDS = """
client.log_event(Tick(n=7))
try:
    open("/no/such/file")
except OSError as error:
    client.capture_exception(error)
draft = client.draft_bug_report("It froze in secret_place")
client.send_bug_report_sync(draft, consent=draft.preview().consent())
assert client.flush_sync(20)
"""


def test_json_lines_hold_the_bodies_as_sent(run, program, receiver):
    assert program(SENDS).code == 0
    ran = run("ledger", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    entries = {line["service"]: line for line in map(json.loads, ran.stdout.splitlines())}
    assert set(entries) == {"metrics", "errors", "bug_reports"}
    for service in ("metrics", "errors"):
        (request,) = receiver.requests(service)
        assert entries[service]["body"].encode() == request.body
        assert (entries[service]["app"], entries[service]["host"]) == ("acme-agent", "127.0.0.1")
        assert (entries[service]["status"], entries[service]["count"]) == (request.status, 1)
    (request,) = receiver.requests("bug_reports")
    assert entries["bug_reports"]["body"] is None
    assert entries["bug_reports"]["sha256"] == request.headers["x-content-sha256"]
    assert "secret_place" not in ran.stdout
    for key in (receiver.statsig_key, receiver.sentry_key, receiver.bug_report_token):
        assert key not in ran.stdout


def test_a_row_for_each_request(run, program):
    assert program(SENDS).code == 0
    ran = run("ledger", FORCE_COLOR="1")
    assert "\x1b" not in ran.stdout
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert {(row[2], row[6]) for row in rows} == {("metrics", "202"), ("errors", "200"), ("bug_reports", "200")}


def test_one_body_is_shown_pretty_printed(run, program):
    assert program(SENDS).code == 0
    for line in map(json.loads, run("ledger", "--json").stdout.splitlines()):
        ran = run("ledger", "--body", line["id"])
        assert ran.returncode == 0
        if line["service"] == "metrics":
            assert json.loads(ran.stdout) == json.loads(line["body"])
            assert '\n      "eventName": "tick"' in ran.stdout
        elif line["service"] == "errors":
            assert '\n        "type": "FileNotFoundError"' in ran.stdout
        else:
            assert line["sha256"] in ran.stdout


def test_an_unknown_id_exits_with_an_error(run):
    ran = run("ledger", "--body", "0a\x1b1b")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "no entry" in ran.stderr
    assert "\x1b" not in ran.stderr


def test_an_empty_ledger_is_reported(run):
    assert "No ledger here has an entry" in run("ledger").stdout
    assert run("ledger", "--json").stdout == ""


def test_the_app_option_selects_one_ledger(run, program):
    assert program(SENDS).code == 0
    assert run("ledger", "--json", "--app", "other").stdout == ""
    assert len(run("ledger", "--json", "--app", "acme-agent").stdout.splitlines()) == 3


def test_a_request_without_an_answer_shows_the_cause(run, program, receiver, unused_port):
    source = "client.log_event(Tick(n=1))\nclient.flush_sync(4)"
    assert program(source, TELEMETRY_SDK_STATSIG_URL=f"http://127.0.0.1:{unused_port}/v1").code == 0
    first = json.loads(run("ledger", "--json").stdout.splitlines()[0])
    assert (first["status"], first["reason"]) == (None, "connection_refused")
    assert "\tconnection refused\t" in run("ledger").stdout


def test_control_characters_of_a_ledger_are_escaped(run, world):
    sent = world / ".local" / "state" / "telemetry-sdk" / "evil\x1b[31m" / "0123456789abcdef" / "sent"
    sent.mkdir(parents=True)
    entry = {"id": "ab", "time": 1e300, "service": "m\x1b[31m", "host": "h\x1b]0;x", "count": 1, "body": "\x1b[2J{"}
    (sent / "2026-01-01-x.0000.jsonl").write_text(json.dumps(entry) + "\n")
    for args in ((), ("--body", "ab")):
        ran = run("ledger", *args)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout
        assert "\x1b" not in ran.stdout


@pytest.fixture
def entries(world):
    """Write 5,000 entries, the newest of them errors; return their ids, the oldest first."""
    place = world / ".local" / "state" / "telemetry-sdk" / "acme-agent" / "0123456789abcdef"
    place.mkdir(parents=True, mode=0o700)
    now = time.time()
    ids = []
    for number in range(5_000):
        written = now - (5_000 - number) * 60
        ledger = Ledger(str(place), f"r{number % 3}", wall=partial(float, written))
        service = "errors" if number >= 4_990 else "metrics"
        text = json.dumps({"events": [{"eventName": "tick", "number": number}] * 40}).encode()
        ids.append(ledger.attempt(service=service, host="events.example", content=text, count=1))
        ledger.outcome(ids[-1], status=202)
    return ids


def shown(ran) -> list[str]:
    assert ran.returncode == 0, ran.stderr
    return [line.rpartition("\t")[2] for line in ran.stdout.splitlines()]


def test_the_newest_entries_come_first(run, entries):
    assert shown(run("ledger")) == entries[:-51:-1]
    assert shown(run("ledger", "--limit", "0")) == entries[::-1]
    assert [json.loads(line)["id"] for line in run("ledger", "--json").stdout.splitlines()] == entries[::-1]


def test_entries_are_chosen_by_service_age_and_text(run, entries):
    assert shown(run("ledger", "--service", "errors")) == entries[:4_989:-1]
    assert shown(run("ledger", "--since", "5m")) == entries[:-5:-1]
    assert shown(run("ledger", "--search", '"NUMBER": 4321}')) == [entries[4_321]]
    assert shown(run("ledger", "--limit", "3")) == entries[:-4:-1]


@pytest.mark.parametrize("args", [("--since", "yesterday"), ("--service", "metrcs"), ("--limit", "-1")])
def test_a_choice_that_cannot_be_read_is_refused(run, args):
    ran = run("ledger", *args)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert args[0] in ran.stderr


def test_a_body_is_printed_exactly_as_sent(run, program, receiver):
    assert program(SENDS).code == 0
    (request,) = receiver.requests("metrics")
    [line] = [
        line for line in map(json.loads, run("ledger", "--json").stdout.splitlines()) if line["service"] == "metrics"
    ]
    assert run("ledger", "--body", line["id"], "--exact").stdout.encode() == request.body


def test_the_ledger_is_deleted(run, program):
    assert program(SENDS).code == 0
    assert "Ledger deleted: " in run("ledger", "--delete").stdout
    assert run("ledger", "--json").stdout == ""
