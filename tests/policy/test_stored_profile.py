"""A stored profile: what a sender needs without the application; bounded, of this user alone, and only adding."""

from __future__ import annotations

import json
import os

import pytest

from telemetry_sdk.policy import CLAUDE_CODE, HostChoices, Profile, Switch
from telemetry_sdk.policy.stored_profile import (
    SIZE_LIMIT,
    StoredProfile,
    dumps,
    load,
    loads,
    store,
    with_known_switches,
)
from telemetry_sdk.policy.updates import combined, with_provider
from telemetry_sdk.policy.without_application import resolve_stored

ALL = ("metrics", "errors", "bug_reports")
ACME = StoredProfile(
    profile=Profile.for_app("acme"),
    truth="boolean",
    provider="vertex",
    lift_provider_default={"vertex": ("metrics",)},
    settings_file="/x/flag.json",
    version="1.4.2",
)


@pytest.mark.parametrize("profile", [CLAUDE_CODE, ACME.profile])
def test_what_is_stored_is_what_is_loaded(tmp_path, profile):
    stored = ACME.replace(profile=profile)
    store(str(tmp_path / "profile.json"), stored)
    assert load(str(tmp_path / "profile.json")) == stored
    assert loads(dumps(stored)) == stored
    assert os.stat(tmp_path / "profile.json").st_mode & 0o777 == 0o600


def test_storing_the_same_again_writes_nothing(tmp_path):
    path = tmp_path / "profile.json"
    store(str(path), ACME)
    before = path.stat()
    store(str(path), ACME)
    assert path.stat().st_ino == before.st_ino
    store(str(path), ACME.replace(version="2"))
    assert load(str(path)).version == "2"


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path, mode):
    path = tmp_path / "profile.json"
    store(str(path), ACME)
    path.chmod(mode)
    with pytest.raises(ValueError, match="0600"):
        load(str(path))


@pytest.mark.parametrize("kind", ["missing", "link", "directory", "pipe"])
def test_anything_but_a_regular_file_is_refused(tmp_path, kind):
    path = tmp_path / "profile.json"
    store(str(tmp_path / "real"), ACME)
    if kind == "link":
        path.symlink_to(tmp_path / "real")
    elif kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises((OSError, ValueError)):
        load(str(path))


def test_the_size_is_bounded(tmp_path):
    data = dumps(ACME)
    assert loads(data.ljust(SIZE_LIMIT)) == ACME
    with pytest.raises(ValueError, match="256 KiB"):
        loads(data.ljust(SIZE_LIMIT + 1))


def changed(**fields) -> bytes:
    document = json.loads(dumps(ACME))
    return json.dumps({**document, **fields}).encode()


def with_field(name: str, value: object) -> bytes:
    document = json.loads(dumps(ACME))
    document["profile"][name] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        changed(v=2),
        changed(sentry_dsn="https://k@evil.example/1"),
        changed(state_dir="/tmp/x"),
        changed(truth=None),
        changed(provider=7),
        changed(settings_file=["x"]),
        changed(lift_provider_default=["bedrock"]),
        changed(lift_provider_default={"bedrock": "metrics"}),
        changed(profile=[]),
        with_field("switches", {}),
        with_field("switches", [{"variable": "X Y", "services": ["metrics"], "truth": "flag"}]),
        with_field("switches", [{"variable": "X", "services": ["metrcs"], "truth": "flag"}]),
        with_field("switches", [{"variable": "X", "services": ["metrics"], "truth": "never"}]),
        with_field("providers", [{"name": "other"}]),
        with_field("services", "metrics"),
        with_field("retention_days", 0),
        with_field("managed_files", [["", 7]]),
    ],
)
def test_anything_but_a_profile_is_refused(data):
    with pytest.raises(ValueError, match=r"."):
        loads(data)


# A stored profile only adds


EMPTY = Profile(
    name="x",
    switches=(Switch(variable="DO_NOT_TRACK", services=("metrics",)),),
    services=("metrics", "errors", "bug_reports", "crash_dumps"),
    user_file="x",
    project_files=(),
    broken_settings_turn_off=(),
    switch_suffixes=("_QUIET",),
)


@pytest.mark.parametrize("row", CLAUDE_CODE.switches, ids=lambda row: row.variable)
def test_every_known_switch_counts_whatever_is_stored(world, row):
    policy = world.resolve({row.variable: "1"}, profile=with_known_switches(EMPTY))
    assert set(policy.withdrawn) >= set(row.services)


