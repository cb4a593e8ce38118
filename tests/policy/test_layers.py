"""Who may say what: projects restrict, users cancel their own shell, managed settings stand above all."""

from __future__ import annotations

import os

import pytest

from telemetry_sdk.policy import HostChoices

PROVIDER = "CLAUDE_CODE_USE_BEDROCK"


@pytest.mark.parametrize("layer", ["managed", "user"])
@pytest.mark.parametrize("value", ["", None])
def test_an_empty_value_of_the_user_cancels_the_shells_provider(world, on, layer, value):
    world.env(layer, **{PROVIDER: value})
    policy = world.resolve({PROVIDER: "1"})
    assert policy.provider == "first-party"
    assert on(policy) == (True, True, True)
    assert any(reason.variable == PROVIDER and "cancelled" in reason.effect for reason in policy.errors.reasons)


@pytest.mark.parametrize("layer", ["managed", "user"])
@pytest.mark.parametrize("value", ["0", "false", "no", "off", " ", 0, False, "1", [], "\u200b"])
def test_no_other_value_cancels_it(world, on, layer, value):
    world.env(layer, **{PROVIDER: value})
    policy = world.resolve({PROVIDER: "1"})
    assert policy.provider == "bedrock"
    assert on(policy) == (False, False, False)


@pytest.mark.parametrize("layer", ["project", "local"])
@pytest.mark.parametrize("value", ["", None, "0"])
def test_a_project_cancels_nothing(world, layer, value):
    path = world.env(layer, **{PROVIDER: value})
    policy = world.resolve({PROVIDER: "1"})
    assert policy.provider == "bedrock"
    assert [(reason.source, reason.variable) for reason in policy.ignored] == [(str(path), PROVIDER)]


def test_a_cancellation_reaches_the_environment_only(world):
    world.env("managed", **{PROVIDER: ""})
    world.env("user", **{PROVIDER: "1"})
    assert world.resolve().provider == "bedrock"
    world.env("user", **{PROVIDER: ""})
    world.env("project", **{PROVIDER: "1"})
    assert world.resolve({PROVIDER: "1"}).provider == "bedrock"


def test_a_cancellation_that_is_named_twice_must_be_empty_twice(world):
    world.write("user", b'{"env": {"CLAUDE_CODE_USE_BEDROCK": "0", "CLAUDE_CODE_USE_BEDROCK": ""}}')
    assert world.resolve({PROVIDER: "1"}).provider == "bedrock"


def test_a_cancelled_provider_makes_no_conflict(world):
    world.env("user", CLAUDE_CODE_USE_BEDROCK="", CLAUDE_CODE_USE_VERTEX="1")
    assert world.resolve({PROVIDER: "1"}).provider == "vertex"


def test_a_broken_file_cancels_nothing(world):
    world.write("user", b'{"env": {"CLAUDE_CODE_USE_BEDROCK": ""}')
    assert world.resolve({PROVIDER: "1"}).provider == "bedrock"


@pytest.mark.parametrize("upper", ["managed", "user", "project", "local", "host"])
def test_no_layer_lifts_anothers_opt_out(world, upper):
    if upper == "host":
        policy = world.resolve(
            {"DISABLE_TELEMETRY": "1"}, host=HostChoices(lift_provider_default={"bedrock": ("metrics",)})
        )
    else:
        for value in ("", None, "0", "false", False):
            world.env(upper, DISABLE_TELEMETRY=value)
            policy = world.resolve({"DISABLE_TELEMETRY": "1"}, truth="boolean")
            assert not policy.metrics.enabled, value
    assert "environment" in {reason.layer for reason in policy.metrics.reasons}


FORBIDDEN = [
    "TELEMETRY_SDK_STATSIG_KEY",
    "TELEMETRY_SDK_STATSIG_URL",
    "TELEMETRY_SDK_SENTRY_DSN",
    "TELEMETRY_SDK_BUG_REPORT_URL",
    "TELEMETRY_SDK_BUG_REPORT_TOKEN",
    "TELEMETRY_SDK_STATE_DIR",
    "TELEMETRY_SDK_DEBUG",
    "TELEMETRY_SDK_STRICT",
    "TELEMETRY_SDK_GITHUB_REPOSITORY",
    "TELEMETRY_SDK_SOMETHING_NEW",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "CLAUDE_CODE_CLIENT_CERT",
    "disable_telemetry",
]


@pytest.mark.parametrize("layer", ["project", "local"])
@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_a_project_may_not_set_is_listed(world, on, layer, name):
    path = world.env(layer, **{name: "https://evil.example"})
    policy = world.resolve()
    assert on(policy) == (True, True, True)
    assert policy.settings == ()
    assert [(reason.source, reason.variable) for reason in policy.ignored] == [(str(path), name)]
    assert "evil" not in repr(policy)


@pytest.mark.parametrize("layer", ["managed", "user"])
@pytest.mark.parametrize("name", FORBIDDEN[:8])
def test_what_the_user_may_set_is_kept_and_never_shown(world, layer, name):
    world.env(layer, **{name: "s3cret"})
    policy = world.resolve()
    assert [(setting.name, setting.value) for setting in policy.settings] == [(name, "s3cret")]
    for shown in (repr(policy), policy.explain(), str(policy.to_json())):
        assert "s3cret" not in shown


def test_the_target_of_public_issues_comes_from_managed_settings_only(world):
    name = "TELEMETRY_SDK_GITHUB_REPOSITORY"
    world.env("managed", **{name: "acme/agent"})
    world.env("user", **{name: "evil/agent"})
    policy = world.resolve()
    assert [setting.value for setting in policy.settings] == ["acme/agent"]
    assert [reason.layer for reason in policy.ignored] == ["user settings"]


