"""`telemetry-sdk opt-out` and `opt-in`: stored, at once, for running programs too, and explained."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from telemetry_sdk.cli import Host, app
from telemetry_sdk.policy import CLAUDE_CODE, resolve_policy
from telemetry_sdk.policy.stored_profile import StoredProfile, store

ALL = "metrics, errors, bug_reports"


@pytest.fixture
def choice(world):
    """Return the path of the choice file of an application, or of all."""

    def path(app: str = ""):
        return world / ".config" / "telemetry-sdk" / app / "choice.json"

    return path


def off(path) -> set[str]:
    return set(json.loads(path.read_text())["off"])


def test_an_opt_out_names_the_file_and_its_undoing(run, choice, world):
    ran = run("opt-out", "metrics")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        f"metrics: off for all applications, as written to {choice()}\nTo undo: telemetry-sdk opt-in metrics\n"
    )
    assert off(choice()) == {"metrics"}
    assert not (world / ".local").exists()


def test_an_opt_out_without_services_is_one_of_all(run, choice):
    ran = run("opt-out", "--app", "acme-agent")
    assert ran.stdout.startswith(
        f"{ALL}: off for acme-agent (it has not run here yet), as written to {choice('acme-agent')}\n"
    )
    assert "To undo: telemetry-sdk opt-in --app acme-agent\n" in ran.stdout
    assert off(choice("acme-agent")) == {"metrics", "errors", "bug_reports"}
    assert not choice().exists()


def test_an_opt_out_deletes_what_waits_of_these_services_alone(run, left, kept, receiver):
    ran = run("opt-out", "metrics")
    assert "acme-agent: running programs stop; records deleted: 1\n" in ran.stdout
    assert not list((left / "spool").glob("*.m.*"))
    assert "installation-id" not in kept()
    assert "revoked-metrics" in kept()
    assert len(list((left / "spool").glob("*.e.*"))) == 3
    assert run("send").returncode == 0
    assert (len(receiver.metrics()), len(receiver.errors())) == (0, 3)


def test_an_opt_out_of_one_application_touches_no_other(run, left, kept):
    before = kept()
    assert run("opt-out", "--app", "other").returncode == 0
    assert kept() == before


@pytest.mark.parametrize("name", ["acme", "acme-agnet", "acme-agent2", "Acme-Agent"])
def test_a_name_close_to_that_of_an_application_needs_force(run, left, choice, kept, name):
    before = kept()
    ran = run("opt-out", "--app", name)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "did you mean acme-agent? If not, add --force" in " ".join(ran.stderr.replace("│", "").split())
    assert not choice(name).exists()
    ran = run("opt-out", "--app", name, "--force")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"off for {name} (it has not run here yet)" in ran.stdout
    assert off(choice(name)) == {"metrics", "errors", "bug_reports"}
    assert kept() == before


def test_an_opt_out_before_the_first_run_holds_in_it(run, program, world):
    assert run("opt-out", "--app", "acme-agent").returncode == 0
    assert program("print(client.policy.withdrawn)").out == "('metrics', 'errors', 'bug_reports')\n"
    assert not (world / ".local" / "state" / "telemetry-sdk").exists()


def test_a_directory_that_is_no_applications_is_not_touched(run, world):
    base = world / ".local" / "state" / "telemetry-sdk"
    (base / "photos" / "2026").mkdir(parents=True)
    (world / "elsewhere" / "2026").mkdir(parents=True)
    (base / "linked").symlink_to(world / "elsewhere")
    before = sorted(world.rglob("*"))
    assert run("opt-out").returncode == 0
    assert {path for path in set(world.rglob("*")) - set(before) if ".config" not in path.parts} == set()


@pytest.mark.parametrize("scope", [(), ("--app", "acme-agent")])
def test_an_opt_out_stops_a_running_program(run, start, receiver, world, scope):
    client = start(state_dir=world / "state")
    client.capture_exception(ValueError())
    assert client.flush_sync(20)
    ran = run("opt-out", "errors", *scope, TELEMETRY_SDK_STATE_DIR=str(world / "state"))
    assert ran.returncode == 0
    client.capture_exception(KeyError())
    assert client.flush_sync(20)
    assert len(receiver.errors()) == 1
    assert not client.policy.errors.enabled
    assert client.policy.metrics.enabled


def test_an_opt_out_knows_the_services_of_a_stored_profile(run, left, choice):
    services = (*CLAUDE_CODE.services, "crash_dumps")
    profile = CLAUDE_CODE.replace(services=services)
    store(str(left.parent / "profile.json"), StoredProfile(profile=profile, lift_provider_default={}, version="1"))
    assert run("opt-out", "crash_dumps").returncode == 0
    assert off(choice()) == {"crash_dumps"}
    assert run("opt-out").returncode == 0
    assert off(choice()) == set(services)


@pytest.mark.parametrize("command", ["opt-out", "opt-in"])
def test_an_unknown_service_is_refused_with_the_known_ones(run, world, command):
    before = sorted(world.rglob("*"))
    ran = run(command, "metrcs")
    assert ran.returncode == 2
    assert "'metrcs'" in ran.stderr
    assert "bug_reports" in ran.stderr
    assert sorted(world.rglob("*")) == before


def test_an_opt_out_that_cannot_be_stored_names_the_variable_and_still_deletes(run, world, left):
    (world / ".config").write_text("a file")
    ran = run("opt-out", "errors")
    assert ran.returncode == 1
    assert "DISABLE_ERROR_REPORTING=1 in the environment" in ran.stderr
    assert "To undo" not in ran.stdout
    assert not list((left / "spool").glob("*.e.*"))


def test_an_opt_out_that_reaches_no_running_program_fails(run, left, choice):
    (left.parent / "revoked-errors").mkdir()
    ran = run("opt-out", "errors")
    assert ran.returncode == 1
    assert "could not notify running programs" in ran.stderr
    assert off(choice()) == {"errors"}


def test_an_opt_in_removes_the_choice_and_names_other_opt_outs(run, choice, left):
    run("opt-out", "metrics")
    run("opt-out", "metrics", "--app", "acme-agent")
    ran = run("opt-in", "metrics", DO_NOT_TRACK="1")
    assert ran.returncode == 0
    assert ran.stdout.startswith(f"metrics: no longer off in {choice()}\nacme-agent: metrics is still off: ")
    assert str(choice("acme-agent")) in ran.stdout
    assert "DO_NOT_TRACK" in ran.stdout
    assert off(choice()) == set()
    ran = run("opt-in", "metrics", "--app", "acme-agent")
    assert ran.stdout == f"metrics: no longer off in {choice('acme-agent')}\n"


def test_an_opt_in_does_not_touch_a_broken_file(run, choice):
    choice().parent.mkdir(parents=True)
    choice().write_text("{")
    ran = run("opt-in")
    assert ran.returncode == 1
    assert f"{choice()} " in ran.stderr
    assert "correct or delete it" in ran.stderr
    assert choice().read_text() == "{"


MOUNTED = """
import typer
from telemetry_sdk.cli import Host, app
from telemetry_sdk.policy import resolve_policy

