"""`telemetry-sdk purge`: all that is kept here goes, and what runs stops."""

from __future__ import annotations

import os
import pty
import subprocess
from typing import Any

import pytest

from tests.commands import COMMAND

DELIVERS = """
client.log_event(Tick(n=1))
draft = client.draft_bug_report("It froze")
client.send_bug_report_sync(draft, consent=draft.preview().consent())
client.draft_bug_report("It froze again").save()
assert client.flush_sync(20)
"""
SPOOLS = """
client.log_event(Tick(n=2))
client.capture_exception(ValueError())
assert client.flush_sync(20, to="spool")
os._exit(0)
"""
STAYS = {"revoked-metrics", "revoked-errors", "revoked-bug_reports", "state.json", "state.lock", "sender.lock"}


@pytest.fixture
def left(program, receiver, kept):
    """Leave a file of every kind."""
    done = program(DELIVERS)
    assert (done.code, done.err) == (0, "")
    receiver.hang("metrics")
    receiver.hang("errors")
    assert program(SPOOLS).code == 0
    receiver.release()
    found = kept()
    for name in ("installation-id", ".e.", ".m.", "sent/", "drafts/", "receipts/", "bundles/"):
        assert any(name in path for path in found), name
    return found


def test_purge_deletes_all_but_revocations_and_shared_state(run, kept, left, world):
    (world / ".local" / "state" / "telemetry-sdk" / "acme-agent" / "swept").touch()
    ran = run("purge", "--yes", "--drafts")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert set(kept()) <= STAYS
    assert {"revoked-metrics", "revoked-errors", "revoked-bug_reports"} <= set(kept())
    for what in ("spool", "ledger", "installation id", "drafts", "receipts", "bundles"):
        assert f" of {what}" in ran.stdout
    assert "acme-agent" in ran.stdout
    assert "This is no opt-out" in ran.stdout
    assert "telemetry-sdk opt-out" in ran.stdout
    assert "files deleted: none" in run("purge", "--yes").stdout


def test_purge_without_asking_keeps_drafts_and_what_they_need(run, kept, left):
    ran = run("purge", "--yes")
    assert (ran.returncode, ran.stderr) == (0, "")
    drafts = {path for path in left if path.startswith("drafts/")}
    assert drafts
    assert set(kept()) - STAYS == {*drafts, "profile.json"}
    assert f"Drafts of bug reports kept: {len(drafts)}; --drafts deletes them." in ran.stdout
    assert run("purge", "--yes", "--drafts").returncode == 0
    assert set(kept()) <= STAYS


def test_purge_without_a_terminal_deletes_nothing(run, kept, left):
    ran = run("purge")
    assert ran.returncode == 2
    assert "--yes" in ran.stderr
    assert kept() == left


@pytest.mark.parametrize(
    ("answer", "code", "stays"),
    [
        (b"n\n", 1, {"sent", "drafts", "profile.json"}),
        (b"y\nn\n", 0, {"drafts", "profile.json"}),
        (b"y\ny\n", 0, set()),
    ],
)
def test_purge_asks_a_user_at_a_terminal(environment, world, kept, left, answer, code, stays):
    ours, theirs = pty.openpty()
    streams: dict[str, Any] = {"stdin": theirs, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([COMMAND, "purge"], env=environment, cwd=world / "work", **streams) as started:
        os.write(ours, answer)
        out, _ = started.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert started.returncode == code
    assert b"acme-agent" in out
    assert (kept() == left) is (code == 1)
    assert {path.partition("/")[0] for path in kept()} & {"sent", "drafts", "profile.json"} == stays


def test_purge_keeps_files_of_other_applications(run, kept, left):
    ran = run("purge", "--yes", "--app", "acme-agnet")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "did you mean acme-agent?" in " ".join(ran.stderr.split())
    assert kept() == left


CONTACT = """
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", contact="privacy@acme.example")
client.log_event(Tick(n=1))
assert client.flush_sync(20)
"""


@pytest.mark.parametrize("args", [("purge", "--yes"), ("opt-out", "metrics", "--app", "acme-agent")])
def test_the_deleted_id_and_the_contact_are_printed(run, program, world, args):
    assert program(CONTACT, bare=True).code == 0
    [path] = (world / ".local" / "state" / "telemetry-sdk" / "acme-agent").glob("*/installation-id")
    number = path.read_text()
    assert "questions, erasure: privacy@acme.example" in run("status").stdout
    ran = run(*args)
    assert f"acme-agent: installation id deleted here: {number}" in ran.stdout
    assert "give the id to: privacy@acme.example" in ran.stdout
    assert not path.exists()


@pytest.mark.parametrize("command", ["send", "opt-out", "opt-in", "ledger"])
def test_a_misspelt_application_is_an_error(run, left, command):
    ran = run(command, "--app", "acme-agnet")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "did you mean acme-agent?" in " ".join(ran.stderr.split())


def test_purge_stops_a_running_program(run, start, receiver, world):
    client = start(state_dir=world / "state")
    client.capture_exception(ValueError())
    assert client.flush_sync(20)
    assert run("purge", "--yes", TELEMETRY_SDK_STATE_DIR=str(world / "state")).returncode == 0
    client.capture_exception(KeyError())
    assert client.flush_sync(20)
    assert len(receiver.errors()) == 1
    assert client.stats()["dropped"] == {"opted_out": 1}


def test_purge_touches_state_directories_only(run, world):
    base, elsewhere = world / "mine", world / "elsewhere"
    foreign = [base / "photos" / "2026" / "drafts" / "a.jpg", elsewhere / "sent" / "b.jsonl"]
    for file in foreign:
        file.parent.mkdir(parents=True)
        file.write_text("dear to me")
    (base / "photos" / "0123456789abcdef").symlink_to(elsewhere)
    ours = base / "acme" / "0123456789abcdef"
    ours.mkdir(parents=True)
    (ours / "drafts").symlink_to(elsewhere / "sent")
    (ours / "sent").symlink_to(elsewhere / "sent")
    (elsewhere / "sent" / "2026-01-01-r1.0000.jsonl").write_text("dear to me")
    foreign.append(elsewhere / "sent" / "2026-01-01-r1.0000.jsonl")
    ran = run("purge", "--yes", "--drafts", TELEMETRY_SDK_STATE_DIR=str(base))
    assert ran.returncode == 0
    assert [file.read_text() for file in foreign] == ["dear to me"] * 3
    assert (ours.parent / "revoked-metrics").exists()
