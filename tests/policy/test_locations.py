"""Where settings are looked for: managed drop-ins, the user's directory, the project up to the home directory."""

from __future__ import annotations

import os
import plistlib
import pwd
import subprocess
import sys
import types

import pytest

from telemetry_sdk.policy import CLAUDE_CODE, HostChoices, resolve_policy

ALL = ("metrics", "errors", "bug_reports")


# Managed settings


def drop_in(world, name: str, **variables):
    return world.env(world.managed.parent / "managed-settings.d" / name, **variables)


def test_every_drop_in_file_counts(world):
    drop_in(world, "10-metrics.json", DISABLE_TELEMETRY="1")
    drop_in(world, "20-errors.json", DISABLE_ERROR_REPORTING="1")
    for name in ("notes.txt", ".hidden.json", "30.json.bak"):
        drop_in(world, name, DISABLE_BUG_COMMAND="1")
    policy = world.resolve()
    assert policy.withdrawn == ("metrics", "errors")
    assert {reason.layer for reason in policy.metrics.reasons} == {"managed settings"}


def test_a_later_drop_in_sets_a_value(world):
    world.env("managed", TELEMETRY_SDK_STATE_DIR="/a")
    drop_in(world, "10.json", TELEMETRY_SDK_STATE_DIR="/b")
    drop_in(world, "20.json", TELEMETRY_SDK_STATE_DIR="/c")
    assert [setting.value for setting in world.resolve().settings] == ["/c"]


def test_a_later_drop_in_sets_the_retention(world):
    world.write("managed", {"cleanupPeriodDays": 3})
    world.write(world.managed.parent / "managed-settings.d" / "10.json", {"cleanupPeriodDays": 4})
    assert world.resolve().retention_days == 4


def test_a_broken_drop_in_turns_everything_off(world):
    world.write(world.managed.parent / "managed-settings.d" / "10.json", b"{")
    assert world.resolve().silenced == ALL


def test_a_drop_in_directory_that_cannot_be_listed_turns_everything_off(world):
    directory = world.write(world.managed.parent / "managed-settings.d", b"a file")
    policy = world.resolve()
    assert policy.silenced == ALL
    assert policy.metrics.reasons[0].source == str(directory)


@pytest.mark.parametrize(("count", "broken"), [(63, False), (64, True)])
def test_at_most_64_managed_files_are_read(world, count, broken):
    for number in range(count):
        drop_in(world, f"{number:02}.json")
    assert (world.resolve().silenced == ALL) is broken


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_a_property_list_is_read_as_managed_settings(world, form, tmp_path):
    path = tmp_path / pwd.getpwuid(os.getuid()).pw_name / "com.anthropic.claudecode.plist"
    settings = {"env": {"DISABLE_TELEMETRY": True, "DO_NOT_TRACK": 0}, "cleanupPeriodDays": 5}
    world.write(path, plistlib.dumps(settings, fmt=form))
    profile = CLAUDE_CODE.replace(managed_files=(("", f"{tmp_path}/{{user}}/com.anthropic.claudecode.plist"),))
    policy = world.resolve(managed=None, profile=profile)
    assert policy.withdrawn == ("metrics",)
    assert policy.metrics.reasons[0].source == str(path)
    assert policy.retention_days == 5


@pytest.mark.parametrize("content", [b"", b"<plist>", b"{}", plistlib.dumps([]), b"bplist00" + b"\0" * 40])
def test_a_broken_property_list_turns_everything_off(world, content, tmp_path):
    world.write(tmp_path / "x.plist", content)
    profile = CLAUDE_CODE.replace(managed_files=(("", str(tmp_path / "x.plist")),))
    assert world.resolve(managed=None, profile=profile).silenced == ALL


def test_a_property_list_of_shared_references_is_not_expanded(world, tmp_path):
    shared: list[object] = []
    for _ in range(200):
        shared = [shared, shared]
    content = plistlib.dumps({"x": shared, "env": {"DISABLE_TELEMETRY": "1", "y": shared}}, fmt=plistlib.FMT_BINARY)
    world.write(tmp_path / "x.plist", content)
    profile = CLAUDE_CODE.replace(managed_files=(("", str(tmp_path / "x.plist")),))
    assert world.resolve(managed=None, profile=profile).withdrawn == ("metrics",)


