"""`cleanupPeriodDays`: an integer of at least 1, default 30; what cannot be determined sweeps nothing."""

from __future__ import annotations

import pytest

from telemetry_sdk.policy import HostChoices

KEY = "cleanupPeriodDays"


def test_the_default_is_thirty_days(world):
    assert world.resolve().retention_days == 30
    world.write("user", {KEY: None})
    assert world.resolve().retention_days == 30


@pytest.mark.parametrize("layer", ["managed", "user"])
@pytest.mark.parametrize(("value", "days"), [(1, 1), (7, 7), (365, 365), (10**30, 36_500)])
def test_an_integer_counts(world, layer, value, days):
    world.write(layer, {KEY: value})
    policy = world.resolve()
    assert policy.retention_days == days
    assert policy.warnings == ()


@pytest.mark.parametrize("layer", ["managed", "user"])
@pytest.mark.parametrize("value", [0, -1, 1.5, 30.0, 1e3, "30", "", True, False, [], {}, [30]])
def test_anything_else_is_refused_and_nothing_is_swept(world, on, layer, value):
    world.write(layer, {KEY: value})
    policy = world.resolve()
    assert policy.retention_days is None
    assert any(KEY in warning and "at least 1" in warning for warning in policy.warnings)
    assert on(policy) == (True, True, True)


def test_two_different_values_in_one_file_are_undetermined(world):
    world.write("user", b'{"cleanupPeriodDays": 3, "cleanupPeriodDays": 4}')
    assert world.resolve().retention_days is None


def test_a_broken_file_is_undetermined_whatever_the_host_sets(world):
    world.write("user", b"broken")
    assert world.resolve().retention_days is None
    assert world.resolve(host=HostChoices(retention_days=3)).retention_days is None
    world.write("managed", b"broken")
    world.write("user", {KEY: 5})
    assert world.resolve().retention_days is None


def test_managed_settings_stand_over_the_host_and_the_host_over_the_user(world):
    world.write("user", {KEY: 5})
    host = HostChoices(retention_days=9)
    assert world.resolve(host=host).retention_days == 9
    world.write("managed", {KEY: 12})
    assert world.resolve(host=host).retention_days == 12


@pytest.mark.parametrize("days", [0, -3, True, "7", 1.0])
def test_the_hosts_value_is_checked_too(world, days):
    assert world.resolve(host=HostChoices(retention_days=days)).retention_days is None


@pytest.mark.parametrize("layer", ["project", "local"])
def test_a_project_may_only_shorten(world, layer):
    world.write("user", {KEY: 10})
    world.write(layer, {KEY: 4})
    assert world.resolve().retention_days == 4
    for value in (11, 10**9, 0, -1, "4", True):
        world.write(layer, {KEY: value})
        policy = world.resolve()
        assert policy.retention_days == 10, value
        assert [reason.variable for reason in policy.ignored] == [KEY]


def test_a_project_does_not_set_what_the_users_broken_file_leaves_open(world):
    world.write("user", {KEY: 0})
    world.write("project", {KEY: 1})
    policy = world.resolve()
    assert policy.retention_days is None
    assert len(policy.ignored) == 1