def test_a_value_of_ours_that_is_no_value_turns_everything_off(world, on):
    world.env("user", TELEMETRY_SDK_STATSIG_URL=["https://a.example"])
    assert on(world.resolve()) == (False, False, False)


def test_unknown_keys_are_silent_unless_they_look_like_ours(world):
    world.write("user", {"env": {"EDITOR": "vi", "DISABLE_AUTOUPDATER": "1"}, "model": "x", "DISABLE_TELEMETRY": "1"})
    policy = world.resolve()
    assert policy.metrics.enabled
    assert [reason.variable for reason in policy.ignored] == ["DISABLE_TELEMETRY"]


def test_hostile_names_are_fit_for_a_terminal_and_bounded(world):
    names = [f"TELEMETRY_SDK_{number}\x1b[31m\u202e" + "x" * 500 for number in range(1000)]
    world.write("project", {"env": dict.fromkeys(names, "1")})
    policy = world.resolve()
    assert len(policy.ignored) == 50
    assert all(len(reason.variable) < 100 and reason.variable.isprintable() for reason in policy.ignored)
    assert any("50" in warning for warning in policy.warnings)


def test_a_projects_opt_out_and_provider_count(world, on):
    world.env("project", DISABLE_ERROR_REPORTING="1")
    assert on(world.resolve()) == (True, False, True)
    world.env("local", CLAUDE_CODE_USE_VERTEX="1")
    policy = world.resolve()
    assert policy.provider == "vertex"
    assert on(policy) == (False, False, False)


def test_parents_count_beyond_a_repositorys_root(world):
    (world.project / ".git").write_text("gitdir: elsewhere")
    world.env(world.home / "src" / ".claude" / "settings.json", DISABLE_TELEMETRY="1")
    assert not world.resolve().metrics.enabled


def test_parents_count_up_to_the_home_directory_without_a_repository(world, tmp_path):
    world.env(world.home / ".claude" / "settings.local.json", DISABLE_TELEMETRY="1")
    world.env(tmp_path / ".claude" / "settings.json", DISABLE_ERROR_REPORTING="1")
    policy = world.resolve()
    assert not policy.metrics.enabled
    assert policy.errors.enabled


def test_parents_count_up_to_the_top_outside_of_the_home_directory(world, tmp_path):
    world.env(tmp_path / ".claude" / "settings.json", DISABLE_ERROR_REPORTING="1")
    (tmp_path / "srv" / "deep").mkdir(parents=True)
    assert not world.resolve(cwd=tmp_path / "srv" / "deep").errors.enabled


def test_the_home_directorys_own_file_is_the_users_even_when_working_there(world):
    world.env("user", TELEMETRY_SDK_STATSIG_KEY="client-x", DISABLE_TELEMETRY="1")
    for cwd in (world.home, world.project):
        policy = world.resolve(cwd=cwd)
        assert {reason.layer for reason in policy.metrics.reasons} == {"user settings"}
        assert policy.ignored == ()
        assert [file.path for file in policy.files].count(str(world.user)) == 1


def test_a_home_behind_a_link_is_the_same_home(world, tmp_path):
    world.env("user", DISABLE_TELEMETRY="1")
    world.env(tmp_path / ".claude" / "settings.json", DISABLE_TELEMETRY="1")  # above the home directory
    (tmp_path / "link").symlink_to(world.home)
    policy = world.resolve(home=tmp_path / "link")
    assert {reason.layer for reason in policy.metrics.reasons} == {"user settings"}


def test_a_working_directory_behind_a_link_is_resolved(world, tmp_path):
    world.env("project", DISABLE_TELEMETRY="1")
    (tmp_path / "link").symlink_to(world.project)
    assert not world.resolve(cwd=tmp_path / "link").metrics.enabled


def test_a_deleted_working_directory_turns_off(world, on, monkeypatch, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    policy = world.resolve(cwd=None)
    assert on(policy) == (False, False, True)
    assert "working directory" in policy.metrics.reasons[0].effect
    assert on(world.resolve(cwd=gone)) == (False, False, True)


@pytest.mark.parametrize("home", ["", ".", "relative/home"])
def test_an_unusable_home_turns_off(world, on, home):
    policy = world.resolve(home=home)
    assert on(policy) == (False, False, True)
    assert policy.retention_days is None


def test_the_home_comes_from_the_given_environment(world):
    world.env("user", DISABLE_BUG_COMMAND="1")
    variable = "USERPROFILE" if os.name == "nt" else "HOME"
    assert not world.resolve({variable: str(world.home)}, home=None).bug_reports.enabled


@pytest.mark.parametrize("layer", ["environment", "managed", "user"])
@pytest.mark.parametrize(
    ("variable", "services"),
    [
        ("DISABLE_TELEMETRY", {"metrics"}),
        ("DO_NOT_TRACK", {"metrics", "errors"}),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", {"metrics", "errors", "bug_reports"}),
        ("CLAUDE_CODE_USE_VERTEX", set()),
    ],
)
def test_an_opt_out_of_the_user_withdraws(world, layer, variable, services):
    if layer != "environment":
        world.env(layer, **{variable: "1"})
    policy = world.resolve({variable: "1"} if layer == "environment" else {})
    assert set(policy.withdrawn) == services
    assert set(policy.silenced) == {row.name for row in policy.rows if not row.enabled} - services


def test_a_project_a_broken_file_and_the_host_withdraw_nothing(world):
    world.env("project", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1")
    world.write("managed", b"broken")
    policy = world.resolve(host=HostChoices(off=("metrics",)))
    assert not policy.metrics.enabled
    assert policy.withdrawn == ()
    assert policy.silenced == ("metrics", "errors", "bug_reports")
