"""Settings files that are missing, broken, huge, hostile, or not files at all."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

LAYERS = ["managed", "user", "project", "local"]
BROKEN = {
    "managed": (False, False, False),
    "user": (False, False, True),
    "project": (False, False, True),
    "local": (False, False, True),
}

GARBAGE = {
    "empty": b"",
    "blank": b"  \n",
    "text": b"DISABLE_TELEMETRY=1",
    "cut": b'{"env": {"A": "b"',
    "trailing comma": b'{"env": {},}',
    "comment": b"{} // none",
    "array": b"[]",
    "string": b'"env"',
    "null": b"null",
    "number": b"1",
    "env array": b'{"env": []}',
    "env string": b'{"env": "DISABLE_TELEMETRY=1"}',
    "latin-1": '{"env": {"X": "é"}}'.encode("latin-1"),
    "utf-16": '{"env": {}}'.encode("utf-16"),
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": [-Infinity]}',
    "control character": b'{"a": "\n"}',
    "deep arrays": b"[" * 200_000,
    "deep objects": b'{"a":' * 150_000,
    "nul": b"\0" * 100,
    "two documents": b"{}{}",
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("kind", GARBAGE)
def test_a_file_that_cannot_be_understood_turns_off(world, on, layer, kind):
    path = world.write(layer, GARBAGE[kind])
    policy = world.resolve()
    assert on(policy) == BROKEN[layer]
    assert [reason.source for reason in policy.metrics.reasons] == [str(path)]
    assert any(str(path) in warning for warning in policy.warnings)


def test_missing_files_are_fine(world, on):
    policy = world.resolve()
    assert on(policy) == (True, True, True)
    assert {file.state for file in policy.files} == {"missing"}
    assert policy.warnings == ()


def test_missing_directories_are_fine(world, on):
    assert on(world.resolve(home="/dev/null", managed="/nowhere/at/all.json")) == (True, True, True)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_byte_order_mark_is_accepted(world, layer):
    world.write(layer, b"\xef\xbb\xbf" + json.dumps({"env": {"DISABLE_ERROR_REPORTING": "1"}}).encode())
    policy = world.resolve()
    assert not policy.errors.enabled
    assert policy.metrics.enabled


def test_an_env_of_null_is_no_env(world, on):
    world.write("user", {"env": None})
    assert on(world.resolve()) == (True, True, True)


def test_an_opt_out_is_not_lost_to_a_member_named_twice(world):
    world.write("user", b'{"env": {"DISABLE_TELEMETRY": "1", "DISABLE_TELEMETRY": ""}, "env": {"DO_NOT_TRACK": null}}')
    assert not world.resolve().metrics.enabled


@pytest.mark.parametrize("layer", LAYERS)
def test_the_size_limit_is_one_mebibyte(world, on, layer):
    frame = b'{"x": "%s"}'
    fits = frame % (b"a" * ((1 << 20) - len(frame) + 2))
    assert len(fits) == 1 << 20
    world.write(layer, fits)
    assert on(world.resolve()) == (True, True, True)
    world.write(layer, fits + b" ")
    policy = world.resolve()
    assert on(policy) == BROKEN[layer]
    assert "1 MiB" in policy.metrics.reasons[0].effect


def test_a_file_of_unknown_size_is_read_to_the_limit_only(world, on):
    """Files of the kernel say that they are empty, and are not."""
    assert on(world.resolve(managed="/proc/self/status")) == (False, False, False)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_pipe_does_not_hang(world, on, layer):
    path = world.file(layer)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    policy = world.resolve()
    assert on(policy) == BROKEN[layer]
    assert "regular file" in policy.metrics.reasons[0].effect


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty", "/"])
def test_devices_and_directories_are_no_settings(world, on, device):
    assert on(world.resolve(managed=device)) == (False, False, False)


def test_names_that_cannot_exist(world, on):
    assert on(world.resolve(managed="/etc/\0.json")) == (False, False, False)
    assert on(world.resolve(home="/home/\0")) == (False, False, True)
    assert on(world.resolve(cwd="/srv/\0")) == (False, False, True)
    assert on(world.resolve(managed="/" + "x" * 5000)) == (False, False, False)
    assert on(world.resolve(managed="/\ud800")) == (False, False, False)


def test_a_file_that_may_not_be_read(on):
    """In a process of an ordinary user: permissions do not bind root."""
    script = """
        import json, os, sys
        import telemetry_sdk.policy.explain
        from telemetry_sdk.policy import resolve_policy
        root = sys.argv[1]
        env = {"HOME": root + "/home"}
        resolve_policy(env, cwd=root + "/project", managed=root)  # loads all: the code may lie where only root can read
        if os.getuid() == 0:
            os.setuid(65534)
        policy = resolve_policy(env, cwd=root + "/project", managed=root + "/none.json")
        closed = resolve_policy(env, cwd=root + "/closed/inner", managed=root + "/none.json")
        print(json.dumps([policy.to_json(), closed.to_json()]))
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        user = root / "home" / ".claude" / "settings.json"
        user.parent.mkdir(parents=True)
        user.write_text("{}")
        user.chmod(0)
        (root / "project").mkdir()
        (root / "closed" / "inner").mkdir(parents=True)
        (root / "closed").chmod(0)
        ran = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script), name], capture_output=True, check=True, text=True
        )
        (root / "closed").chmod(stat.S_IRWXU)
    read, closed = json.loads(ran.stdout)
    assert read["services"]["metrics"]["reasons"][0]["source"] == str(user)
    assert "Permission denied" in read["services"]["errors"]["reasons"][0]["effect"]
    assert read["services"]["bug_reports"]["enabled"]
    assert read["retention_days"] is None
    assert "working directory" in closed["services"]["metrics"]["reasons"][0]["effect"]