acme = typer.Typer(add_completion=False)
acme.command()(lambda: None)
acme.add_typer(app(Host(app="acme-agent", policy=resolve_policy)), name="telemetry")
acme(prog_name="acme")
"""


def test_opting_in_where_nothing_was_off_says_so(run, choice):
    assert run("opt-in", "metrics").stdout == f"metrics: not off before, either: there is no {choice()}\n"
    assert not choice().exists()


def test_a_mounted_opt_out_is_that_of_its_application(environment, world, choice):
    ran = subprocess.run(
        [sys.executable, "-c", MOUNTED, "telemetry", "opt-out", "errors"],
        env={**environment, "PATH": os.environ["PATH"]},
        cwd=world / "work",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert off(choice("acme-agent")) == {"errors"}
    assert not choice().exists()
    assert "To undo: acme telemetry opt-in errors\n" in ran.stdout


def test_an_opt_in_names_no_reason_that_it_has_just_removed(world, choice, capsys):
    choice("acme-agent").parent.mkdir(parents=True)
    choice("acme-agent").write_text('{"v": 1, "off": {"metrics": "2026-01-31"}}')
    at_start = resolve_policy(app="acme-agent")
    assert not at_start.metrics.enabled
    commands = app(Host(app="acme-agent", policy=lambda: at_start))
    commands(["opt-in", "metrics"], standalone_mode=False)
    assert capsys.readouterr().out == f"metrics: no longer off in {choice('acme-agent')}\n"
