"""`send` and `status` without the application: its stored profile counts, and only adds."""

from __future__ import annotations

import json
import os
import time

import pytest

from telemetry_sdk.policy import CLAUDE_CODE, Profile, Switch
from telemetry_sdk.policy.stored_profile import SIZE_LIMIT, StoredProfile, dumps

STORED = StoredProfile(profile=CLAUDE_CODE, lift_provider_default={}, version="1.4.2")
UNKNOWN = "not known without the application"
WEAK = StoredProfile(
    profile=Profile(
        name="weak",
        switches=(Switch(variable="NOTHING", services=("metrics",)),),
        user_file="nothing.json",
        project_files=(),
        broken_settings_turn_off=(),
    ),
    lift_provider_default={"bedrock": ("metrics", "errors")},
    version="1.4.2",
)
BOTH = [row.variable for row in CLAUDE_CODE.switches if {"metrics", "errors"} <= set(row.services)]


@pytest.fixture
def plant(left):
    """Replace the stored profile by these bytes."""

    def planted(content: bytes, mode: int = 0o600) -> None:
        path = left.parent / "profile.json"
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        path.chmod(mode)

    return planted


def link(path) -> None:
    path.rename(path.with_name("real.json"))
    path.symlink_to(path.with_name("real.json"))


def pipe(path) -> None:
    path.unlink()
    os.mkfifo(path)


DOCUMENT = json.loads(dumps(STORED))
UNUSABLE = {
    "missing": lambda path: path.unlink(),
    "a link": link,
    "a pipe": pipe,
    "empty": lambda path: path.write_bytes(b""),
    "no object": lambda path: path.write_bytes(b"[]"),
    "without members": lambda path: path.write_bytes(b"{}"),
    "with an endpoint": lambda path: path.write_text(
        json.dumps({**DOCUMENT, "sentry_dsn": "https://k@evil.example/1"})
    ),
    "without a profile": lambda path: path.write_text(json.dumps({**DOCUMENT, "profile": {}})),
    "of a later version": lambda path: path.write_text(json.dumps({**DOCUMENT, "v": 2})),
    "deeply nested": lambda path: path.write_bytes(b"[" * 100_000),
    "too large": lambda path: path.write_bytes(dumps(STORED).ljust(SIZE_LIMIT + 1)),
    "readable by others": lambda path: path.chmod(0o644),
}


@pytest.mark.parametrize("spoil", UNUSABLE.values(), ids=UNUSABLE)
def test_without_a_usable_stored_profile_nothing_is_sent(run, receiver, left, spoil):
    spoil(left.parent / "profile.json")
    ran = run("send")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"acme-agent: {UNKNOWN}" in ran.stderr
    assert "profile.json" in ran.stderr
    assert receiver.requests() == []
    shown = json.loads(run("status", "--json", "--app", "acme-agent").stdout)
    assert (shown["known"], shown["profile"]) == (False, CLAUDE_CODE.name)
    assert UNKNOWN in shown["note"]


def test_an_application_directory_behind_a_link_of_the_users_own_is_read(run, receiver, left):
    left.parent.rename(left.parent.with_name("real"))
    left.parent.symlink_to("real")
    shown = json.loads(run("status", "--json", "--app", "acme-agent").stdout)
    assert (shown["known"], len(shown["state"])) == (True, 1)
    assert run("send", "--app", "acme-agent").returncode == 0
    assert receiver.requests() != []


def test_a_file_in_the_place_of_an_application_directory_is_not_read(run, receiver, left):
    left.parent.rename(left.parent.with_name("real"))
    left.parent.write_bytes(b"")
    assert run("send", "--app", "acme-agent").returncode == 0
    assert receiver.requests() == []
    assert (
        "is no directory, or another user's"
        in json.loads(run("status", "--json", "--app", "acme-agent").stdout)["note"]
    )


def test_a_profile_that_is_not_known_is_no_failure_where_nothing_waits(run, plant, left):
    assert run("send").returncode == 0
    plant(b"")
    ran = run("send")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "Nothing waits for these endpoints.\n", "")


def test_a_weakened_profile_lifts_no_switch_of_both_services(run, receiver, plant):
    plant(dumps(WEAK))
    for variable in (*BOTH, "ANY_DISABLE_NONESSENTIAL_TRAFFIC"):
        ran = run("send", **{variable: "1"})
        assert ran.returncode == 0
        assert variable in ran.stderr
    assert receiver.requests() == []
    assert run("send").returncode == 0
    assert (len(receiver.metrics()), len(receiver.errors())) == (1, 3)


@pytest.mark.parametrize("folder", ["telemetry-sdk", "telemetry-sdk/acme-agent"])
@pytest.mark.parametrize("named", [True, False])
def test_a_weakened_profile_lifts_no_choice(run, receiver, plant, world, folder, named):
    plant(dumps(WEAK))
    choice = world / ("xdg" if named else ".config") / folder / "choice.json"
    choice.parent.mkdir(parents=True)
    choice.write_text('{"v": 1, "off": {"metrics": "2026-01-31", "errors": "2026-01-31"}}')
    ran = run("send", XDG_CONFIG_HOME=str(world / "xdg"))
    assert ran.returncode == 0
    assert "opted out on 2026-01-31" in ran.stderr
    assert receiver.requests() == []


@pytest.mark.parametrize(("variable", "sent"), [("DISABLE_TELEMETRY", (0, 3)), ("DISABLE_ERROR_REPORTING", (1, 0))])
def test_a_weakened_profile_lifts_no_switch_of_one_service(run, receiver, plant, variable, sent):
    plant(dumps(WEAK))
    assert run("send", **{variable: "1"}).returncode == 0
    assert (len(receiver.metrics()), len(receiver.errors())) == sent


