"""Providers: listed ones, unknown ones, conflicts, and what the host knows; each can only turn services off."""

from __future__ import annotations

from itertools import combinations

import pytest

from telemetry_sdk.policy import CLAUDE_CODE, HostChoices

ALL = ("metrics", "errors", "bug_reports")
LISTED = {row.variable: row.name for row in CLAUDE_CODE.providers}
NEW = "CLAUDE_CODE_USE_NEWCLOUD"


@pytest.mark.parametrize(
    "suffix", ["BEDROCK", "VERTEX", "FOUNDRY", "ANTHROPIC_AWS", "MANTLE", "ANTHROPIC_GOOGLE_CLOUD", "GATEWAY"]
)
@pytest.mark.parametrize("layer", ["environment", "managed", "user", "project", "local"])
def test_every_listed_provider_turns_everything_off(world, on, suffix, layer):
    variable = f"CLAUDE_CODE_USE_{suffix}"
    if layer != "environment":
        world.env(layer, **{variable: "1"})
    policy = world.resolve({variable: "1"} if layer == "environment" else {})
    assert policy.provider == LISTED[variable]
    assert not policy.first_party
    assert on(policy) == (False, False, False)
    assert policy.silenced == ALL
    assert policy.withdrawn == ()


@pytest.mark.parametrize("layer", ["environment", "managed", "user", "project", "local"])
def test_an_unknown_provider_is_a_third_party_and_named_in_a_warning(world, on, layer):
    if layer != "environment":
        world.env(layer, **{NEW: "1"})
    policy = world.resolve({NEW: "1"} if layer == "environment" else {})
    assert policy.provider == "other"
    assert on(policy) == (False, False, False)
    assert any(NEW in warning for warning in policy.warnings)


@pytest.mark.parametrize(("value", "third"), [("", False), ("0", False), ("off", False), ("maybe", True), ("1", True)])
def test_an_unknown_providers_value_is_a_flag(world, value, third):
    assert world.resolve({NEW: value}).first_party is not third


@pytest.mark.parametrize("suffix", ["CCR_V2", "COWORK_PLUGINS", "NATIVE_FILE_SEARCH", "POWERSHELL_TOOL"])
@pytest.mark.parametrize("layer", ["environment", "user"])
def test_a_variable_that_names_no_provider_changes_nothing(world, on, suffix, layer):
    variable = f"CLAUDE_CODE_USE_{suffix}"
    if layer == "user":
        world.env("user", **{variable: "1"})
    policy = world.resolve({variable: "1"} if layer == "environment" else {})
    assert policy.provider == "first-party"
    assert on(policy) == (True, True, True)
    assert (policy.warnings, policy.ignored) == ((), ())


@pytest.mark.parametrize("pair", list(combinations(LISTED, 2)))
def test_two_providers_conflict_except_bedrock_with_mantle(world, on, pair):
    policy = world.resolve(dict.fromkeys(pair, "1"))
    together = {LISTED[name] for name in pair} == {"bedrock", "mantle"}
    assert policy.provider == ("bedrock" if together else "conflict")
    assert bool(policy.warnings) is not together
    assert on(policy) == (False, False, False)


def test_a_lift_holds_for_bedrock_together_with_mantle(world, on):
    host = HostChoices(lift_provider_default={"bedrock": ("metrics",)})
    environ = {"CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_USE_MANTLE": "1"}
    assert on(world.resolve(environ, host=host)) == (True, False, False)
    assert on(world.resolve({"CLAUDE_CODE_USE_MANTLE": "1"}, host=host)) == (False, False, False)


@pytest.mark.parametrize("layer", ["project", "local"])
def test_a_project_that_names_bedrock_lifts_nothing_of_mantle(world, on, layer):
    host = HostChoices(lift_provider_default={"bedrock": ("metrics",)})
    environ = {"CLAUDE_CODE_USE_MANTLE": "1"}
    world.env(layer, CLAUDE_CODE_USE_BEDROCK="1")
    assert on(world.resolve(environ, host=host)) == (False, False, False)


