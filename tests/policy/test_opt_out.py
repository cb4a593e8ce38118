"""Every switch, provider and class of value, against a table written from the documented rules alone."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from telemetry_sdk.policy import HostChoices, resolve_policy

M, E, B = "metrics", "errors", "bug_reports"

PRESENCE = {
    "DISABLE_TELEMETRY": {M},
    "DISABLE_ERROR_REPORTING": {E},
    "DISABLE_BUG_COMMAND": {B},
    "DISABLE_FEEDBACK_COMMAND": {B},
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": {M, E, B},
}
CONSENT = {"DO_NOT_TRACK": {M, E}}
PROVIDERS = {
    "CLAUDE_CODE_USE_BEDROCK": "bedrock",
    "CLAUDE_CODE_USE_VERTEX": "vertex",
    "CLAUDE_CODE_USE_FOUNDRY": "foundry",
}
OTHER_PROVIDERS = {
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "anthropic-aws",
    "CLAUDE_CODE_USE_MANTLE": "mantle",
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "anthropic-google-cloud",
    "CLAUDE_CODE_USE_GATEWAY": "gateway",
}
ALL = ("metrics", "errors", "bug_reports")
LIFTED = dict.fromkeys((*PROVIDERS.values(), *OTHER_PROVIDERS.values(), "other", "conflict"), ALL)
VARIABLES = (*PRESENCE, *CONSENT, *PROVIDERS)

# value: (class by presence, by boolean, as a flag); a class is (restricts, warns)
VALUES = {
    None: ((False, False),) * 3,
    "": ((False, False),) * 3,
    " \t": ((False, False),) * 3,
    "1": ((True, False),) * 3,
    " TRUE ": ((True, False),) * 3,
    "yes": ((True, False),) * 3,
    "oN": ((True, False),) * 3,
    "0": ((True, True), (False, False), (False, False)),
    "False\n": ((True, True), (False, False), (False, False)),
    "NO": ((True, True), (False, False), (False, False)),
    "off": ((True, True), (False, False), (False, False)),
    "banana": ((True, False), (True, False), (True, True)),
    "00": ((True, False), (True, False), (True, True)),
    "nein": ((True, False), (True, False), (True, True)),
    "\ud800": ((True, False), (True, False), (True, True)),
}


def expected(environ: dict[str, str], truth: str) -> tuple[str, set[str], int]:
    """Provider, services that are off, number of warnings."""
    off: set[str] = set()
    named = set()
    warnings = 0
    for variable, value in environ.items():
        column = 2 if variable not in PRESENCE else ("presence", "boolean").index(truth)
        restricts, warns = VALUES[value][column]
        warnings += warns
        if restricts and variable in PROVIDERS:
            named.add(PROVIDERS[variable])
        elif restricts:
            off |= {**PRESENCE, **CONSENT}[variable]
    if named:
        off = {M, E, B}
    provider = "first-party" if not named else named.pop() if len(named) == 1 else "conflict"
    return provider, off, warnings + (provider == "conflict")


def check(world, environ: dict[str, str], truth: str) -> None:
    policy = world.resolve(environ, truth=truth)
    provider, off, warnings = expected(environ, truth)
    found = {name for name, service in policy.services.items() if not service.enabled}
    assert (policy.provider, found, len(policy.warnings)) == (provider, off, warnings), environ


@pytest.mark.large
@pytest.mark.parametrize("truth", ["presence", "boolean"])
def test_every_combination_of_all_variables(world, truth):
    for values in product((None, "1", "0"), repeat=len(VARIABLES)):
        check(world, {n: v for n, v in zip(VARIABLES, values, strict=True) if v is not None}, truth)


@pytest.mark.large
@pytest.mark.parametrize("truth", ["presence", "boolean"])
def test_every_pair_of_variables_with_every_pair_of_values(world, truth):
    for names in combinations(VARIABLES, 2):
        for values in product([v for v in VALUES if v is not None], repeat=2):
            check(world, dict(zip(names, values, strict=True)), truth)


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("layer", ["managed", "user", "project", "local"])
def test_every_value_in_every_settings_file(world, variable, layer):
    for value in VALUES:
        world.env(layer, **{variable: value})
        policy = world.resolve()
        provider, off, warnings = expected({variable: value}, "presence")
        assert policy.provider == provider, value
        assert {n for n, s in policy.services.items() if not s.enabled} == off, value
        assert len(policy.warnings) == warnings, value


@pytest.mark.parametrize(
    ("value", "off", "warned"),
    [
        (None, False, False),
        (True, True, True),
        (False, True, True),
        (0, True, True),
        (1, True, True),
        (0.0, True, True),
        (17, True, True),
        ([], True, True),
        ({}, True, True),
        (["0"], True, True),
    ],
)
def test_values_that_are_not_strings_are_judged_by_their_text(world, value, off, warned):
    world.env("user", DISABLE_TELEMETRY=value)
    policy = world.resolve()
    assert policy.metrics.enabled is not off
    assert policy.errors.enabled
    assert bool(policy.warnings) is warned


@pytest.mark.parametrize("number", [b"1" + b"0" * 50_000, b"1e999999", b"-0.0", b"1E-400"])
def test_no_number_is_too_odd_to_restrict(world, on, number):
    world.write("user", b'{"env": {"DISABLE_TELEMETRY": %s, "DO_NOT_TRACK": 0}, "other": %s}' % (number, number))
    assert on(world.resolve()) == (False, True, True)


@pytest.mark.parametrize(
    ("value", "provider"), [(0, "first-party"), (False, "first-party"), (1, "vertex"), (7, "vertex")]
)
def test_numbers_and_truth_values_name_a_provider_by_their_text(world, value, provider):
    world.env("user", CLAUDE_CODE_USE_VERTEX=value)
    assert world.resolve().provider == provider


@pytest.mark.parametrize("value", [b"1", b"\xff", 1, 2.5, object(), ["0"], True])
def test_odd_values_of_the_environment_turn_off(world, value):
    assert not world.resolve({"DISABLE_TELEMETRY": value}).metrics.enabled


def test_an_environment_that_breaks_turns_everything_off(world, on):
    class Broken(dict):
        def __iter__(self):
            raise RuntimeError

    policy = world.resolve(Broken())
    assert on(policy) == (False, False, False)
    assert "RuntimeError" in policy.metrics.reasons[0].effect


def test_an_unknown_truth_is_the_stricter_one(world):
    policy = world.resolve({"DISABLE_TELEMETRY": "0"}, truth="bool")
    assert not policy.metrics.enabled
    assert any("truth" in warning for warning in policy.warnings)


def test_two_providers_turn_everything_off_even_when_lifted(world, on):
    host = HostChoices(lift_provider_default=LIFTED)
    environ = {"CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_USE_VERTEX": "1"}
    policy = world.resolve(environ, host=host)
    assert policy.provider == "conflict"
    assert on(policy) == (False, False, False)
    assert any("bedrock, vertex" in warning for warning in policy.warnings)


@pytest.mark.parametrize(("variable", "name"), [*PROVIDERS.items(), *OTHER_PROVIDERS.items()])
def test_the_host_lifts_a_providers_default_service_by_service(world, on, variable, name):
    lifted = world.resolve({variable: "1"}, host=HostChoices(lift_provider_default={name: (E,)}))
    assert on(lifted) == (False, True, False)
    assert {reason.layer for reason in lifted.errors.reasons} >= {"host", "environment"}


@pytest.mark.parametrize("switch", [name for name, services in {**PRESENCE, **CONSENT}.items() if E in services])
@pytest.mark.parametrize("layer", ["environment", "managed", "user", "project", "local"])
def test_every_opt_out_wins_over_a_lifted_default(world, switch, layer):
    environ = {"CLAUDE_CODE_USE_BEDROCK": "1"}
    if layer == "environment":
        environ[switch] = "1"
    else:
        world.env(layer, **{switch: "1"})
    host = HostChoices(lift_provider_default=LIFTED)
    assert not world.resolve(environ, host=host).errors.enabled


def test_the_hosts_opt_out_is_a_reason_like_any_other(world, on):
    policy = world.resolve({}, host=HostChoices(off=(E,)))
    assert on(policy) == (True, False, True)
    assert policy.errors.reasons[0].layer == "host"


def test_a_misspelt_opt_out_of_the_host_turns_everything_off(world, on):
    assert on(world.resolve({}, host=HostChoices(off=("metrcs",)))) == (False, False, False)


def test_all_reasons_are_given_highest_layer_first(world):
    for layer in ("managed", "local", "project", "user"):
        world.env(layer, DISABLE_TELEMETRY="1")
    environ = {"DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "CLAUDE_CODE_USE_VERTEX": "1"}
    policy = world.resolve(environ, host=HostChoices(off=(M,)))
    assert [(reason.layer, reason.variable) for reason in policy.metrics.reasons] == [
        ("managed settings", "DISABLE_TELEMETRY"),
        ("host", "off"),
        ("local project settings", "DISABLE_TELEMETRY"),
        ("project settings", "DISABLE_TELEMETRY"),
        ("user settings", "DISABLE_TELEMETRY"),
        ("environment", "DISABLE_TELEMETRY"),
        ("environment", "DO_NOT_TRACK"),
        ("environment", "CLAUDE_CODE_USE_VERTEX"),
    ]
    assert policy.metrics.reasons[0].source == str(world.managed)


def test_the_process_environment_is_the_default(monkeypatch, world):
    monkeypatch.setenv("DISABLE_ERROR_REPORTING", "1")
    monkeypatch.setenv("HOME", str(world.home))
    monkeypatch.chdir(world.project)
    assert not resolve_policy(managed=world.managed).errors.enabled
