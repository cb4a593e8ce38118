"""Settings files looked at again: off acts at once; on needs a start, except after a broken file."""

from __future__ import annotations

import os
from itertools import count

import pytest

from telemetry_sdk.policy.watch import SettingsWatch

ALL = frozenset(("metrics", "errors", "bug_reports"))


class Resolver:
    def __init__(self, world) -> None:
        self.world = world
        self.calls = 0
        self.error: Exception | None = None

    def __call__(self):
        self.calls += 1
        if self.error:
            raise self.error
        return self.world.resolve()


@pytest.fixture
def resolver(world):
    return Resolver(world)


@pytest.fixture
def watch(world, resolver):
    return SettingsWatch(world.resolve(), resolver, count().__next__)


def test_nothing_is_read_while_nothing_changes(world, watch, resolver):
    for _ in range(5):
        assert watch.off() == frozenset()
    assert resolver.calls == 0


@pytest.mark.parametrize("layer", ["managed", "user", "project", "local"])
def test_a_file_that_appears_acts_at_once(world, watch, resolver, layer):
    world.env(layer, DISABLE_TELEMETRY="1")
    assert watch.off() == {"metrics"}
    watch.off()
    assert resolver.calls == 1


def test_a_change_of_the_same_size_acts(world, resolver):
    path = world.env("user", DISABLE_TELEMETRY="")
    watch = SettingsWatch(world.resolve(), resolver, count().__next__)
    before = path.stat()
    world.write("user", b'{"env": {"DO_NOT_TRACK": "1"}}'.ljust(before.st_size))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    assert watch.off() == {"metrics", "errors"}


def test_a_file_swapped_for_another_acts(world, resolver, tmp_path):
    path = world.env("user", DISABLE_TELEMETRY="")
    watch = SettingsWatch(world.resolve(), resolver, count().__next__)
    world.env(tmp_path / "new.json", DISABLE_TELEMETRY="1").replace(path)
    assert watch.off() == {"metrics"}


def test_off_stays_off_when_the_file_goes(world, watch):
    path = world.env("user", DISABLE_TELEMETRY="1")
    assert watch.off() == {"metrics"}
    path.unlink()
    assert watch.off() == {"metrics"}
    world.env("user", DISABLE_ERROR_REPORTING="1")
    assert watch.off() == {"metrics", "errors"}


def test_what_was_off_at_the_start_is_off(world, resolver):
    path = world.env("user", DISABLE_TELEMETRY="1")
    watch = SettingsWatch(world.resolve(), resolver, count().__next__)
    path.unlink()
    assert watch.off() == {"metrics"}


def test_a_broken_file_turns_off(world, watch):
    world.write("user", b"{")
    assert watch.off() == {"metrics", "errors"}


def test_a_look_that_fails_turns_everything_off_for_good(world, watch, resolver):
    resolver.error = OSError("too many open files")
    path = world.env("user", SOMETHING="1")
    assert watch.off() == ALL
    assert watch.failures == 1
    resolver.error = None
    path.unlink()
    assert watch.off() == ALL


def test_a_change_between_the_reading_and_the_first_look_is_seen(world, resolver):
    policy = world.resolve()
    world.env("project", DISABLE_BUG_COMMAND="1")
    assert SettingsWatch(policy, resolver, count().__next__).off() == {"bug_reports"}


@pytest.mark.parametrize("target", ["unmounted", "home/u/.claude"])
def test_a_folder_that_becomes_unreachable_is_a_change(world, watch, tmp_path, target):
    (world.home / ".claude").symlink_to(tmp_path / target)  # to nothing, and to itself
    assert watch.off() == {"metrics", "errors"}


# Withdrawn or silenced


@pytest.mark.parametrize(
    ("layer", "withdrawn", "silenced"),
    [
        ("user", {"metrics"}, set()),
        ("managed", {"metrics"}, set()),
        ("project", set(), {"metrics"}),
        ("local", set(), {"metrics"}),
    ],
)
def test_a_look_tells_withdrawn_from_silenced(world, watch, layer, withdrawn, silenced):
    world.env(layer, DISABLE_TELEMETRY="1")
    found = watch.look()
    assert (found.withdrawn, found.silenced) == (withdrawn, silenced)
    assert watch.newly_off() == {"metrics"}