def test_plistlib_is_not_imported_without_a_property_list(world, tmp_path):
    script = (
        "import sys; from telemetry_sdk.policy import CLAUDE_CODE, resolve_policy\n"
        f"profile = CLAUDE_CODE.replace(managed_files=(('', {str(tmp_path / 'no.plist')!r}),))\n"
        f"print(resolve_policy({{}}, home={str(world.home)!r}, profile=profile).metrics.enabled)\n"
        "print('plistlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=world.project)
    assert done.stdout.split() == ["True", "False"]


class Registry(types.ModuleType):
    """The parts of `winreg` that are used, over a dictionary."""

    HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER = "machine", "user"

    def __init__(self, values):
        super().__init__("winreg")
        self.values = values

    def OpenKey(self, root, key):  # noqa: N802 - the name of winreg
        if (root, key) not in self.values:
            raise FileNotFoundError
        self.key = (root, key)
        return self

    def __enter__(self):
        return self.key

    def __exit__(self, *_):
        return None

    def QueryValueEx(self, opened, name):  # noqa: N802 - the name of winreg
        assert name == "Settings"
        found = self.values[opened]
        if isinstance(found, OSError):
            raise found
        return found, 1


@pytest.mark.parametrize(
    ("root", "value", "withdrawn", "silenced"),
    [
        ("machine", '{"env": {"DISABLE_TELEMETRY": "1"}}', ("metrics",), ()),
        ("user", '{"env": {"DISABLE_TELEMETRY": "1"}}', ("metrics",), ()),
        ("machine", "{", (), ALL),
        ("user", "{", (), ("metrics", "errors")),
        ("machine", 7, (), ALL),
        ("machine", PermissionError(13, "denied"), (), ALL),
        ("machine", FileNotFoundError(), (), ()),
    ],
)
def test_the_registry_is_read_as_managed_and_user_settings(world, monkeypatch, root, value, withdrawn, silenced):
    key = "SOFTWARE\\Policies\\ClaudeCode"
    monkeypatch.setitem(sys.modules, "winreg", Registry({(root, key): value}))
    files = (("", f"HKEY_LOCAL_MACHINE\\{key}"), ("", f"HKEY_CURRENT_USER\\{key}"))
    policy = world.resolve(managed=None, profile=CLAUDE_CODE.replace(managed_files=files))
    assert (policy.withdrawn, policy.silenced) == (withdrawn, silenced)
    if withdrawn:
        assert policy.metrics.reasons[0].layer == ("managed settings" if root == "machine" else "user settings")


def test_the_managed_settings_of_every_system_are_listed():
    platforms = {platform for platform, _ in CLAUDE_CODE.managed_files}
    assert platforms == {"darwin", "win32", ""}
    assert sum(path.endswith(".plist") for _, path in CLAUDE_CODE.managed_files) == 2


# The user's settings


def test_the_config_directory_replaces_the_home_directorys(world, tmp_path):
    world.env("user", DISABLE_TELEMETRY="1")
    world.env(tmp_path / "config" / "settings.json", DISABLE_ERROR_REPORTING="1")
    policy = world.resolve({"CLAUDE_CONFIG_DIR": str(tmp_path / "config")})
    assert policy.withdrawn == ("errors",)
    assert policy.silenced == ("metrics",), "the home directory's file is a project's then"


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_config_directory_is_unset(world, value):
    world.env("user", DISABLE_TELEMETRY="1")
    assert world.resolve({"CLAUDE_CONFIG_DIR": value}).withdrawn == ("metrics",)


@pytest.mark.parametrize(("value", "mend"), [("relative", "absolute path"), ("/nowhere/at/all", "create it")])
def test_a_config_directory_that_is_none_silences_and_names_the_mend(world, value, mend):
    policy = world.resolve({"CLAUDE_CONFIG_DIR": value})
    assert policy.silenced == ("metrics", "errors")
    assert any("CLAUDE_CONFIG_DIR" in warning and mend in warning for warning in policy.warnings)


def test_an_empty_config_directory_of_the_disk_is_fine(world, tmp_path, on):
    (tmp_path / "config").mkdir()
    assert on(world.resolve({"CLAUDE_CONFIG_DIR": str(tmp_path / "config")})) == (True, True, True)


def test_no_settings_file_names_the_config_directory(world, tmp_path):
    world.env(tmp_path / "config" / "settings.json", DISABLE_ERROR_REPORTING="1")
    world.env("user", CLAUDE_CONFIG_DIR=str(tmp_path / "config"))
    assert world.resolve().errors.enabled


def test_without_home_the_systems_answer_counts_with_a_warning(world, monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", lambda _: types.SimpleNamespace(pw_dir=str(world.home), pw_name="u"))
    world.env("user", DISABLE_TELEMETRY="1")
    for environ in ({}, {"HOME": ""}):
        policy = world.resolve(environ, home=None)
        assert policy.withdrawn == ("metrics",)
        assert any("HOME is not set" in warning for warning in policy.warnings)


@pytest.mark.parametrize("home", ["relative", "."])
def test_a_relative_home_silences_and_names_the_mend(world, home):
    policy = world.resolve({"HOME": home}, home=None)
    assert policy.silenced == ("metrics", "errors")
    assert any("HOME is not an absolute path" in warning for warning in policy.warnings)


def test_the_process_environments_home_does_not_stand_in(world, monkeypatch):
    monkeypatch.setenv("HOME", str(world.home))
    world.env("user", DISABLE_BUG_COMMAND="1")
    monkeypatch.setattr(pwd, "getpwuid", lambda _: types.SimpleNamespace(pw_dir="/nowhere", pw_name="u"))
    assert resolve_policy({}, cwd=os.sep, managed=world.managed).bug_reports.enabled


# A file that the host names


def test_a_host_named_file_only_restricts(world):
    world.env("user", TELEMETRY_SDK_STATSIG_KEY="client-user")
    path = world.env(
        world.home / "flag.json", DISABLE_TELEMETRY="1", TELEMETRY_SDK_STATSIG_KEY="client-x", HTTPS_PROXY="http://x:1"
    )
    policy = world.resolve(settings_file=path)
    assert (policy.withdrawn, policy.silenced) == ((), ("metrics",))
    assert [setting.value for setting in policy.settings] == ["client-user"]
    assert {reason.variable for reason in policy.ignored} == {"TELEMETRY_SDK_STATSIG_KEY", "HTTPS_PROXY"}


def test_a_host_named_file_may_be_relative_to_the_working_directory(world):
    world.env(world.project / "flag.json", DISABLE_TELEMETRY="1")
    assert world.resolve(settings_file="flag.json").silenced == ("metrics",)


@pytest.mark.parametrize("content", [None, b"{"])
def test_a_host_named_file_that_cannot_be_read_silences(world, content):
    path = world.home / "flag.json"
    if content:
        path.write_bytes(content)
    policy = world.resolve(settings_file=path)
    assert policy.silenced == ("metrics", "errors")
    assert policy.metrics.reasons[0].source == str(path)


def test_a_host_named_file_may_only_shorten_the_retention(world):
    world.write(world.home / "flag.json", {"cleanupPeriodDays": 400})
    assert world.resolve(settings_file=world.home / "flag.json").retention_days == 30
    world.write(world.home / "flag.json", {"cleanupPeriodDays": 4})
    assert world.resolve(settings_file=world.home / "flag.json").retention_days == 4


# The project


def test_a_git_directory_ends_nothing(world):
    for directory in (world.project, world.home / "src"):
        (directory / ".git").mkdir()
    world.env(world.home / "src" / ".claude" / "settings.json", DISABLE_TELEMETRY="1")
    world.env(world.home / ".claude" / "settings.local.json", DISABLE_ERROR_REPORTING="1")
    assert world.resolve().silenced == ("metrics", "errors")


def project_carries(world, place: str) -> dict[str, str]:
    """Make a user file that the project carries: a file, a link, a link to a directory, or one in between."""
    conf, elsewhere = world.project / "conf", world.home / "elsewhere"
    carried = {"file": conf, "link from": conf}.get(place, elsewhere)
    real = world.env(carried / "settings.json", TELEMETRY_SDK_STATSIG_KEY="client-x", DO_NOT_TRACK="1")
    if place == "link to":
        conf.mkdir()
        (conf / "settings.json").symlink_to(real)
    elif place in {"directory link to", "links through"}:
        conf.symlink_to(elsewhere)
    if place == "links through":
        (world.home / "conf").symlink_to(os.path.relpath(conf, world.home))
        return {"CLAUDE_CONFIG_DIR": str(world.home / "conf")}
    if place == "link from":
        world.user.parent.mkdir(parents=True)
        world.user.symlink_to(real)
        return {}
    return {"CLAUDE_CONFIG_DIR": str(conf)}


@pytest.mark.parametrize("place", ["file", "link from", "link to", "directory link to", "links through"])
def test_a_user_file_that_the_project_carries_only_restricts(world, place):
    environ = project_carries(world, place)
    policy = world.resolve(environ)
    assert (policy.withdrawn, policy.silenced) == ((), ("metrics", "errors"))
    assert policy.settings == ()
    assert any("lies in the project" in warning for warning in policy.warnings)


@pytest.mark.parametrize("directory", ["{data}", "{data}/", "{data}/../data", "{home}/.claude", "{home}//.claude/"])
def test_a_user_file_with_two_names_is_no_projects(world, tmp_path, directory):
    """The home directory's `.claude` is a link to the directory that CLAUDE_CONFIG_DIR names."""
    (tmp_path / "data").mkdir()
    (world.home / ".claude").symlink_to(tmp_path / "data")
    world.env(tmp_path / "data" / "settings.json", CLAUDE_CODE_USE_BEDROCK="", HTTPS_PROXY="http://proxy.example:1")
    named = directory.format(data=tmp_path / "data", home=world.home)
    policy = world.resolve({"CLAUDE_CONFIG_DIR": named, "CLAUDE_CODE_USE_BEDROCK": "1"})
    assert (policy.silenced, policy.ignored) == ((), ())
    assert [setting.name for setting in policy.settings] == ["HTTPS_PROXY"]


def test_a_home_directory_in_the_working_directory_is_the_projects(world):
    world.env("user", DO_NOT_TRACK="1", TELEMETRY_SDK_STATSIG_KEY="client-x")
    policy = world.resolve(cwd=world.home.parent)
    assert policy.withdrawn == ()
    assert policy.settings == ()


@pytest.mark.parametrize("cwd", ["home", "project", "outside"])
def test_the_home_directorys_own_file_is_the_users(world, cwd, tmp_path):
    world.env("user", DO_NOT_TRACK="1")
    (tmp_path / "srv" / "deep").mkdir(parents=True)
    directory = {"home": world.home, "project": world.project, "outside": tmp_path / "srv" / "deep"}[cwd]
    assert world.resolve(cwd=directory).withdrawn == ("metrics", "errors")


def test_the_project_directories_are_those_searched_without_the_home(world):
    found = world.resolve(host=HostChoices()).project_directories
    assert found == (str(world.project), str(world.project.parent))


# Limits


def nested(world, count: int):
    """Make nested directories, each with two project files; return the innermost."""
    directory = world.project
    for number in range(count):
        directory = directory / f"d{number}"
        world.env(directory / ".claude" / "settings.json")
        world.env(directory / ".claude" / "settings.local.json")
    return directory


def test_at_most_32_project_files_that_exist_are_read(world):
    world.env("user", DISABLE_BUG_COMMAND="1")
    deep = nested(world, 16)
    assert world.resolve(cwd=deep).silenced == ()
    extra = world.env("project")
    policy = world.resolve(cwd=deep)
    assert policy.silenced == ("metrics", "errors")
    assert policy.metrics.reasons[0].source == str(extra)
    assert "32" in policy.metrics.reasons[0].effect
    assert policy.withdrawn == ("bug_reports",)


def test_project_files_share_one_mebibyte(world):
    half = b'{"x": "' + b"a" * (1 << 19) + b'"}'
    world.write("project", half)
    assert world.resolve().silenced == ()
    world.write(world.home / "src" / ".claude" / "settings.json", half)
    policy = world.resolve()
    assert policy.silenced == ("metrics", "errors")
    assert "1 MiB" in policy.metrics.reasons[0].effect


def test_the_users_and_managed_files_are_outside_of_the_projects_limit(world):
    big = b'{"x": "' + b"a" * ((1 << 20) - 100) + b'"}'
    for layer in ("managed", "user", "project"):
        world.write(layer, big)
    assert world.resolve().silenced == ()


def calls_of(world, content: bytes, layer: str) -> int:
    """Count the functions that a resolution calls, those of the interpreter too."""
    world.write(layer, content)
    count = 0

    def counted(_frame, event, _arg):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        world.resolve()
    finally:
        sys.setprofile(None)
    return count


REPEATS = {
    "one switch": b'"DISABLE_TELEMETRY": "1"',
    "one provider": b'"CLAUDE_CODE_USE_VERTEX": "1"',
    "unknown providers": b'"CLAUDE_CODE_USE_%d": "1"',
    "cancelled providers": b'"CLAUDE_CODE_USE_%d": ""',
    "odd values": b'"CLAUDE_CODE_USE_%d": 7',
    "ignored keys": b'"TELEMETRY_SDK_%d": "1"',
    "near misses": b'"DISABLE_TELEMETR%d": "1"',
    "trusted values": b'"TELEMETRY_SDK_STATE_DIR": "/%d"',
    "other keys": b'"X%d": "1"',
}


@pytest.mark.parametrize("layer", ["user", "project"])
@pytest.mark.parametrize("kind", REPEATS)
def test_the_work_grows_with_the_size_of_a_file_and_no_faster(world, layer, kind):
    def content(count: int) -> bytes:
        row = REPEATS[kind]
        rows = b", ".join(row % number if b"%d" in row else row for number in range(count))
        return b'{"env": {' + rows + b"}}"

    small, large = calls_of(world, content(1000), layer), calls_of(world, content(4000), layer)
    assert large < 4.4 * small
    assert world.resolve().metrics.reasons
    assert len(world.resolve().metrics.reasons) <= 60
    assert len(world.resolve().warnings) <= 50


def test_a_mebibyte_of_one_repeated_switch_is_one_reason(world):
    row = b'"DISABLE_TELEMETRY": "1"'
    world.write("user", b'{"env": {' + b",".join([row] * ((1 << 20) // (len(row) + 1) - 2)) + b"}}")
    policy = world.resolve()
    assert len(policy.metrics.reasons) == 1
    assert policy.errors.enabled
