"""The state directory: of the user, by the same home as the settings, and never within a project."""

from __future__ import annotations

import os
import pwd
import types

import pytest

from telemetry_sdk.options import user_state_dir


@pytest.fixture
def no_home(monkeypatch, tmp_path):
    monkeypatch.setattr(pwd, "getpwuid", lambda _: types.SimpleNamespace(pw_dir=str(tmp_path / "pw"), pw_name="u"))
    return tmp_path / "pw"


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}])
def test_without_home_state_lies_where_settings_are_read(no_home, environ):
    assert user_state_dir(environ) == str(no_home / ".local" / "state" / "telemetry-sdk")


def test_a_relative_home_is_no_home():
    assert user_state_dir({"HOME": "relative"}) is None


@pytest.mark.parametrize("place", ["inside", "link", "parent"])
def test_a_state_directory_in_the_project_is_not_used_with_a_warning(start, world, monkeypatch, place):
    project = world / "work"
    directory = {"inside": project / "state", "link": world / "link", "parent": world / "state"}[place]
    if place == "link":
        (project / "state").mkdir()
        directory.symlink_to(project / "state")
    monkeypatch.setenv("TELEMETRY_SDK_STATE_DIR", str(directory))
    client = start()
    warned = [warning for warning in client.policy.warnings if str(directory) in warning and "memory only" in warning]
    assert bool(warned) is (place != "parent")
    client.capture_exception(ValueError())
    assert client.flush_sync(20)
    assert os.path.exists(directory / "acme-agent") is (place == "parent")