@pytest.mark.parametrize("variable", ["ANY_DISABLE_NONESSENTIAL_TRAFFIC", "X_QUIET"])
def test_every_variable_of_a_suffix_counts_whatever_is_stored(world, variable):
    assert set(world.resolve({variable: "1"}, profile=with_known_switches(EMPTY)).withdrawn) == set(EMPTY.services)


def test_the_managed_settings_and_broken_files_count_whatever_is_stored(world):
    known = with_known_switches(EMPTY)
    assert set(known.managed_files) >= set(CLAUDE_CODE.managed_files)
    world.write(world.home / "x", b"{")
    assert set(world.resolve(profile=known).silenced) == {"metrics", "errors"}


def test_a_switch_of_both_keeps_the_stricter_truth_and_all_services(world):
    policy = world.resolve({"DO_NOT_TRACK": "0"}, profile=with_known_switches(EMPTY))
    assert policy.withdrawn == ("metrics", "errors")


def test_the_choice_file_counts_whatever_is_stored(world):
    world.write(world.home / ".config" / "telemetry-sdk" / "choice.json", {"v": 1, "off": {"errors": "2026-01-31"}})
    assert world.resolve(profile=with_known_switches(EMPTY)).withdrawn == ("errors",)


def test_two_versions_are_both_obeyed(world):
    old = Profile.for_app("acme", switches=(Switch(variable="OLD", services=("metrics",)),))
    new = Profile.for_app("acme", switches=(Switch(variable="NEW", services=("errors",)),))
    environ = {"OLD": "1", "NEW": "1", "ACME_USE_VERTEX": "1"}
    both = combined([world.resolve(environ, profile=profile) for profile in (old, new)])
    assert both.withdrawn == ("metrics", "errors")
    assert both.silenced == ("bug_reports",)
    lifted = HostChoices(lift_provider_default={"vertex": ALL})
    both = combined(
        [world.resolve({"ACME_USE_VERTEX": "1"}, host=host, profile=old) for host in (lifted, HostChoices(), lifted)]
    )
    assert both.silenced == ALL


def test_one_policy_combined_is_itself(world):
    policy = world.resolve({"DO_NOT_TRACK": "1"})
    assert combined([policy]) == policy
    assert combined([policy, policy]) == policy


# set_provider


def test_a_provider_set_while_running_only_restricts(world):
    policy = world.resolve({})
    assert with_provider(policy, CLAUDE_CODE, "first-party") is policy
    assert with_provider(policy, CLAUDE_CODE, None) is policy
    off = with_provider(policy, CLAUDE_CODE, "openai")
    assert (off.provider, off.first_party, off.silenced, off.withdrawn) == ("other", False, ALL, ())
    lifted = with_provider(policy, CLAUDE_CODE, "bedrock", {"bedrock": ("errors",), "other": ALL})
    assert lifted.silenced == ("metrics", "bug_reports")
    assert with_provider(off, CLAUDE_CODE, "first-party").silenced == ALL


# Without the application


def resolved(world, *stored, environ=None, app=None):
    return resolve_stored(stored, environ or {}, app=app, cwd=world.project, home=world.home, managed=world.managed)


def test_nothing_is_known_without_a_stored_profile(world):
    with pytest.raises(ValueError, match="not known without the application"):
        resolved(world)


def test_the_stored_choices_count(world):
    flag = world.env(world.home / "flag.json", ACME_TELEMETRY_DISABLED="1")
    stored = ACME.replace(provider=None, settings_file=str(flag))
    assert resolved(world, stored).silenced == ("metrics", "errors")
    assert resolved(world, ACME.replace(settings_file=None)).silenced == ("errors", "bug_reports")
    assert resolved(world, ACME).silenced == ALL, "its host-named file is missing"


def test_every_stored_version_and_every_known_switch_count(world):
    plain = ACME.replace(provider=None, settings_file=None)
    strict = plain.replace(version="2", provider="moon")
    assert resolved(world, plain).silenced == ()
    assert resolved(world, plain, strict).silenced == ALL
    environ = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    assert resolved(world, plain, environ=environ).withdrawn == ALL


def test_the_applications_choice_file_counts(world):
    path = world.home / ".config" / "telemetry-sdk" / "acme" / "choice.json"
    world.write(path, {"v": 1, "off": {"errors": "2026-01-31"}})
    plain = ACME.replace(provider=None, settings_file=None)
    assert resolved(world, plain, app="acme").withdrawn == ("errors",)
