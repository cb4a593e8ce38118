"""A policy is pure data: immutable, comparable, explained in full."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import telemetry_sdk.policy
from telemetry_sdk.policy import CLAUDE_CODE, HostChoices, Profile, Provider, Switch


def test_the_same_input_gives_the_same_policy(world):
    world.env("project", DISABLE_TELEMETRY="1", HTTPS_PROXY="x")
    world.env("user", TELEMETRY_SDK_STATSIG_KEY="client-x", DISABLE_TELEMETRY=0)
    first, second = world.resolve({"DO_NOT_TRACK": "x"}), world.resolve({"DO_NOT_TRACK": "x"})
    assert first == second
    assert hash(first) == hash(second)
    assert first.to_json() == second.to_json()
    assert first != world.resolve({})


def test_nothing_of_a_policy_can_be_changed(world):
    policy = world.resolve()
    for value, field in ((policy, "provider"), (policy.metrics, "enabled"), (policy.metrics.reasons[0], "layer")):
        with pytest.raises(AttributeError):
            setattr(value, field, "x")
    with pytest.raises(TypeError):
        policy.services["metrics"] = policy.errors


def test_a_service_that_the_profile_lacks_is_off(world):
    assert not world.resolve().service("crash_dumps").enabled


def test_the_document_has_the_published_shape(world):
    world.env("project", DISABLE_TELEMETRY="1", TELEMETRY_SDK_DEBUG="1")
    document = json.loads(json.dumps(world.resolve().to_json()))
    assert list(document)[:3] == ["provider", "services", "warnings"]
    assert list(document["services"]) == ["metrics", "errors", "bug_reports"]
    for service in document["services"].values():
        assert set(service) == {"enabled", "reasons", "destination"}
        assert all(set(reason) == {"layer", "source", "variable", "effect"} for reason in service["reasons"])
    assert document["ignored"][0]["variable"] == "TELEMETRY_SDK_DEBUG"
    assert {file["state"] for file in document["settings_files"]} == {"read", "missing"}
    assert document["retention_days"] == 30


def test_the_text_gives_every_reason(world):
    world.env("project", DISABLE_TELEMETRY="0", TELEMETRY_SDK_STRICT="1")
    world.write("user", b"broken")
    text = world.resolve({"CLAUDE_CODE_USE_VERTEX": "1"}).explain()
    for part in (
        "provider: vertex",
        "metrics: off",
        str(world.shared),
        str(world.user),
        "is not JSON",
        "CLAUDE_CODE_USE_VERTEX: off by default with vertex",
        "warning: DISABLE_TELEMETRY",
        "ignored: project settings",
        "nothing is deleted",
    ):
        assert part in text
    assert text.endswith("\n")


def test_the_text_is_fit_for_a_terminal(world):
    nasty = world.project / "\x1b[31mred\udcff\u202e"
    nasty.mkdir()
    world.env(nasty / ".claude" / "settings.json", DISABLE_TELEMETRY="1")
    text = world.resolve(cwd=nasty).explain()
    assert all(line.isprintable() for line in text.splitlines())


def test_another_applications_profile(world, on):
    profile = Profile(
        name="acme",
        switches=(Switch(variable="ACME_QUIET", services=("metrics", "errors")),),
        providers=(Provider(name="moon", variable="ACME_ON_MOON", off=("metrics",)),),
        user_file=".acme/config.json",
        project_files=(("project settings", "acme.json"),),
    )
    assert on(world.resolve({"DISABLE_TELEMETRY": "1"}, profile=profile)) == (True, True, True)
    assert on(world.resolve({"ACME_QUIET": "1"}, profile=profile)) == (False, False, True)
    policy = world.resolve({"ACME_ON_MOON": "1"}, profile=profile)
    assert policy.provider == "moon"
    assert on(policy) == (False, True, True)
    world.env(world.project / "acme.json", ACME_QUIET="1")
    assert on(world.resolve({}, profile=profile)) == (False, False, True)


def test_a_new_provider_is_one_row(world, on):
    row = Provider(name="moon", variable="CLAUDE_CODE_USE_MOON")
    profile = CLAUDE_CODE.replace(providers=(*CLAUDE_CODE.providers, row))
    policy = world.resolve({"CLAUDE_CODE_USE_MOON": "1"}, profile=profile)
    assert policy.provider == "moon"
    assert on(policy) == (False, False, False)
    host = HostChoices(lift_provider_default={"moon": ("bug_reports",)})
    assert on(world.resolve({"CLAUDE_CODE_USE_MOON": "1"}, profile=profile, host=host)) == (False, False, True)


def test_a_row_that_names_no_service_is_refused():
    with pytest.raises(ValueError, match="metrcs"):
        CLAUDE_CODE.replace(switches=(Switch(variable="X", services=("metrcs",)),))


def test_every_public_name_exists():
    for name in telemetry_sdk.policy.__all__:
        assert getattr(telemetry_sdk.policy, name)


HEAVY = ("json", "re", "enum", "typing", "dataclasses", "pathlib", "logging", "functools", "threading", "urllib.parse")


@pytest.mark.parametrize("settings", [False, True])
def test_resolving_imports_nothing_heavy(world, settings):
    if settings:
        world.env("user", DISABLE_TELEMETRY="1")
    script = (
        "import sys; old = set(sys.modules)\n"
        "from telemetry_sdk.policy import resolve_policy\n"
        "from telemetry_sdk.endpoints import resolve_endpoints\n"
        f"p = resolve_policy({{}}, cwd={str(world.project)!r}, home={str(world.home)!r}, managed='/nowhere')\n"
        "resolve_endpoints(p, {}, statsig_key='client-x', sentry_dsn='https://k@h.example/1')\n"
        "print(*sorted(set(sys.modules) - old))"
    )
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    if ran.returncode:  # -S: no site-packages; the editable install is found by hand
        root = telemetry_sdk.policy.__file__.rsplit("telemetry_sdk", 1)[0]
        script = f"import sys; sys.path.insert(0, {root!r})\n" + script
        ran = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "telemetry_sdk.policy" in loaded
    assert loaded.isdisjoint(HEAVY)
