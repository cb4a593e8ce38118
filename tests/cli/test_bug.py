"""`telemetry-sdk bug`: from a draft to a sent report, by commands of their own processes."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from telemetry_sdk.cli import Host, bug_app

if TYPE_CHECKING:
    from collections.abc import Callable

    import telemetry_sdk
    from telemetry_sdk.receiver import Receiver
    from tests.commands import CommandResult

    Run = Callable[..., CommandResult]

DRAFTS = """
draft = client.draft_bug_report("It froze", transcript=[{"role": "user", "content": "Deploy \\x1b[31mit"}])
print(draft.report_id, draft.sha256)
"""


@pytest.fixture
def drafted(program: Callable[..., Any]) -> tuple[str, str]:
    """Let a program make a draft; return its id and its hash."""
    done = program(DRAFTS)
    assert done.code == 0, done.err
    report_id, sha256 = done.out.split()
    return report_id, sha256


def test_a_draft_of_a_program_is_listed_shown_and_sent_by_commands(
    run: Run, drafted: tuple[str, str], receiver: Receiver
):
    report_id, sha256 = drafted
    short = report_id[:4]
    assert short in run("bug", "list").stdout
    shown = run("bug", "show", short).stdout
    assert "-- message 0: user --" in shown
    assert "Deploy \\x1b[31mit" in shown
    assert "\x1b" not in shown
    assert receiver.bug_report_url in shown
    assert f"bug send {report_id[:8]} --consent {sha256}" in shown
    sent = run("bug", "send", short, "--consent", sha256)
    assert (sent.returncode, sent.stderr) == (0, "")
    assert "Sent as" in sent.stdout
    [report] = receiver.bug_reports()
    assert report.idempotency_key == report_id
    assert run("bug", "list").stdout == "No draft waits.\n"


def test_without_a_terminal_a_draft_is_sent_by_the_hash_that_was_shown_and_nothing_else(
    run: Run, drafted: tuple[str, str], receiver: Receiver
):
    report_id, sha256 = drafted
    without = run("bug", "send", report_id)
    assert (without.returncode, without.stdout) == (2, "")
    assert f"bug show {report_id[:8]}" in without.stderr
    for consent, why in ((sha256, "not shown yet"), ("0" * 64, "not that of the report"), ("yes", "not that")):
        done = run("bug", "send", report_id, "--consent", consent)
        assert done.returncode == 1
        assert why in done.stderr
    assert run("bug", "show", report_id).returncode == 0
    elsewhere = {"TELEMETRY_SDK_BUG_REPORT_URL": f"{receiver.bug_report_url}/elsewhere"}
    moved = run("bug", "send", report_id, "--consent", sha256, **elsewhere)
    assert moved.returncode == 1
    assert "destination changed" in moved.stderr
    assert receiver.requests() == []
    assert run("bug", "send", report_id, "--yes").returncode == 2


def test_where_the_application_alone_knows_the_address_nothing_is_sent(run: Run, drafted: tuple[str, str]):
    report_id, sha256 = drafted
    unknown = {"TELEMETRY_SDK_BUG_REPORT_URL": "", "TELEMETRY_SDK_BUG_REPORT_TOKEN": ""}
    assert "cannot be sent from here" in run("bug", "show", report_id, **unknown).stdout
    done = run("bug", "send", report_id, "--consent", sha256, **unknown)
    assert done.returncode == 2
    assert "not known without the application" in done.stderr


def test_a_switch_stops_new_drafts_and_sending_but_not_the_users_documents(
    run: Run, drafted: tuple[str, str], receiver: Receiver, tmp_path: Path
):
    report_id, sha256 = drafted
    assert run("bug", "show", report_id).returncode == 0
    off = {"DISABLE_BUG_COMMAND": "1"}
    refused = run("bug", "new", "It froze", **off)
    assert refused.returncode == 1
    assert "DISABLE_BUG_COMMAND" in refused.stderr
    assert run("bug", "send", report_id, "--consent", sha256, **off).returncode == 1
    assert report_id[:8] in run("bug", "list", **off).stdout
    assert run("bug", "show", report_id, **off).returncode == 0
    assert run("bug", "save", report_id, str(tmp_path / "report.zip"), **off).returncode == 0
    assert set(zipfile.ZipFile(tmp_path / "report.zip").namelist()) == {"report.json", "manifest.json"}
    assert run("bug", "delete", report_id, **off).returncode == 0
    assert run("bug", "list").stdout == "No draft waits.\n"
    assert receiver.requests() == []


def test_new_drafts_and_names_the_command_that_sends(
    run: Run, drafted: tuple[str, str], receiver: Receiver, world: Path
):
    (world / "work" / "session.jsonl").write_text(
        '{"role": "user", "content": "one"}\n{"role": "user", "content": "two"}'
    )
    made = run("bug", "new", "It froze again", "--transcript", "session.jsonl", "--cut-after", "0")
    assert made.returncode == 0, made.stderr
    assert "one" in made.stdout
    assert "two" not in made.stdout
    command = re.search(r"telemetry-sdk bug send (\S+) --consent (\S+)", made.stdout)
    assert command is not None
    assert run("bug", "send", command[1], "--consent", command[2]).returncode == 0
    assert json.loads(receiver.bug_reports()[0].content)["description"] == "It froze again"


def test_a_damaged_draft_is_listed_as_such_and_can_be_deleted(run: Run, drafted: tuple[str, str]):
    report_id, sha256 = drafted
    [row] = json.loads(run("bug", "list", "--json").stdout)
    damaged = "12345678-90ab-4cde-8f01-234567890abc"
    path = Path(row["path"]).with_name(f"{damaged}.json")
    path.write_text('{"x":1}')
    listed = run("bug", "list").stdout
    assert report_id[:8] in listed
    assert "12345678" in listed
    assert "damaged: it can only be deleted" in listed
    found = json.loads(run("bug", "list", "--json").stdout)
    assert found[1] == {"report_id": damaged, "app": "acme-agent", "path": str(path), "damaged": True}
    shown = run("bug", "show", "1234")
    assert shown.returncode == 1
    assert "delete it with: telemetry-sdk bug delete 1234" in shown.stderr
    assert run("bug", "delete", "1234").stdout == "Deleted 12345678.\n"
    assert not path.exists()
    assert [row["sha256"] for row in json.loads(run("bug", "list", "--json").stdout)] == [sha256]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--cut-before", "-1"), "--cut-before"),
        (("--cut-before", "3", "--cut-after", "1"), "--cut-before must not be above --cut-after"),
        (("--leave-out", "-1"), "--leave-out"),
        (("--attach", "."), "'.' is not a regular file"),
        (("--attach", "/dev/null"), "'/dev/null' is not a regular file"),
    ],
)
def test_a_refusal_names_the_option_and_the_path_as_they_were_given(
    run: Run, drafted: tuple[str, str], options: tuple[str, ...], words: str
):
    refused = run("bug", "new", "It froze", *options)
    assert refused.returncode in {1, 2}
    assert words in " ".join(re.sub(r"[\u2500-\u257f]", " ", refused.stderr).split())


@pytest.mark.parametrize("prefix", ["zzzz", "ab", ""])
def test_an_unknown_or_short_id_is_refused(run: Run, drafted: tuple[str, str], prefix: str):
    assert run("bug", "show", prefix).returncode == 2


def test_json_holds_the_exact_content(run: Run, drafted: tuple[str, str]):
    report_id, sha256 = drafted
    shown = json.loads(run("bug", "show", report_id, "--json").stdout)
    assert (shown["report_id"], shown["sha256"], shown["terms"]) == (report_id, sha256, "not stated")
    assert json.loads(shown["content"])["description"] == "It froze"
    assert [row["sha256"] for row in json.loads(run("bug", "list", "--json").stdout)] == [sha256]


def test_an_application_mounts_the_commands_in_two_lines(
    start: Callable[..., telemetry_sdk.TelemetryClient], receiver: Receiver
):
    acme = typer.Typer()
    client = start()
    acme.add_typer(bug_app(Host(app="acme-agent", client=lambda: client)), name="bug")
    runner = CliRunner()
    made = runner.invoke(acme, ["bug", "new", "It froze"], prog_name="acme")
    command = re.search(r"To send it: acme (bug send .*)", made.stdout)
    assert command is not None
    sent = runner.invoke(acme, command[1].split(), prog_name="acme")
    assert "Sent as" in sent.stdout
    assert len(receiver.bug_reports()) == 1


def test_an_application_that_mounts_only_its_policy_is_told_to_give_its_client(
    start: Callable[..., telemetry_sdk.TelemetryClient],
):
    acme = typer.Typer()
    client = start()
    acme.add_typer(bug_app(Host(app="acme-agent", policy=lambda: client.policy)), name="bug")
    made = CliRunner(env={"TELEMETRY_SDK_BUG_REPORT_URL": ""}).invoke(acme, ["bug", "new", "It froze"])
    assert made.exit_code == 0, made.output
    assert "It cannot be sent from here: " in made.stdout
    assert "; Host(client=...) makes it known" in made.stdout


def test_a_draft_that_is_not_kept_is_saved_and_no_command_is_named_that_would_not_find_it(
    start: Callable[..., telemetry_sdk.TelemetryClient],
):
    acme = typer.Typer()
    client = start(statsig_key=None, sentry_dsn=None, bug_report_url=None)
    acme.add_typer(bug_app(Host(app="acme-agent", client=lambda: client)), name="bug")
    made = CliRunner().invoke(acme, ["bug", "new", "It froze"], prog_name="acme")
    assert made.exit_code == 0, made.output
    assert "The draft is not kept (no service is on). Saved to " in made.stdout
    assert "acme bug" not in made.stdout
    assert "state directory" not in made.stdout


@pytest.fixture
def acme(start: Callable[..., telemetry_sdk.TelemetryClient]) -> Callable[..., Any]:
    """Run the commands as an application mounts them that names a repository for public issues."""
    client = start(github_repository="acme/agent")
    mounted = typer.Typer()
    mounted.add_typer(bug_app(Host(app="acme-agent", client=lambda: client)), name="bug")
    draft = client.draft_bug_report("It froze", transcript=[{"role": "user", "content": "our-own-words"}])
    return lambda *args: CliRunner().invoke(mounted, ["bug", "issue", draft.report_id, *args], prog_name="acme")


def test_a_public_issue_is_shown_first_and_its_address_printed_after_a_consent_of_its_own(acme: Callable[..., Any]):
    shown = acme("--title", "Deploying freezes")
    assert shown.stdout.startswith("PUBLIC: everybody can read this issue at https://github.com/acme/agent/issues\n")
    assert "Title: Deploying freezes" in shown.stdout
    assert "our-own-words" not in shown.stdout
    assert "issues/new" not in shown.stdout
    command = re.search(r"To make it public: acme bug issue \w+ (--consent-to-public \w+)", shown.stdout)
    assert command is not None
    printed = acme(*command[1].split())
    assert printed.stdout.startswith(
        "https://github.com/acme/agent/issues/new?title=Deploying%20freezes&body=It%20froze"
    )
    known = json.loads(acme(*command[1].split(), "--json").stdout)
    assert known["url"] == printed.stdout.strip()
    assert known["reference"] in known["body"]
    assert all(line in shown.stdout for line in known["body"].split("\n"))


def test_a_public_issue_needs_the_hash_of_what_was_shown(acme: Callable[..., Any]):
    first = acme("--consent-to-public", "0" * 64)
    assert first.exit_code == 1
    assert "not that of the public issue as it was shown" in first.stderr
    sha256 = json.loads(acme("--json").stdout)["sha256"]
    assert json.loads(acme("--title", "Another", "--json").stdout)["sha256"] != sha256
    replaced = acme("--consent-to-public", sha256)
    assert (replaced.exit_code, replaced.stdout) == (1, "")


def test_no_public_issue_is_made_where_nobody_names_a_repository(run: Run, drafted: tuple[str, str]):
    done = run("bug", "issue", drafted[0])
    assert (done.returncode, done.stdout) == (2, "")
    assert "no GitHub repository for public issues is known here: the application's start(github_re" in done.stderr
