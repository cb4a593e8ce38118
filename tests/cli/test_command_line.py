"""What all commands share: help, version, exit codes, streams that cannot be written, no traceback."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys

import pytest

import telemetry_sdk.cli
from tests.commands import COMMAND


def shell(line: str, environment, world) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("telemetry-sdk", str(COMMAND))],
        env=environment,
        cwd=world / "work",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version_is_printed(run):
    ran = run("--version")
    assert (ran.returncode, ran.stdout) == (0, f"telemetry-sdk {telemetry_sdk.__version__}\n")


@pytest.mark.parametrize("args", [("-h",), ("status", "-h"), ("ledger", "-h")])
def test_the_short_option_shows_the_help(run, args):
    ran = run(*args)
    assert ran.returncode == 0
    assert "Usage:" in ran.stdout


def test_the_help_documents_the_exit_codes(run):
    assert "Exit codes: 0 done" in " ".join(run("--help").stdout.split())


def test_the_list_of_commands_cuts_no_summary(run):
    for args in (("--help",), ("bug", "--help")):
        assert "..." not in run(*args).stdout.partition("Commands:")[2]


def test_the_package_runs_as_a_module(environment, world):
    ran = subprocess.run(
        [sys.executable, "-m", "telemetry_sdk", "--version"],
        env=environment,
        cwd=world / "work",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.startswith("telemetry-sdk ")


LIST = ["status", "status --json", "ledger", "bug list"]


@pytest.mark.parametrize("command", [*LIST, "events", "-h", "send", "opt-out --json", "opt-in", "purge --yes"])
def test_closed_streams_end_no_command_with_a_traceback(environment, world, left, command):
    ran = shell(f"telemetry-sdk {command} <&- >&-", environment, world)
    assert ran.returncode == 0
    assert ran.stderr in {"", "No events are declared here. Name the modules that declare them: --module NAME\n"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
@pytest.mark.parametrize("command", [*LIST[:2], "--version", "send", "opt-out --json"])
def test_a_full_disk_behind_stdout_is_one_line(environment, world, left, command):
    ran = shell(f"telemetry-sdk {command} >/dev/full", environment, world)
    assert (ran.returncode, ran.stderr) == (1, "telemetry-sdk: No space left on device\n")


@pytest.mark.parametrize("streams", ["2>&-", ">&- 2>&-", ">/dev/full 2>/dev/full"])
def test_a_problem_that_cannot_be_printed_leaves_the_exit_code(environment, world, left, streams):
    ran = shell(f"telemetry-sdk send --app acme-agnet {streams}", environment, world)
    assert ran.returncode == (1 if "full" in streams else 2)
    assert "Traceback" not in ran.stdout + ran.stderr


def test_a_database_that_is_none_is_one_line(environment, world):
    (world / "work" / "junk.db").write_bytes(b"\xff\x00junk" * 500)
    ran = shell("telemetry-sdk receive --database junk.db", environment, world)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert "name another file for --database" in ran.stderr


@pytest.mark.parametrize("command", ["status", "status --json", "ledger", "send", "purge --yes", "opt-out", "opt-in"])
def test_junk_in_the_state_ends_no_command_with_a_traceback(environment, world, left, command):
    for path in left.rglob("*"):
        if path.is_file():
            path.write_bytes(b"\xff\x00junk" * 50)
    (left.parent / "profile.json").write_bytes(b"\xff\x00junk" * 50)
    ran = shell(f"telemetry-sdk {command}", environment, world)
    assert "Traceback" not in ran.stderr
    assert "internal error" not in ran.stderr
    assert ran.returncode in {0, 1, 2}


def test_an_unforeseen_error_is_one_line(environment, world):
    ran = shell(
        f"{sys.executable} -c 'from telemetry_sdk.cli import output; output.run(lambda: 1 / 0)'", environment, world
    )
    assert ran.returncode == 1
    assert ran.stderr == "telemetry-sdk: internal error: ZeroDivisionError (TELEMETRY_SDK_DEBUG=1 shows where)\n"


def test_an_application_whose_cli_is_not_typers_passes_its_arguments_on(start, capsys):
    client = start()
    host = telemetry_sdk.cli.Host(app="acme-agent", client=lambda: client)
    for arguments, codes, words in (
        (["status"], {0}, "turn off metrics: acme telemetry opt-out metrics"),
        ([], {0, 2}, "Usage: acme telemetry "),  # the help, with which click before 8.2 exits with 0
        (["--show-completion"], {2}, "No such option"),  # the application's own CLI has one
        (["nothing"], {2}, "Usage: acme telemetry "),
    ):
        with pytest.raises(SystemExit) as end:
            telemetry_sdk.cli.main(arguments, host=host, name="acme telemetry")
        assert end.value.code in codes
        assert words in "".join(capsys.readouterr())


LONG_WORD = "anticonstitutionnellement" * 2


@pytest.mark.parametrize(("columns", "command"), [(40, "ledger"), (40, "bug list"), (40, "events"), (140, "events")])
def test_a_terminal_of_any_width_shows_everything(program, environment, world, columns, command):
    program(
        f"client.draft_bug_report({LONG_WORD!r}).report_id\nclient.log_event(Tick(n=1))\nassert client.flush_sync(20)"
    )
    ours, theirs = pty.openpty()
    environ = {**environment, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
    with subprocess.Popen([COMMAND, *command.split()], env=environ, cwd=world / "work", stdout=theirs) as started:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal's other end is closed
            while piece := os.read(ours, 65536):
                shown += piece
    os.close(ours)
    assert started.returncode == 0
    assert "…" not in shown.decode()
    assert ("│" in shown.decode()) is (columns == 140)
    expected = {"ledger": b"outcome: 202", "bug list": LONG_WORD.encode(), "events": b"metadata.event_uuid"}
    assert expected[command] in shown