def test_an_unknown_provider_beside_a_listed_one_is_no_conflict_and_not_lifted(world, on):
    host = HostChoices(lift_provider_default={"vertex": ALL, "other": ALL})
    policy = world.resolve({"CLAUDE_CODE_USE_VERTEX": "1", NEW: "1"}, host=host)
    assert policy.provider == "vertex"
    assert on(policy) == (False, False, False)


@pytest.mark.parametrize("layer", ["managed", "user"])
def test_an_empty_value_cancels_an_unknown_provider_of_the_shell(world, on, layer):
    world.env(layer, **{NEW: ""})
    assert on(world.resolve({NEW: "1"})) == (True, True, True)
    world.env(layer, **{NEW: "0"})
    assert on(world.resolve({NEW: "1"})) == (False, False, False)


def test_a_project_does_not_cancel_an_unknown_provider(world, on):
    world.env("project", **{NEW: ""})
    assert on(world.resolve({NEW: "1"})) == (False, False, False)


def test_a_lift_is_per_provider(world, on):
    host = HostChoices(lift_provider_default={"bedrock": ("metrics",), "vertex": ("errors",)})
    assert on(world.resolve({"CLAUDE_CODE_USE_BEDROCK": "1"}, host=host)) == (True, False, False)
    assert on(world.resolve({"CLAUDE_CODE_USE_VERTEX": "1"}, host=host)) == (False, True, False)
    assert on(world.resolve({"CLAUDE_CODE_USE_FOUNDRY": "1"}, host=host)) == (False, False, False)


@pytest.mark.parametrize("lift", [("metrics",), ["bedrock"], "bedrock", {"bedrok": ("metrics",)}, {"bedrock": ("x",)}])
def test_a_wrong_lift_lifts_nothing_and_warns(world, on, lift):
    host = HostChoices(lift_provider_default=lift)
    policy = world.resolve({"CLAUDE_CODE_USE_BEDROCK": "1"}, host=host)
    assert on(policy) == (False, False, False)
    assert any("lift_provider_default" in warning for warning in policy.warnings)


@pytest.mark.parametrize("provider", [None, "first-party"])
def test_the_hosts_first_party_changes_nothing(world, on, provider):
    assert on(world.resolve({}, provider=provider)) == (True, True, True)
    policy = world.resolve({"CLAUDE_CODE_USE_BEDROCK": "1"}, provider=provider)
    assert policy.provider == "bedrock"
    assert on(policy) == (False, False, False)


@pytest.mark.parametrize(("provider", "name"), [("vertex", "vertex"), ("openai", "other"), ("", "other"), (7, "other")])
def test_the_hosts_third_party_turns_off(world, on, provider, name):
    policy = world.resolve({}, provider=provider)
    assert policy.provider == name
    assert not policy.first_party
    assert on(policy) == (False, False, False)
    assert policy.silenced == ALL


def test_two_third_parties_of_host_and_environment_both_turn_off(world, on):
    host = HostChoices(lift_provider_default={"vertex": ALL, "bedrock": ("errors",)})
    policy = world.resolve({"CLAUDE_CODE_USE_BEDROCK": "1"}, provider="vertex", host=host)
    assert on(policy) == (False, True, False)
    assert policy.provider in {"vertex", "bedrock"}


def test_the_hosts_provider_is_lifted_by_its_own_lift(world, on):
    host = HostChoices(lift_provider_default={"vertex": ("errors",), "other": ALL})
    assert on(world.resolve({}, provider="vertex", host=host)) == (False, True, False)
    assert on(world.resolve({}, provider="openai", host=host)) == (False, False, False)


def test_a_gateways_base_url_is_the_first_party(world, on):
    policy = world.resolve({"ANTHROPIC_BASE_URL": "https://gateway.example"})
    assert policy.provider == "first-party"
    assert on(policy) == (True, True, True)
