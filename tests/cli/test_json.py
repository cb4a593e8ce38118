"""`--json` of the commands that change something: one document on stdout, whatever happens."""

from __future__ import annotations

import json

import pytest


def document(ran, code: int = 0) -> dict:
    assert ran.returncode == code, ran.stderr
    return json.loads(ran.stdout)


def test_send_counts_what_was_delivered(run, left):
    found = document(run("send", "--json"))["applications"]["acme-agent"]
    assert found["outcome"] == "sent"
    assert found["delivered"] == {"errors": 3, "metrics": 1}
    assert (found["problems"], found["dropped"]) == ([], {})
    assert set(found["waiting"].values()) <= {0}
    assert found["health"]["errors"]["last_response"]["result"] == "200"


def test_send_names_what_failed(run, receiver, left):
    receiver.answer_next("errors", status=503)
    ran = run("send", "--json")
    found = document(ran, 1)["applications"]["acme-agent"]
    assert (found["outcome"], found["waiting"]["errors"], ran.stderr) == ("failed", 3, "")
    assert found["health"]["errors"]["why"] == "503 from 127.0.0.1"


def test_send_without_an_endpoint_says_so_in_both_streams(run, left):
    ran = run("send", "--json", TELEMETRY_SDK_STATSIG_KEY="", TELEMETRY_SDK_STATSIG_URL="", TELEMETRY_SDK_SENTRY_DSN="")
    found = document(ran, 2)["applications"]["acme-agent"]
    assert found["outcome"] == "unknown"
    assert "no endpoint is known here" in found["problems"][0]
    assert "no endpoint is known here" in ran.stderr


def test_send_with_nothing_here_is_an_empty_document(run):
    assert document(run("send", "--json")) == {"applications": {}}
    assert document(run("send", "--stop", "--json")) == {"stopped": True}


def test_an_opt_out_names_file_deleted_records_ids_and_its_undoing(run, left, world):
    number = (left / "installation-id").read_text()
    found = document(run("opt-out", "metrics", "--json"))
    assert found == {
        "services": ["metrics"],
        "app": None,
        "has_run": True,
        "file": str(world / ".config" / "telemetry-sdk" / "choice.json"),
        "applications": {"acme-agent": {"records_deleted": 1, "installation_ids": [number], "programs_notified": True}},
        "contacts": {},
        "undo": "telemetry-sdk opt-in metrics",
    }


def test_an_opt_out_that_cannot_be_stored_has_no_file(run, world, left):
    (world / ".config").write_text("a file")
    ran = run("opt-out", "errors", "--json")
    found = document(ran, 1)
    assert (found["file"], found["applications"]["acme-agent"]["records_deleted"]) == (None, 3)
    assert "DISABLE_ERROR_REPORTING=1 in the environment" in ran.stderr


def test_an_opt_in_names_what_is_still_off(run, left):
    run("opt-out", "metrics")
    found = document(run("opt-in", "metrics", "--json", DO_NOT_TRACK="1"))
    assert (found["services"], found["app"]) == (["metrics"], None)
    [reason] = found["still_off"]["acme-agent"]["metrics"]
    assert "DO_NOT_TRACK" in reason
    assert document(run("opt-in", "metrics", "--json"))["still_off"] == {}


def test_purge_counts_what_it_deleted(run, left):
    number = (left / "installation-id").read_text()
    [found] = document(run("purge", "--yes", "--json"))["directories"]
    assert (found["app"], found["path"], found["installation_id"]) == ("acme-agent", str(left), number)
    assert (found["deleted"]["spool"], found["programs_notified"]) == (4, True)


def test_purge_without_a_terminal_deletes_nothing(run, left):
    ran = run("purge", "--json")
    assert document(ran, 2)["directories"] == []
    assert "pass --yes" in ran.stderr


@pytest.mark.parametrize("command", ["send", "opt-out", "opt-in", "purge"])
def test_a_wrong_call_leaves_stdout_empty(run, left, command):
    ran = run(command, "--json", "--app", "acme-agnet")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "acme-agent" in ran.stderr


def test_a_draft_is_made_saved_and_deleted(run, left, world):
    made = document(run("bug", "new", "It froze", "--json"))
    [listed] = document(run("bug", "list", "--json"))
    assert made["sha256"] == listed["sha256"]
    number = listed["report_id"]
    path = str(world / "work" / "report.zip")
    assert document(run("bug", "save", number, path, "--json")) == {"report_id": number, "saved_to": path}
    assert document(run("bug", "delete", number, "--json")) == {"report_id": number, "deleted": True}
    assert not document(run("bug", "list", "--json"))


def test_the_deleted_files_of_the_ledger_are_counted(run, left):
    assert run("send").returncode == 0
    assert document(run("ledger", "--delete", "--json"))["files_deleted"] >= 1
    assert document(run("ledger", "--delete", "--json")) == {"files_deleted": 0}


def test_a_check_counts_the_events_of_each_module(run_process, world):
    source = "import telemetry_sdk\nclass Made(telemetry_sdk.Event, name='made'):\n    n: int\n"
    (world / "work" / "acme_one.py").write_text(source)
    (world / "work" / "acme_none.py").write_text("")
    ran = run_process("events", "--json", "--check", "acme_one", "--check", "acme_none")
    assert document(ran, 1) == {"checked": {"acme_one": 1, "acme_none": 0}}
    assert ran.stderr == "acme_none: 0 events\n"
