"""`telemetry-sdk status`: each service, every reason, the destination, what waits on disk."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest

import telemetry_sdk.cli
from telemetry_sdk.spool.segment_name import ENDED, WAITING, SegmentName
from tests.commands import COMMAND, CommandResult, in_process

SERVICES = ["metrics", "errors", "bug_reports"]
HEALTH = {"last_response", "last_success", "host", "paused_until", "why", "failures_in_a_row", "failures"}
UNKNOWN = "not known without the application"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home" / "p").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def run(home, capsys, monkeypatch):
    """Run the command in this process, with nothing in its environment but a home directory."""

    def ran(*args: str, **environ: str) -> CommandResult:
        base = {"PATH": os.environ["PATH"], "HOME": str(home)}
        return in_process(args, {**base, **environ}, home / "p", capsys, monkeypatch)

    return ran


@pytest.fixture
def run_python(home):
    """Run a Python program with the arguments of the command."""

    def ran(source: str, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", source, *args],
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            cwd=home / "p",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return ran


def document(ran: CommandResult | subprocess.CompletedProcess[str]) -> dict:
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return json.loads(ran.stdout)


def test_the_json_document_has_its_documented_keys(run):
    shown = document(run("status", "--json"))
    assert shown["provider"] == "first-party"
    assert list(shown["services"]) == SERVICES
    for service in shown["services"].values():
        assert set(service) == {"enabled", "reasons", "destination", "health"}
        assert service["enabled"] is True
        assert service["destination"] is None
        assert set(service["health"]) == HEALTH
        for reason in service["reasons"]:
            assert set(reason) == {"layer", "source", "variable", "effect"}
    assert shown["warnings"] == []
    assert shown["state"] == []


OPT_OUTS = [
    ("DISABLE_TELEMETRY", ["metrics"]),
    ("DISABLE_ERROR_REPORTING", ["errors"]),
    ("DISABLE_BUG_COMMAND", ["bug_reports"]),
    ("DISABLE_FEEDBACK_COMMAND", ["bug_reports"]),
    ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", SERVICES),
    ("DO_NOT_TRACK", ["metrics", "errors"]),
    ("CLAUDE_CODE_USE_BEDROCK", SERVICES),
    ("CLAUDE_CODE_USE_VERTEX", SERVICES),
    ("CLAUDE_CODE_USE_FOUNDRY", SERVICES),
]


@pytest.mark.parametrize(("variable", "off"), OPT_OUTS)
def test_each_opt_out_is_shown_with_its_reason(run, variable, off):
    shown = document(run("status", "--json", **{variable: "1"}))
    assert [name for name, service in shown["services"].items() if not service["enabled"]] == off
    for name in off:
        reasons = shown["services"][name]["reasons"]
        assert [(reason["layer"], reason["variable"]) for reason in reasons] == [("environment", variable)]


def test_all_reasons_are_shown(run):
    environ = {variable: "1" for variable, _ in OPT_OUTS[:7]}
    reasons = document(run("status", "--json", **environ))["services"]["metrics"]["reasons"]
    assert [reason["variable"] for reason in reasons] == [
        "DISABLE_TELEMETRY",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "DO_NOT_TRACK",
        "CLAUDE_CODE_USE_BEDROCK",
    ]


def test_files_warnings_and_ignored_keys_are_shown(run, tmp_path):
    settings = tmp_path / "home" / "p" / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"env": {"DISABLE_TELEMETRY": "0", "TELEMETRY_SDK_SENTRY_DSN": "https://k@evil.example/1"}}')
    shown = document(run("status", "--json"))
    assert shown["services"]["metrics"]["reasons"][0]["source"] == str(settings)
    assert any("DISABLE_TELEMETRY" in warning for warning in shown["warnings"])
    assert [reason["variable"] for reason in shown["ignored"]] == ["TELEMETRY_SDK_SENTRY_DSN"]
    assert shown["services"]["errors"]["destination"] is None
    assert "evil" not in json.dumps(shown)


def test_destinations_from_the_environment_are_shown_without_keys(run):
    environ = {
        "TELEMETRY_SDK_STATSIG_KEY": "client-hunter2",
        "TELEMETRY_SDK_SENTRY_DSN": "https://hunter3@errors.example.com/1",
        "TELEMETRY_SDK_BUG_REPORT_URL": "https://bugs.example.com/r",
        "TELEMETRY_SDK_BUG_REPORT_TOKEN": "hunter4",
    }
    ran = run("status", "--json", **environ)
    shown = document(ran)
    hosts = [service["destination"] for service in shown["services"].values()]
    assert hosts == ["events.statsigapi.net", "errors.example.com", "bugs.example.com"]
    assert "hunter" not in ran.stdout + run("status", **environ).stdout


def test_an_unusable_proxy_is_an_error_in_status(run):
    shown = document(run("status", "--json", HTTPS_PROXY="socks4://user:hunter2@proxy:1"))
    for service in shown["services"].values():
        assert service["enabled"] is False
        assert service["reasons"][-1]["variable"] == "HTTPS_PROXY"
    assert "hunter2" not in json.dumps(shown)


def at_terminal(home, columns: int, *args: str, **environ: str) -> str:
    """Run the command at a terminal of this width; return what it shows."""
    ours, theirs = pty.openpty()
    base = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm", "COLUMNS": str(columns), "NO_COLOR": "1"}
    command = [str(COMMAND), *args]
    with subprocess.Popen(command, env=base | environ, cwd=home / "p", stdout=theirs, stderr=theirs) as started:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
    os.close(ours)
    assert started.returncode == 0
    return shown.decode().replace("\r", "")


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_path_is_cut_at_a_terminal(home, columns):
    settings = home / "p" / ".claude" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"env": {"DISABLE_TELEMETRY": "1"}}')
    shown = at_terminal(home, columns, "status")
    assert "…" not in shown
    cells = [line.split("│")[-2] if "│" in line else line for line in shown.split("\n")]
    assert str(settings) in "".join(cell.strip() for cell in cells)


def test_a_narrow_terminal_gets_stacked_lines(home):
    shown = at_terminal(home, 80, "status", DISABLE_TELEMETRY="1")
    assert "service: metrics\nstate: off (withdrawn)\n" in shown
    assert "│" not in shown
    assert "│" in at_terminal(home, 140, "status")


def test_a_pipe_gets_tabs(run):
    rows = [line.split("\t") for line in run("status", DISABLE_TELEMETRY="1").stdout.splitlines() if "\t" in line]
    assert [row[0] for row in rows] == SERVICES
    assert rows[0][1:] == ["off (withdrawn)", UNKNOWN, "process environment: DISABLE_TELEMETRY turns it off"]


def test_a_service_without_a_known_endpoint_is_allowed_not_on(run):
    rows = [line.split("\t") for line in run("status", TELEMETRY_SDK_STATSIG_KEY="client-x").stdout.splitlines()]
    assert [row[1] for row in rows if len(row) > 1] == ["on", "allowed", "allowed"]


def test_a_switch_that_says_no_is_a_warning_with_its_value(run):
    shown = run("status", DISABLE_TELEMETRY="Off").stdout
    assert "warning: DISABLE_TELEMETRY in process environment is 'off' and still opts out; unset it to opt in" in shown


def test_how_to_turn_each_service_off_is_shown(run):
    shown = run("status", DISABLE_TELEMETRY="1").stdout
    assert "turn off errors: telemetry-sdk opt-out errors (or DISABLE_ERROR_REPORTING=1)" in shown
    assert "turn off metrics" not in shown


def test_a_table_for_people_without_colour_where_there_is_no_terminal(run):
    ran = run(
        "status", DISABLE_TELEMETRY="1", FORCE_COLOR="1", CLICOLOR_FORCE="1", TTY_COMPATIBLE="1", GITHUB_ACTIONS="1"
    )
    assert ran.returncode == 0
    assert "\x1b" not in ran.stdout + ran.stderr
    for part in (*SERVICES, "DISABLE_TELEMETRY", UNKNOWN, "provider: first-party", "30 days"):
        assert part in ran.stdout


def test_help_and_mistakes_have_no_colour_either(run):
    for args in (("--help",), ("status", "--help"), ("status", "--nonsense"), ("nonsense",)):
        ran = run(*args, FORCE_COLOR="1", GITHUB_ACTIONS="1", TERMINAL_WIDTH="80")
        assert "\x1b" not in ran.stdout + ran.stderr
        assert ran.stdout + ran.stderr


def test_a_terminal_gets_the_table_too(tmp_path):
    ours, theirs = pty.openpty()
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "xterm-256color", "COLUMNS": "110"}
    with subprocess.Popen([COMMAND, "status"], env=environ, cwd=tmp_path, stdout=theirs, stderr=theirs) as started:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
    os.close(ours)
    assert started.returncode == 0
    assert b"metrics" in shown
    assert b"not known" in shown


def _read(file: int) -> bytes:
    try:
        return os.read(file, 65536)
    except OSError:  # the terminal's other end is closed
        return b""


def test_a_path_that_stdout_cannot_encode_ends_no_command(run, tmp_path):
    settings = tmp_path / "home" / "p" / "ünï\udcff\x1b[31m" / ".claude" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"env": {"DISABLE_TELEMETRY": "1"}}')
    ran = subprocess.run(
        [COMMAND, "status"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "PYTHONIOENCODING": "ascii"},
        cwd=settings.parent.parent,
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"\x1b" not in ran.stdout


def test_status_makes_no_file(run, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    document(run("status", "--json", TELEMETRY_SDK_STATSIG_KEY="client-x"))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("named", [True, False])
def test_unsent_records_are_counted(run, tmp_path, named):
    base = tmp_path / "state" if named else tmp_path / "home" / ".local" / "state" / "telemetry-sdk"
    for app in ("acme", "other"):
        place = base / app / "0a1b"
        (place / "spool").mkdir(parents=True)
        for number, (service, count) in enumerate([("metrics", 5), ("errors", 1), ("errors", 1)]):
            name = SegmentName("r1", number, service, count=count, state=WAITING)
            (place / "spool" / str(name)).write_bytes(b"x")
        (place / "sent").mkdir()
        (place / "sent" / "2026-11-22-r1.jsonl").write_bytes(b"x" * 10)
        (place.parent / "revoked-metrics").touch()
    environ = {"TELEMETRY_SDK_STATE_DIR": str(base)} if named else {}
    shown = document(run("status", "--json", "--app", "acme", **environ))
    assert shown["state"] == [
        {
            "app": "acme",
            "path": str(base / "acme" / "0a1b"),
            "current": True,
            "writable": True,
            "waiting": {"metrics": 5, "errors": 2},
            "delivered": {},
            "dropped": {},
            "spool_bytes": 3,
            "drafts": 0,
            "ledger_bytes": 10,
            "problem": None,
            "installation_id": None,
            "bindings": {},
            "revoked": ["metrics"],
        }
    ]
    assert [state["app"] for state in document(run("status", "--json", **environ))["state"]] == ["acme", "other"]
    assert "2 errors" in run("status", **environ).stdout


def test_dropped_records_are_shown_with_their_reason(run, tmp_path):
    spool = tmp_path / "state" / "acme" / "0a1b" / "spool"
    spool.mkdir(parents=True)
    ended = SegmentName("r1", 1, "metrics", count=3, fates={"delivered": 1, "not_in_schema": 2}, state=ENDED)
    (spool / str(ended)).touch()
    text = " ".join(run("status", TELEMETRY_SDK_STATE_DIR=str(tmp_path / "state")).stdout.split())
    assert "; dropped: 2 not_in_schema; drafts: 0" in text


def test_a_state_directory_that_cannot_be_written_is_named(run, tmp_path, monkeypatch):
    place = tmp_path / "state" / "acme" / "0a1b"
    (place / "spool").mkdir(parents=True)
    monkeypatch.setattr(os, "access", lambda *_: False)
    environ = {"TELEMETRY_SDK_STATE_DIR": str(tmp_path / "state")}
    assert not document(run("status", "--json", **environ))["state"][0]["writable"]
    text = " ".join(run("status", **environ).stdout.split())
    assert "cannot be written, new records are kept in memory" in text


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_a_missing_package_is_named_in_one_line(run_python, missing):
    script = f"import sys; sys.modules[{missing!r}] = None; from telemetry_sdk.cli import main; main()"
    ran = run_python(script, "status")
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert 'pip install "telemetry-sdk[cli]"' in ran.stderr
    assert missing in ran.stderr
    assert ran.stdout == ""


MOUNTED = """
import os, typer
from telemetry_sdk.cli import Host, app
from telemetry_sdk.endpoints import resolve_endpoints
from telemetry_sdk.policy import resolve_policy

