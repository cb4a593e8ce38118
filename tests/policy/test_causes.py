"""Every cause of a service being off: withdrawn (its data is deleted) or silenced (nothing is deleted)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from telemetry_sdk.policy import HostChoices

M, E, B = "metrics", "errors", "bug_reports"
ALL = (M, E, B)

# cause: (how it comes about, withdrawn, silenced)
CAUSES = {
    "a switch of the environment": ("environ DISABLE_TELEMETRY", (M,), ()),
    "a switch of user settings": ("user DISABLE_ERROR_REPORTING", (E,), ()),
    "a switch of managed settings": ("managed DISABLE_BUG_COMMAND", (B,), ()),
    "the umbrella": ("environ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", ALL, ()),
    "do not track": ("environ DO_NOT_TRACK", (M, E), ()),
    "the choice file": ("choice", (M,), ()),
    "opted out in the application": ("opted_out", (E,), ()),
    "off for this run": ("off", (), (E,)),
    "a project's switch": ("project DISABLE_TELEMETRY", (), (M,)),
    "a local project's switch": ("local DO_NOT_TRACK", (), (M, E)),
    "a host-named file's switch": ("settings_file", (), (B,)),
    "a provider": ("environ CLAUDE_CODE_USE_GATEWAY", (), ALL),
    "an unknown provider": ("environ CLAUDE_CODE_USE_X", (), ALL),
    "two providers": ("environ CLAUDE_CODE_USE_VERTEX CLAUDE_CODE_USE_BEDROCK", (), ALL),
    "the host's provider": ("provider", (), ALL),
    "a broken user file": ("broken user", (), (M, E)),
    "a broken project file": ("broken project", (), (M, E)),
    "a broken managed file": ("broken managed", (), ALL),
    "a broken choice file": ("broken choice", (), ALL),
    "an unknown home": ("home", (), (M, E)),
    "an unknown mode": ("environ TELEMETRY_SDK_MODE", (), ALL),
}


def choice(world, content):
    return world.write(world.home / ".config" / "telemetry-sdk" / "choice.json", content)


def resolved(world, how: str):
    kind, *names = how.split()
    given: dict[str, Any] = {}
    if kind == "environ":
        given["environ"] = dict.fromkeys(names, "1")
    elif kind == "broken" and names == ["choice"]:
        choice(world, b"{")
    elif kind == "broken":
        world.write(names[0], b"{")
    elif kind == "choice":
        choice(world, {"v": 1, "off": {M: "2026-01-31"}})
    elif kind == "settings_file":
        given[kind] = world.env(world.home / "flag.json", DISABLE_BUG_COMMAND="1")
    elif kind in {"provider", "home"}:
        given[kind] = "openai"
    elif names:
        world.env(kind, **dict.fromkeys(names, "1"))
    else:
        silenced: Any = {kind: (E,)}
        given["host"] = HostChoices(**silenced)
    return world.resolve(**given)


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_withdraws_or_silences(world, cause):
    how, withdrawn, silenced = CAUSES[cause]
    policy = resolved(world, how)
    assert (policy.withdrawn, policy.silenced) == (withdrawn, silenced)
    assert {row.name for row in policy.rows if not row.enabled} == {*withdrawn, *silenced}
    for row in policy.rows:
        if not row.enabled:
            assert all(reason.kind for reason in row.reasons if reason.effect.startswith("off"))


def test_a_withdrawal_stays_one_beside_a_silence(world):
    world.env("project", DISABLE_TELEMETRY="1")
    policy = world.resolve({"DISABLE_TELEMETRY": "1", "CLAUDE_CODE_USE_BEDROCK": "1"})
    assert policy.withdrawn == (M,)
    assert policy.silenced == (E, B)


@pytest.mark.parametrize("argument", ["off", "opted_out"])
def test_an_unknown_service_of_the_host_silences_everything(world, argument):
    chosen: Any = {argument: ("metrcs",)}
    policy = world.resolve(host=HostChoices(**chosen))
    assert (policy.withdrawn, policy.silenced) == ((), ALL)
    assert argument in policy.explain()


# The choice file


@pytest.mark.parametrize("app", [None, "acme"])
def test_a_choice_counts_for_every_application_or_its_own(world, app):
    base = world.home / ".config" / "telemetry-sdk"
    world.write(base / "acme" / "choice.json", {"v": 1, "off": {M: "2026-01-31"}})
    assert world.resolve(app=app).withdrawn == ((M,) if app else ())
    choice(world, {"v": 1, "off": {E: "2026-01-31"}})
    assert world.resolve(app=app).withdrawn == ((M, E) if app else (E,))


def test_xdg_config_home_is_read_as_well_never_instead(world, tmp_path):
    choice(world, {"v": 1, "off": {M: "2026-01-31"}})
    world.write(tmp_path / "xdg" / "telemetry-sdk" / "choice.json", {"v": 1, "off": {E: "2026-01-31"}})
    assert world.resolve({"XDG_CONFIG_HOME": str(tmp_path / "xdg")}).withdrawn == (M, E)
    assert world.resolve({"XDG_CONFIG_HOME": "relative"}).withdrawn == (M,)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"v": 2, "off": {}}',
        b'{"off": {"metrics": "2026-01-31"}}',
        b'{"v": 1, "off": ["metrics"]}',
        b'{"v": 1, "off": {"metrics": true}}',
        b'{"v": 1, "off": {}, "on": {"errors": "2026-01-31"}}',
        b'{"v": 1, "off": {}, "env": {"DISABLE_TELEMETRY": ""}}',
        b'{"v": 1, "off": {}, "env": {}}',
        b'{"v": 1, "off": {}, "env": null}',
        b'{"v": 1, "v": 2, "off": {}}',
    ],
)
def test_a_choice_file_with_anything_else_turns_everything_off(world, content):
    path = choice(world, content)
    policy = world.resolve()
    assert (policy.withdrawn, policy.silenced) == ((), ALL)
    assert str(path) in " ".join(policy.warnings)


def test_a_repeated_member_of_a_choice_hides_no_opt_out(world):
    choice(world, b'{"v": 1, "off": {"metrics": "2026-01-31", "metrics": "x"}, "off": {}}')
    assert world.resolve().withdrawn == (M,)


def test_a_choice_names_its_file_and_date(world):
    path = choice(world, {"v": 1, "off": {M: "2026-01-31", "crash_dumps": "2026-01-31"}})
    (reason,) = world.resolve().metrics.reasons
    assert (reason.layer, reason.source, reason.effect) == ("user's choice", str(path), "off: opted out on 2026-01-31")


def test_a_choice_that_lies_in_the_project_silences_only(world):
    world.write(world.project / "xdg" / "telemetry-sdk" / "choice.json", {"v": 1, "off": {M: "2026-01-31"}})
    policy = world.resolve({"XDG_CONFIG_HOME": str(world.project / "xdg")})
    assert (policy.withdrawn, policy.silenced) == ((), (M,))


# Mode, exit, receiver


@pytest.mark.parametrize("layer", ["environment", "managed", "user", "project", "local"])
def test_local_mode_is_a_value_of_every_layer(world, layer):
    if layer != "environment":
        world.env(layer, TELEMETRY_SDK_MODE="local")
    policy = world.resolve({"TELEMETRY_SDK_MODE": " local "} if layer == "environment" else {})
    assert policy.mode == "local"
    assert policy.metrics.enabled
    assert "local mode" in policy.explain()


@pytest.mark.parametrize("layer", ["environment", "managed", "user", "project"])
def test_no_layer_lifts_local_mode(world, layer):
    world.env("project", TELEMETRY_SDK_MODE="local")
    world.env("user", TELEMETRY_SDK_MODE="")
    assert world.resolve({"TELEMETRY_SDK_MODE": ""}).mode == "local"


@pytest.mark.parametrize(
    ("host", "environment", "user", "project", "found"),
    [
        ("detach", None, None, None, "detach"),
        ("detach", "wait", None, None, "wait"),
        ("wait", "leave", None, None, "leave"),
        ("leave", "wait", None, None, "leave"),
        ("detach", "wait", "leave", None, "leave"),
        ("detach", None, None, "leave", "leave"),
        ("leave", "wait", "wait", "wait", "leave"),
        ("detach", "soon", None, None, "leave"),
        ("detach", "detach", None, None, "leave"),
        ("soon", None, None, None, "leave"),
    ],
)
def test_at_exit_is_the_least_that_anybody_names(world, host, environment, user, project, found):
    name = "TELEMETRY_SDK_AT_EXIT"
    for layer, value in (("user", user), ("project", project)):
        if value:
            world.env(layer, **{name: value})
    environ = {name: environment} if environment else {}
    assert world.resolve(environ, host=HostChoices(at_exit=host)).at_exit == found


@pytest.mark.parametrize("layer", ["managed", "user", "project"])
def test_the_development_receiver_is_set_by_the_process_only(world, layer):
    url = "http://127.0.0.1:9/s3cret"
    world.env(layer, TELEMETRY_SDK_RECEIVER=url)
    policy = world.resolve()
    assert policy.receiver == ""
    assert [reason.variable for reason in policy.ignored] == ["TELEMETRY_SDK_RECEIVER"]
    policy = world.resolve({"TELEMETRY_SDK_RECEIVER": f" {url} "})
    assert policy.receiver == url
    assert "s3cret" not in repr(policy) + policy.explain() + json.dumps(policy.to_json())


# Near misses


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DISABLE_TELEMTRY", "DISABLE_TELEMETRY"),
        ("DISABLE_TELEMETRYY", "DISABLE_TELEMETRY"),
        ("DISABLE_TELEMETRX", "DISABLE_TELEMETRY"),
        ("DISABLE_TELEEMTRY", "DISABLE_TELEMETRY"),
        ("disable_telemetry", "DISABLE_TELEMETRY"),
        ("DISABLE-TELEMETRY", "DISABLE_TELEMETRY"),
        ("DO_NOT_TRAK", "DO_NOT_TRACK"),
        ("NO_TELEMETRY", "DISABLE_TELEMETRY"),
        ("ACME_DISABLE_TELEMETRY", "DISABLE_TELEMETRY"),
        ("TELEMETRY_OPT_OUT", "DISABLE_TELEMETRY"),
        ("ACME_NO_TRACK", "DO_NOT_TRACK"),
        ("DISABLE_BUG_COMAND", "DISABLE_BUG_COMMAND"),
    ],
)
@pytest.mark.parametrize("layer", ["environment", "user", "project"])
def test_a_misspelt_switch_is_a_warning(world, on, name, meant, layer):
    if layer != "environment":
        world.env(layer, **{name: "1"})
    policy = world.resolve({name: "1"} if layer == "environment" else {})
    assert on(policy) == (True, True, True)
    assert [warning for warning in policy.warnings if f"did you mean {meant}?" in warning]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TELEMETRY_SDK_MOD", "TELEMETRY_SDK_MODE"),
        ("TELEMETRY_SDK_SENTRY_DNS", "TELEMETRY_SDK_SENTRY_DSN"),
        ("TELEMETRY_SDK_AT_EXITS", "TELEMETRY_SDK_AT_EXIT"),
    ],
)
def test_a_misspelt_variable_of_the_package_is_a_warning(world, name, meant):
    (warning,) = world.resolve({name: "1"}).warnings
    assert warning == f"{name} in process environment has no effect: did you mean {meant}?"


@pytest.mark.parametrize("name", ["TELEMETRY_SDK_DEBUG", "TELEMETRY_SDK_RECEIVER", "TELEMETRY_SDK_GITHUB_REPOSITORY"])
def test_a_variable_of_the_package_is_no_near_miss(world, name):
    assert [warning for warning in world.resolve({name: "1"}).warnings if "did you mean" in warning] == []


@pytest.mark.parametrize(
    "name", ["DISABLE_AUTOUPDATER", "TELEMETRY", "TRACKER_DISABLE", "NOTELEMETRY_X", "PATH", "NODE_TLS", "x" * 5000]
)
def test_other_variables_are_no_near_miss(world, name):
    assert world.resolve({name: "1"}).warnings == ()


def test_an_empty_misspelt_switch_is_no_warning(world):
    assert world.resolve({"DISABLE_TELEMTRY": ""}).warnings == ()
