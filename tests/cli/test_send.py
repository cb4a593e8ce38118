"""`telemetry-sdk send`: what a program left is sent without it, and nothing that may not be."""

from __future__ import annotations

import json

from telemetry_sdk.spool import record_format
from telemetry_sdk.storage.file_lock import FileLock


def test_send_delivers_everything_on_disk(run, receiver, left):
    ran = run("send")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "acme-agent: delivered: 3 errors, 1 metrics; waiting: nothing\n"
    assert [event["eventName"] for event in receiver.metrics()] == ["tick"]
    types = [error["exception"]["values"][0]["type"] for error in receiver.errors()]
    assert types == ["ValueError", "KeyError", "OSError"]
    assert not list((left / "spool").iterdir())
    assert run("send").stdout == "acme-agent: delivered: nothing; waiting: nothing\n"
    assert len(receiver.requests()) == 4
    assert len(run("ledger", "--json").stdout.splitlines()) >= 4


NO_ENDPOINT = {"TELEMETRY_SDK_STATSIG_KEY": "", "TELEMETRY_SDK_STATSIG_URL": "", "TELEMETRY_SDK_SENTRY_DSN": ""}


def test_send_without_an_endpoint_exits_with_two(run, receiver, left):
    ran = run("send", **NO_ENDPOINT)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no endpoint is known" in ran.stderr
    assert "TELEMETRY_SDK_SENTRY_DSN" in ran.stderr
    assert receiver.requests() == []


def test_send_after_an_opt_out_exits_with_zero(run, receiver, left):
    ran = run("send", DO_NOT_TRACK="1")
    assert ran.returncode == 0
    assert "DO_NOT_TRACK" in ran.stderr
    assert receiver.requests() == []


def test_send_with_one_service_off_delivers_the_other(run, receiver, left):
    assert run("send", DISABLE_TELEMETRY="1").returncode == 0
    assert (len(receiver.metrics()), len(receiver.errors())) == (0, 3)
    assert list((left / "spool").glob("*.m.*"))


def test_send_delivers_to_the_recorded_endpoints_only(run, receiver, left):
    ran = run("send", TELEMETRY_SDK_STATSIG_KEY="client-other")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "records wait for other endpoints" in ran.stderr
    assert receiver.requests() == []
    ran = run("send", "--app", "other")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no application 'other' has state here; known here: acme-agent" in " ".join(ran.stderr.split())


def test_send_respects_the_back_off_of_a_failed_server(run, receiver, left):
    receiver.answer_next("errors", status=503)
    ran = run("send")
    assert ran.returncode == 1
    summary, health = ran.stdout.splitlines()
    assert summary == "acme-agent: delivered: 1 metrics; waiting: 3 errors (a server failed, or asked to wait)"
    assert health.startswith("errors: paused until ")
    assert run("send").returncode == 1
    assert len(receiver.requests("errors")) == 1


def test_one_process_sends_at_a_time(run, receiver, left):
    lock = FileLock(str(left / "sender.lock"))
    assert lock.acquire()
    ran = run("send")
    lock.release()
    assert (ran.returncode, ran.stdout) == (0, "acme-agent: another process is sending\n")
    assert receiver.requests() == []


def test_foreign_data_in_the_spool_is_not_sent(run, receiver, left):
    (segment,) = (left / "spool").glob("*.m.*")
    head = segment.read_bytes().partition(b"\n")[0] + b"\n"
    good = {"id": "1" * 8 + "-1111-4111-8111-" + "1" * 12, "time": 1, "name": "tick", "value": None}
    records = [
        {**good, "metadata": {"path": "/home/planted/secret plan.py"}},
        {**good, "name": "/home/planted", "metadata": {}},
        {**good, "metadata": {"n": 2}, "planted": "/home/planted"},
    ]
    lines = [record_format.line(json.dumps(record).encode()) for record in records]
    segment.write_bytes(head + b"".join(lines))
    ran = run("send")
    assert "delivered: 3 errors, 1 metrics; dropped: 2 not_in_schema" in ran.stdout
    assert [event["metadata"]["n"] for event in receiver.metrics()] == [2]
    assert all(b"planted" not in request.body for request in receiver.requests())