def test_the_applications_own_switches_and_provider_count(run, receiver, plant):
    own = STORED.replace(profile=Profile.for_app("acme-agent"))
    plant(dumps(own))
    for variable in ("ACME_AGENT_TELEMETRY_DISABLED", "ACME_AGENT_USE_BEDROCK"):
        assert variable in run("send", **{variable: "1"}).stderr
    plant(dumps(own.replace(provider="vertex")))
    assert "vertex" in run("send").stderr
    assert receiver.requests() == []


def test_an_opt_out_of_the_project_counts(run, receiver, left, world):
    project = world / "work" / ".claude"
    project.mkdir()
    (project / "settings.json").write_text('{"env": {"DO_NOT_TRACK": "1"}}')
    assert "project settings" in run("send").stderr
    assert receiver.requests() == []


def test_local_mode_sends_nothing(run, receiver, left):
    ran = run("send", TELEMETRY_SDK_MODE="local")
    assert ran.returncode == 0
    assert "TELEMETRY_SDK_MODE=local" in ran.stderr
    assert receiver.requests() == []


def test_one_unknown_application_does_not_hold_up_another(run, receiver, left):
    other = left.parent.with_name("zeta")
    (other / left.name / "spool").mkdir(parents=True)
    for path in (left / "spool").iterdir():
        (other / left.name / "spool" / path.name).write_bytes(path.read_bytes())
    ran = run("send")
    assert ran.returncode == 2
    assert "acme-agent: delivered: 3 errors, 1 metrics" in ran.stdout
    assert f"zeta: {UNKNOWN}" in ran.stderr
    assert len(receiver.errors()) == 3


def test_status_shows_the_stored_policy(run, plant):
    plant(dumps(STORED.replace(profile=Profile.for_app("acme-agent"), provider="vertex")))
    shown = json.loads(run("status", "--json", ACME_AGENT_TELEMETRY_DISABLED="1").stdout)
    assert (shown["app"], shown["known"], shown["profile"], shown["provider"]) == (
        "acme-agent",
        True,
        "acme-agent",
        "vertex",
    )
    assert shown["withdrawn"] == ["metrics", "errors"]
    assert shown["silenced"] == ["bug_reports"]
    text = run("status", ACME_AGENT_TELEMETRY_DISABLED="1").stdout
    for part in ("application: acme-agent", "profile: acme-agent", "off (withdrawn)", "off (silenced)"):
        assert part in text


def test_status_of_several_applications_shows_each(run, left):
    other = left.parent.with_name("zeta")
    (other / left.name).mkdir(parents=True)
    shown = json.loads(run("status", "--json").stdout)
    assert shown["app"] is None
    assert {name: one["known"] for name, one in shown["applications"].items()} == {"acme-agent": True, "zeta": False}
    assert "\n\napplication: zeta\n" in run("status").stdout
    assert [state["app"] for state in shown["state"]] == ["acme-agent", "zeta"]
    text = run("status").stdout
    assert "application: acme-agent" in text
    assert "application: zeta" in text


@pytest.mark.parametrize("command", ["status", "send", "ledger", "purge", "opt-out", "opt-in"])
@pytest.mark.parametrize("app", ["..", "a/b", ".hidden"])
def test_a_name_that_is_no_applications_is_refused(run, world, command, app):
    before = sorted(world.rglob("*"))
    ran = run(command, "--app", app)
    assert ran.returncode == 2
    assert "--app" in ran.stderr
    assert sorted(world.rglob("*")) == before


@pytest.mark.parametrize("command", ["status", "ledger", "send"])
def test_a_command_deletes_what_is_older_than_the_retention(run, left, plant, command):
    drafts = left / "drafts"
    drafts.mkdir(mode=0o700)
    for number, days in enumerate((41, 39)):
        path = drafts / f"0000000{number}-1111-4111-8111-111111111111.json"
        path.write_bytes(b"{}")
        os.utime(path, (time.time() - days * 86_400,) * 2)
    plant(b"")
    run(command)
    assert len(list(drafts.iterdir())) == 2, "the retention is not known"
    plant(dumps(STORED.replace(profile=CLAUDE_CODE.replace(retention_days=40))))
    run(command)
    assert [path.name[:8] for path in drafts.iterdir()] == ["00000001"]


@pytest.mark.parametrize("command", ["status", "ledger", "send"])
def test_a_command_deletes_what_the_users_file_turned_off(run, receiver, left, world, command):
    settings = world / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"env": {"DISABLE_TELEMETRY": "1"}}')
    run(command)
    assert not list((left / "spool").glob("*.m.*"))
    assert not (left / "installation-id").exists()
    assert receiver.metrics() == []
    assert len(receiver.errors()) == (3 if command == "send" else 0)


@pytest.mark.parametrize("command", ["status", "ledger"])
def test_a_command_deletes_nothing_for_its_environment_or_a_project(run, left, world, command):
    settings = world / "work" / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"env": {"DO_NOT_TRACK": "1"}}')
    before = sorted((left / "spool").iterdir())
    run(command, DO_NOT_TRACK="1")
    assert sorted((left / "spool").iterdir()) == before


def test_another_users_state_is_neither_read_nor_changed(run, receiver, left, kept, monkeypatch):
    before = kept()
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    assert run("send").stdout == "Nothing waits for these endpoints.\n"
    assert run("purge", "--yes", "--drafts").stdout == "No telemetry files found.\n"
    assert run("opt-out").returncode == 0
    shown = json.loads(run("status", "--json", "--app", "acme-agent").stdout)
    assert (shown["known"], shown["state"]) == (False, [])
    assert "another user's" in shown["note"]
    assert kept() == before
    assert receiver.requests() == []
