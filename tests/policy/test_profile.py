"""Profiles: public, immutable, checked where they are made, and made for an application by its name."""

from __future__ import annotations

import pytest

import telemetry_sdk
from telemetry_sdk import CLAUDE_CODE, Profile, Provider, Switch

WRONG_SWITCHES = [
    ({"variable": "", "services": ("metrics",)}, "environment variable"),
    ({"variable": "A B", "services": ("metrics",)}, "environment variable"),
    ({"variable": "A=B", "services": ("metrics",)}, "environment variable"),
    ({"variable": 7, "services": ("metrics",)}, "environment variable"),
    ({"variable": "X", "services": "metrics"}, r"\('metrics',\)"),
    ({"variable": "X", "services": ()}, r"\('metrics',\)"),
    ({"variable": "X", "services": ["metrics"]}, r"\('metrics',\)"),
    ({"variable": "X", "services": ("metrics",), "truth": "flag"}, "PRESENCE or FLAG"),
]
WRONG_PROVIDERS = [
    ({"name": "", "variable": "X"}, "non-empty"),
    ({"name": "other", "variable": "X"}, "choose another"),
    ({"name": "moon", "variable": "X Y"}, "environment variable"),
    ({"name": "moon", "variable": "X", "off": "metrics"}, "tuple of strings"),
    ({"name": "moon", "variable": "X", "part_of": None}, "part_of"),
]
WRONG_FIELDS = [
    ({"name": ""}, "name"),
    ({"first_party": 7}, "first_party"),
    ({"user_file": ""}, "user_file"),
    ({"unknown_provider_prefix": None}, "unknown_provider_prefix"),
    ({"no_providers": "X"}, "no_providers"),
    ({"managed_files": ("/etc/x.json",)}, "pairs"),
    ({"project_files": (("user settings", "x.json"),)}, "'user settings'"),
    ({"switches": ("DISABLE_TELEMETRY",)}, "Switch values"),
    ({"switches": [*CLAUDE_CODE.switches]}, "Switch values"),
    ({"switches": (*CLAUDE_CODE.switches, CLAUDE_CODE.switches[0])}, "DISABLE_TELEMETRY twice; keep one"),
    ({"providers": (Provider(name="moon", variable="X", off=("metrcs",)),)}, "metrcs.*expected one of metrics"),
    ({"providers": (Provider(name="moon", variable="X", part_of="sun"),)}, "'sun'.*expected one of"),
    ({"broken_settings_turn_off": ("x",)}, "broken_settings_turn_off"),
    ({"retention_days": 0}, "at least 1"),
    ({"retention_days": True}, "at least 1"),
]


@pytest.mark.parametrize(("fields", "mend"), WRONG_SWITCHES)
def test_a_wrong_switch_is_refused_where_it_is_made(fields, mend):
    with pytest.raises(ValueError, match=mend):
        Switch(**fields)


@pytest.mark.parametrize(("fields", "mend"), WRONG_PROVIDERS)
def test_a_wrong_provider_is_refused_where_it_is_made(fields, mend):
    with pytest.raises(ValueError, match=mend):
        Provider(**fields)


@pytest.mark.parametrize(("fields", "mend"), WRONG_FIELDS)
def test_a_wrong_field_of_a_profile_is_refused_where_it_is_made(fields, mend):
    with pytest.raises(ValueError, match=mend):
        CLAUDE_CODE.replace(**fields)


def test_the_built_in_profile_passes_the_checks_that_its_start_leaves_out():
    fields = vars(CLAUDE_CODE)
    switches = tuple(Switch(**vars(row)) for row in CLAUDE_CODE.switches)
    providers = tuple(Provider(**vars(row)) for row in CLAUDE_CODE.providers)
    assert Profile(**{**fields, "switches": switches, "providers": providers}) == CLAUDE_CODE
    with pytest.raises(ValueError, match="unknown"):
        Profile(**{**fields, "broken_settings_turn_off": ("logs",)})


def test_a_profile_is_immutable_and_comparable():
    with pytest.raises(AttributeError):
        CLAUDE_CODE.name = "x"  # type: ignore[misc]
    assert CLAUDE_CODE.replace() == CLAUDE_CODE
    assert CLAUDE_CODE.replace(name="x") != CLAUDE_CODE
    assert hash(CLAUDE_CODE.replace()) == hash(CLAUDE_CODE)


def test_switch_and_provider_are_public():
    assert (telemetry_sdk.Switch, telemetry_sdk.Provider) == (Switch, Provider)


@pytest.mark.parametrize(
    ("app", "prefix"), [("acme-agent", "ACME_AGENT"), ("a.b+c", "A_B_C"), ("Agent7", "AGENT7"), ("x_y", "X_Y")]
)
def test_a_profile_for_an_application(world, app, prefix):
    profile = Profile.for_app(app, switches=(Switch(variable="QUIET", services=("errors",)),))
    assert profile.name == app
    off = {
        f"{prefix}_TELEMETRY_DISABLED": ("metrics", "errors"),
        f"{prefix}_DISABLE_NONESSENTIAL_TRAFFIC": ("metrics", "errors", "bug_reports"),
        "DISABLE_TELEMETRY": ("metrics",),
        "DISABLE_ERROR_REPORTING": ("errors",),
        "DISABLE_BUG_COMMAND": ("bug_reports",),
        "DISABLE_FEEDBACK_COMMAND": ("bug_reports",),
        "DO_NOT_TRACK": ("metrics", "errors"),
        "QUIET": ("errors",),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": (),
    }
    for variable, services in off.items():
        assert world.resolve({variable: "1"}, profile=profile).withdrawn == services, variable
    for name in ("bedrock", "vertex", "foundry"):
        assert world.resolve({f"{prefix}_USE_{name.upper()}": "1"}, profile=profile).provider == name
    assert world.resolve({f"{prefix}_USE_OTHER": "1"}, profile=profile).first_party


def test_an_applications_settings_files(world):
    profile = Profile.for_app("acme")
    world.env(world.home / ".config" / "acme" / "settings.json", DISABLE_TELEMETRY="1")
    world.env(world.project / ".acme" / "settings.json", DISABLE_ERROR_REPORTING="1")
    world.env(world.project.parent / ".acme" / "settings.local.json", DISABLE_BUG_COMMAND="1")
    policy = world.resolve(profile=profile)
    assert (policy.withdrawn, policy.silenced) == (("metrics",), ("errors", "bug_reports"))
    assert dict(profile.managed_files)[""] == "/etc/acme/managed-settings.json"


@pytest.mark.parametrize("app", ["", "../x", "a b", "-x", ".x", "a@b", "a/b", 7])
def test_a_name_that_cannot_be_a_directorys_is_refused(app):
    with pytest.raises(ValueError, match="acme-agent"):
        Profile.for_app(app)


def test_a_switch_suffix_turns_everything_off(world):
    profile = CLAUDE_CODE.replace(switch_suffixes=("_DISABLE_NONESSENTIAL_TRAFFIC",))
    assert world.resolve({"ANY_DISABLE_NONESSENTIAL_TRAFFIC": "0"}, profile=profile).withdrawn == CLAUDE_CODE.services
    assert world.resolve({"ANY_DISABLE_NONESSENTIAL_TRAFFIC": ""}, profile=profile).withdrawn == ()
