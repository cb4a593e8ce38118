"""`telemetry-sdk bug` in a terminal: the preview in a pager, a question, a bar; a hostile transcript is shown only."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests import commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from telemetry_sdk.receiver import Receiver

if sys.platform == "win32":
    pytest.skip("a terminal of POSIX", allow_module_level=True)

import pty

HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;evil\x07",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "link": "\x1b]8;;https://evil.example\x1b\\text\x1b]8;;\x1b\\",
    "clear": "\x1b[2J\x1b[H\x1bc",
    "c1": "\x9b31m\x9d0;evil\x9c",
    "bidi": "\u202egnp.exe\u2066x\u2069",
    "overwrite": "secret\rharmless\b\b",
    "invisible": "a\u200bb\ufeffc",
}


@pytest.fixture
def session(world: Path) -> Path:
    path = world / "work" / "session.jsonl"
    path.write_text("".join(json.dumps({"role": "user", "content": text}) + "\n" for text in HOSTILE.values()))
    return path


@pytest.fixture(autouse=True)
def known(program: Callable[..., Any]) -> None:
    """Let the application run once: it stores what a command needs of its policy."""
    assert program("client.draft_bug_report('x').delete()").code == 0


def in_terminal(args: list[str], environ: dict[str, str], cwd: Path, typed: str) -> tuple[int, str]:
    """Run the command in a terminal of its own; type a line at the question; return the exit status and the screen."""
    return program_in_terminal([str(commands.COMMAND), *args], environ, cwd, typed, "[send/keep/delete]")


def program_in_terminal(
    command: list[str], environ: dict[str, str], cwd: Path, typed: str, question: str
) -> tuple[int, str]:
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        command,
        env={**environ, "PAGER": "cat", "TERM": "xterm-256color"},
        cwd=cwd,
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    screen, answered = b"", False
    with contextlib.suppress(OSError):  # the end of a terminal
        while select.select([leader], [], [], 60)[0] and (piece := os.read(leader, 65536)):
            screen += piece
            if not answered and question.encode() in screen:
                answered = True
                os.write(leader, f"{typed}\n".encode())
    os.close(leader)
    return process.wait(60), screen.decode(errors="replace")


def test_from_new_to_sent(environment: dict[str, str], world: Path, receiver: Receiver, session: Path):
    args = ["bug", "new", "It froze", "--transcript", str(session), "--app", "acme-agent"]
    status, screen = in_terminal(args, environment, world / "work", "send")
    assert status == 0, screen
    assert "-- message 0: user --" in screen
    assert "Sent as" in screen
    assert "To send it" not in screen
    [report] = receiver.bug_reports()
    assert [m["content"] for m in json.loads(report.content)["conversation"]["messages"]] == list(HOSTILE.values())


def test_a_terminal_obeys_nothing_of_a_transcript(
    environment: dict[str, str], world: Path, receiver: Receiver, session: Path
):
    args = ["bug", "new", "It froze \x1b]0;evil\x07", "--transcript", str(session), "--app", "acme-agent"]
    _, screen = in_terminal(args, environment, world / "work", "keep")
    shown = screen.replace("\r\n", "\n")
    assert [name for name, text in HOSTILE.items() if text in shown] == []
    for signs in (
        "\x1b]",
        "\x1b[2J",
        "\x1b[31m",
        "\x1bc",
        "\x9b",
        "\x9d",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\x07",
        "\b",
    ):
        assert signs not in shown
    for escaped in (r"\x1b[31mred", r"\x1b]0;evil\x07", r"\u202egnp", r"secret\rharmless\x08", r"a\u200bb\ufeffc"):
        assert escaped in shown


@pytest.mark.parametrize(("typed", "kept"), [("keep", 1), ("delete", 0), ("n", 0)])
def test_a_declined_draft_is_deleted_at_once(
    environment: dict[str, str], world: Path, receiver: Receiver, typed: str, kept: int
):
    status, screen = in_terminal(["bug", "new", "It froze", "--app", "acme-agent"], environment, world / "work", typed)
    assert status == 0, screen
    state = world / ".local" / "state" / "telemetry-sdk"
    assert len(list(state.rglob("drafts/*.json"))) == kept
    assert len(list(state.rglob("previews/*.json"))) == kept
    assert receiver.requests() == []


def test_a_stored_draft_is_sent_by_another_process(environment: dict[str, str], world: Path, receiver: Receiver):
    made = commands.as_process(["bug", "new", "It froze", "--app", "acme-agent"], environment, world / "work")
    assert made.returncode == 0, made.stderr
    [row] = json.loads(commands.as_process(["bug", "list", "--json"], environment, world / "work").stdout)
    receiver.answer_next("bug_reports", status=500, times=3)
    status, screen = in_terminal(["bug", "send", row["report_id"][:4]], environment, world / "work", "send")
    assert status == 1
    assert f"telemetry-sdk bug send {row['report_id'][:8]}" in screen.replace("\r\n", "")
    status, screen = in_terminal(["bug", "send", row["report_id"][:4]], environment, world / "work", "y")
    assert (status, len(receiver.bug_reports())) == (0, 1), screen


ISSUE = """
import sys
import telemetry_sdk, typer
from telemetry_sdk.cli import Host, bug_app
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", github_repository="acme/agent")
draft = client.draft_bug_report("It froze \x1b]0;evil\x07")
acme = typer.Typer()
acme.add_typer(bug_app(Host(app="acme-agent", client=lambda: client)), name="bug")
acme(["bug", "issue", draft.report_id])
"""


@pytest.mark.parametrize("typed", ["y", "n"])
def test_a_public_issue_is_shown_and_asked_for(environment: dict[str, str], world: Path, typed: str):
    command, question = [sys.executable, "-c", ISSUE], "public at github.com/acme/agent?"
    status, screen = program_in_terminal(command, environment, world / "work", typed, question)
    assert status == 0, screen
    assert "PUBLIC: everybody can read this issue" in screen
    assert "\x1b]0" not in screen
    assert ("https://github.com/acme/agent/issues/new?title=" in screen) == (typed == "y")
    assert ("Nothing was made public" in screen) == (typed == "n")