def test_the_choice_file_withdraws(world, watch):
    path = world.home / ".config" / "telemetry-sdk" / "choice.json"
    world.write(path, {"v": 1, "off": {"errors": "2026-01-31"}})
    assert watch.look().withdrawn == {"errors"}


def test_a_drop_in_that_appears_acts(world, resolver):
    (world.managed.parent / "managed-settings.d").mkdir(parents=True)
    watch = SettingsWatch(world.resolve(), resolver, count().__next__)
    world.env(world.managed.parent / "managed-settings.d" / "10.json", DISABLE_TELEMETRY="1")
    assert watch.look().withdrawn == {"metrics"}


@pytest.mark.parametrize("layer", ["user", "managed", "project"])
def test_a_torn_file_silences_until_it_parses_again(world, watch, layer):
    off = {"metrics", "errors"} | ({"bug_reports"} if layer == "managed" else set())
    world.write(layer, b'{"env": {"DISABLE_TELEM')
    found = watch.look()
    assert (found.withdrawn, found.silenced) == (set(), off)
    world.env(layer, EDITOR="vi")
    assert watch.off() == set()
    assert watch.newly_off() == set()


@pytest.mark.parametrize("layer", ["user", "managed"])
@pytest.mark.parametrize("variable", ["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_NEWCLOUD"])
def test_a_torn_file_that_cancels_a_provider_silences_until_it_parses_again(world, layer, variable):
    def resolve():
        return world.resolve({variable: "1"})

    world.env(layer, **{variable: ""})
    watch = SettingsWatch(resolve(), resolve, count().__next__)
    world.write(layer, b'{"env": {')
    assert watch.look().silenced == ALL
    world.env(layer, **{variable: None})
    assert watch.off() == set()
    world.write(layer, b"{")
    assert watch.look().silenced == ALL
    world.env(layer, EDITOR="vi")
    assert watch.look().silenced == ALL, "nothing cancels the provider any more"
    world.env(layer, **{variable: ""})
    assert watch.look().silenced == ALL, "going on needs a start"


def test_a_torn_file_that_parses_with_an_opt_out_withdraws(world, watch):
    world.write("user", b"{")
    assert watch.look().withdrawn == set()
    world.env("user", DISABLE_TELEMETRY="1")
    found = watch.look()
    assert (found.withdrawn, found.silenced) == ({"metrics"}, set())


def test_a_file_that_was_broken_at_the_start_ends_its_silence(world, resolver):
    world.write("user", b"{")
    watch = SettingsWatch(world.resolve(), resolver, count().__next__)
    assert watch.off() == {"metrics", "errors"}
    world.env("user", EDITOR="vi")
    assert watch.off() == set()


def test_a_silence_with_another_cause_outlasts_the_broken_file(world, watch):
    world.write("user", b"{")
    world.env("project", DISABLE_TELEMETRY="1")
    assert watch.off() == {"metrics", "errors"}
    world.shared.unlink()
    world.user.unlink()
    assert watch.off() == {"metrics"}


def test_a_withdrawal_outlasts_a_broken_file(world, watch):
    world.env("user", DISABLE_TELEMETRY="1")
    watch.look()
    world.write("user", b"{")
    found = watch.look()
    assert (found.withdrawn, found.silenced) == ({"metrics"}, {"errors"})


def test_local_mode_that_begins_while_running_silences(world, watch):
    world.env("project", TELEMETRY_SDK_MODE="local")
    assert watch.look().silenced == ALL


def test_local_mode_of_the_start_stays_on(world, resolver):
    world.env("project", TELEMETRY_SDK_MODE="local")
    watch = SettingsWatch(world.resolve(), resolver, count().__next__)
    world.env("project", TELEMETRY_SDK_MODE="local", EDITOR="vi")
    assert watch.off() == set()


def test_one_look_a_second(world, resolver):
    now = [10.0]
    watch = SettingsWatch(world.resolve(), resolver, lambda: now[0])
    watch.off()
    world.env("user", DISABLE_TELEMETRY="1")
    now[0] = 10.99
    assert watch.off() == set()
    now[0] = 11.0
    assert watch.off() == {"metrics"}