def policy():
    return resolve_endpoints(resolve_policy(), os.environ, sentry_dsn="https://k@errors.acme.example/1")[1]

acme = typer.Typer(add_completion=False)
acme.command()(lambda: None)
acme.add_typer(app(Host(app="acme", policy=policy)), name="telemetry")
acme()
"""


def test_an_application_mounts_the_commands_and_knows_its_destinations(run_python):
    shown = document(run_python(MOUNTED, "telemetry", "status", "--json"))
    assert shown["app"] == "acme"
    assert shown["services"]["errors"]["destination"] == "errors.acme.example"
    assert shown["services"]["errors"]["enabled"] is True
    assert shown["services"]["metrics"]["enabled"] is False
    assert shown["services"]["metrics"]["destination"] is None
    assert (shown["known"], shown["note"]) == (True, "")
    assert shown["opt_out"].endswith(" telemetry opt-out")


def test_the_typer_app_is_there_for_others():
    assert telemetry_sdk.cli.app().registered_commands


def test_a_misspelt_application_is_named_with_the_one_meant(run, home):
    (home / ".local" / "state" / "telemetry-sdk" / "acme-agent" / "0123456789abcdef" / "spool").mkdir(parents=True)
    assert "profile.json does not exist; did you mean acme-agent?" in run("status", "--app", "acme-agnet").stdout
