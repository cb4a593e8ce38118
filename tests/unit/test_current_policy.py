"""The policy now: this process's opt-outs, other processes' revocations, and the settings files."""

from __future__ import annotations

from typing import Any

import pytest

from telemetry_sdk.policy import Policy
from telemetry_sdk.policy.current import LOOK_AGE, ON, SILENCED, WITHDRAWN, CurrentPolicy, Revocations
from telemetry_sdk.policy.watch import ServicesOff
from tests.unit.harness import current_policy


class Listener:
    def __init__(self, policy):
        self.changes = []
        policy.listeners.append(self)

    def service_changed(self, service, state):
        self.changes.append((service, state))


class Watch:
    """Settings files that turn services off when a test says so."""

    policy = Policy(provider="first-party", rows=())  # gives no reasons

    def __init__(self):
        self.off = ServicesOff(withdrawn=frozenset(), silenced=frozenset())
        self.looks = 0

    def get(self):
        return self

    def look(self, *, fresh):
        self.looks += 1
        return self.off


@pytest.fixture
def app_dir(tmp_path):
    return str(tmp_path / "app")


@pytest.fixture
def policy(app_dir, clock):
    return current_policy("metrics", "errors", app_dir=app_dir, clock=clock)


def test_only_services_of_the_start_are_on(policy):
    assert [policy.is_on(name) for name in ("metrics", "errors", "bug_reports")] == [True, True, False]
    assert policy.any_on


def test_an_opt_out_acts_at_once_and_reaches_other_processes(policy, app_dir, clock):
    other, listener = current_policy("metrics", "errors", app_dir=app_dir, clock=clock), Listener(policy)
    assert policy.opt_out(["metrics"]) == ("metrics",)
    assert (policy.is_on("metrics"), policy.check("errors"), listener.changes) == (
        False,
        True,
        [("metrics", WITHDRAWN)],
    )
    assert other.is_on("metrics"), "it has not looked yet"
    heard = Listener(other)
    assert not other.check("metrics")
    assert not other.check("metrics")
    assert heard.changes == [("metrics", WITHDRAWN)]


def test_an_opt_out_of_all_leaves_nothing_on(policy):
    assert policy.opt_out([]) == ("metrics", "errors", "bug_reports")
    assert not policy.any_on


def test_an_unknown_service_turns_nothing_off(policy):
    with pytest.raises(ValueError, match="unknown service 'metric'"):
        policy.opt_out(["metrics", "metric"])
    assert policy.is_on("metrics")


def test_a_withdrawn_service_is_not_turned_on_again(app_dir, clock, policy):
    watch: Any = Watch()
    current = CurrentPolicy(policy.policy, Revocations(app_dir, ["metrics", "errors"]), watch, clock.monotonic)
    current.opt_out(["metrics"])
    listener = Listener(current)
    for off in (frozenset(("metrics",)), frozenset()):
        watch.off = watch.off.replace(silenced=off)
        clock.advance(LOOK_AGE)
        assert not current.check("metrics")
    assert (listener.changes, current.is_withdrawn("metrics")) == ([], True)


def test_the_policy_to_show_has_what_was_turned_off_since(policy, app_dir):
    assert policy.policy.metrics.enabled
    Revocations(app_dir, ["metrics"]).revoke("metrics")
    assert not policy.policy.metrics.enabled
    assert policy.policy.errors.enabled
    policy.warn("a warning")
    policy.add_reason("errors", "elsewhere", "", "a second destination")
    assert policy.policy.warnings == ("a warning",)
    assert policy.policy.errors.reasons[-1].effect == "a second destination"
    assert policy.policy.errors.enabled


def test_settings_files_are_looked_at_once_a_second_at_most(app_dir, clock, policy):
    watch: Any = Watch()
    current = CurrentPolicy(policy.policy, Revocations(app_dir, ["metrics", "errors"]), watch, clock.monotonic)
    assert current.check("metrics")
    assert watch.looks == 0
    clock.advance(LOOK_AGE)
    for _ in range(3):
        assert current.check("metrics")
    assert watch.looks == 1
    watch.off = watch.off.replace(silenced=frozenset(("errors",)))
    assert current.check("errors"), "the last look is younger"
    clock.advance(LOOK_AGE)
    assert current.check("metrics")
    assert not current.is_on("errors")


def test_a_service_that_files_silence_goes_on_when_they_no_longer_do(app_dir, clock, policy):
    watch: Any = Watch()
    current = CurrentPolicy(policy.policy, Revocations(app_dir, ["metrics", "errors"]), watch, clock.monotonic)
    listener = Listener(current)
    for silenced in (frozenset(("errors",)), frozenset()):
        watch.off = watch.off.replace(silenced=silenced)
        clock.advance(LOOK_AGE)
        assert current.check("errors") is not silenced.issuperset(("errors",))
    assert listener.changes == [("errors", SILENCED), ("errors", ON)]


def test_a_service_that_files_withdraw_is_revoked_for_all_processes(app_dir, clock, policy):
    watch: Any = Watch()
    current = CurrentPolicy(policy.policy, Revocations(app_dir, ["metrics", "errors"]), watch, clock.monotonic)
    watch.off = watch.off.replace(withdrawn=frozenset(("errors",)))
    clock.advance(LOOK_AGE)
    assert not current.check("errors")
    assert Revocations(app_dir, ["errors"]).number("errors") == 1


def test_records_of_before_a_revocation_are_known_by_its_number(policy, app_dir):
    assert not policy.revoked_since("metrics", 0)
    Revocations(app_dir, ["metrics"]).revoke("metrics")
    assert policy.revoked_since("metrics", 0)
    assert not policy.revoked_since("metrics", 1)
    assert policy.revoked_since("metrics", None)
