"""`telemetry-sdk ledger`: what left, for people and for programs."""

from __future__ import annotations

import json

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


def test_a_table_for_people(run, program):
    assert program(SENDS).code == 0
    ran = run("ledger", FORCE_COLOR="1")
    assert "\x1b" not in ran.stdout
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in ran.stdout.splitlines() if "acme" in line]
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
    source = "client.log_event(Tick(n=1))\nclient.flush_sync(1)"
    assert program(source, TELEMETRY_SDK_STATSIG_URL=f"http://127.0.0.1:{unused_port}/v1").code == 0
    first = json.loads(run("ledger", "--json").stdout.splitlines()[0])
    assert (first["status"], first["reason"]) == (None, "connection_refused")
    assert " connect " in run("ledger").stdout


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