@pytest.mark.parametrize("layer", ["managed", "user"])
def test_people_keep_dotfiles_behind_links(world, layer, tmp_path):
    real = world.env(tmp_path / "dotfiles" / "settings.json", DISABLE_TELEMETRY="1")
    path = world.file(layer)
    path.parent.mkdir(parents=True)
    path.symlink_to(real)
    policy = world.resolve()
    assert not policy.metrics.enabled
    assert policy.errors.enabled


@pytest.mark.parametrize("layer", LAYERS)
def test_a_link_to_nothing_is_no_missing_file(world, on, layer, tmp_path):
    path = world.file(layer)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(tmp_path / "gone.json")
    assert on(world.resolve()) == BROKEN[layer]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_link_to_itself(world, on, layer):
    path = world.file(layer)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(path)
    assert on(world.resolve()) == BROKEN[layer]


def test_a_folder_that_links_to_nothing(world, on, tmp_path):
    (world.home / ".claude").symlink_to(tmp_path / "unmounted")
    assert on(world.resolve()) == BROKEN["user"]


def test_a_folder_behind_a_link_that_holds_no_settings_is_fine(world, on, tmp_path):
    (tmp_path / "dotfiles").mkdir()
    (world.home / ".claude").symlink_to(tmp_path / "dotfiles")
    assert on(world.resolve()) == (True, True, True)


@pytest.mark.parametrize("layer", ["project", "local"])
@pytest.mark.parametrize("through", ["file", "folder"])
def test_a_project_file_that_links_out_of_the_project_is_unreadable(world, on, tmp_path, layer, through):
    outside = world.env(tmp_path / "outside" / world.file(layer).name)
    path = world.file(layer)
    if through == "file":
        path.parent.mkdir()
        path.symlink_to(outside)
    else:
        path.parent.symlink_to(outside.parent)
    policy = world.resolve()
    assert on(policy) == (False, False, True)
    assert "leaves the project" in policy.metrics.reasons[0].effect


def test_a_link_within_the_repository_is_followed(world):
    (world.home / "src" / ".git").mkdir()
    real = world.env(world.home / "src" / "settings" / "shared.json", DISABLE_BUG_COMMAND="1")
    world.shared.parent.mkdir()
    world.shared.symlink_to(real)
    policy = world.resolve()
    assert not policy.bug_reports.enabled
    assert policy.metrics.enabled


def test_a_sibling_whose_name_begins_like_the_project_is_outside(world, on):
    outside = world.env(world.home / "src" / "app-evil" / "settings.json")
    world.shared.parent.mkdir()
    world.shared.symlink_to(outside)
    assert on(world.resolve()) == (False, False, True)


READS = """
import sys
from telemetry_sdk.policy.json_scanner import read_json
try:
    read_json(sys.stdin.read(), dict, int)
except ValueError as error:
    print(error, "json.decoder" in sys.modules)
"""


@pytest.mark.parametrize("text", ["{", '{"a":1', '{"a":1,}', '{"a', "x", "", '{"a":'])
def test_broken_json_is_reported_in_a_program_that_has_not_loaded_json(text: str):
    """The interpreter's scanner then fails in its own way; here `json` is always loaded, there seldom."""
    done = subprocess.run([sys.executable, "-c", READS], input=text, capture_output=True, text=True, check=False)
    with pytest.raises(ValueError) as raised:  # which the scanner of Python 3.13 raises itself
        json.loads(text)
    assert done.stdout in {"is not JSON False\n", f"{raised.value} True\n"}
    assert done.stderr == ""
