"""Settings files looked at again: off acts at once and stays; a look that fails counts as off."""

from __future__ import annotations

import os

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
    return SettingsWatch(world.resolve(), resolver)


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
    watch = SettingsWatch(world.resolve(), resolver)
    before = path.stat()
    world.write("user", b'{"env": {"DO_NOT_TRACK": "1"}}'.ljust(before.st_size))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    assert watch.off() == {"metrics", "errors"}


def test_a_file_swapped_for_another_acts(world, resolver, tmp_path):
    path = world.env("user", DISABLE_TELEMETRY="")
    watch = SettingsWatch(world.resolve(), resolver)
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
    watch = SettingsWatch(world.resolve(), resolver)
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
    assert SettingsWatch(policy, resolver).off() == {"bug_reports"}


@pytest.mark.parametrize("target", ["unmounted", "home/u/.claude"])
def test_a_folder_that_becomes_unreachable_is_a_change(world, watch, tmp_path, target):
    (world.home / ".claude").symlink_to(tmp_path / target)  # to nothing, and to itself
    assert watch.off() == {"metrics", "errors"}
