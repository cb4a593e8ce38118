"""The user's choice on disk: stored whole, by name, under a lock, in a file of our own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap

import pytest

from telemetry_sdk.policy import Profile
from telemetry_sdk.policy.choice import opt_in, opt_out

ALL = ("metrics", "errors", "bug_reports")


@pytest.fixture
def base(world):
    return world.home / ".config" / "telemetry-sdk"


def content(path) -> dict:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


@pytest.mark.parametrize("app", [None, "acme"])
def test_an_opt_out_counts_until_the_opt_in(world, base, app):
    path = opt_out(["metrics"], app=app, environ={}, home=world.home)
    assert path == str(base / "acme" / "choice.json" if app else base / "choice.json")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", content(path)["off"]["metrics"])
    assert world.resolve(app="acme").withdrawn == ("metrics",)
    assert opt_in(["metrics"], app=app, environ={}, home=world.home) == path
    assert content(path) == {"v": 1, "off": {}}
    assert world.resolve(app="acme").withdrawn == ()


def test_an_opt_out_is_added_to_others_and_keeps_their_dates(world, base):
    world.write(base / "choice.json", {"v": 1, "off": {"metrics": "2020-01-01", "crash_dumps": "2021-01-01"}})
    path = opt_out(["metrics", "errors"], environ={}, home=world.home)
    off = content(path)["off"]
    assert set(off) == {"metrics", "errors", "crash_dumps"}
    assert off["metrics"] == "2020-01-01"
    opt_in(["errors"], environ={}, home=world.home)
    assert set(content(path)["off"]) == {"metrics", "crash_dumps"}


def test_only_the_choice_file_is_written(world, base):
    world.env("user", EDITOR="vi")
    before = {path: path.read_bytes() for path in world.home.rglob("*") if path.is_file()}
    opt_out(ALL, app="acme", environ={"XDG_CONFIG_HOME": str(world.home / "xdg")}, home=world.home)
    after = {path: path.read_bytes() for path in world.home.rglob("*") if path.is_file()}
    assert {path: text for path, text in after.items() if path in before} == before
    assert {path.name for path in set(after) - set(before)} == {"choice.json", "choice.lock"}
    assert {path.parent for path in set(after) - set(before)} == {base / "acme"}


def test_the_file_is_the_users_alone(world, base):
    path = opt_out(["metrics"], environ={}, home=world.home)
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert base.stat().st_mode & 0o777 == 0o700


def test_a_broken_file_becomes_one_that_turns_everything_off(world, base):
    world.write(base / "choice.json", b"{")
    path = opt_out(["metrics"], environ={}, home=world.home)
    assert set(content(path)["off"]) == set(ALL)


def test_an_opt_in_does_not_touch_a_broken_file(world, base):
    path = world.write(base / "choice.json", b"{")
    with pytest.raises(ValueError, match="correct or delete it"):
        opt_in(["metrics"], environ={}, home=world.home)
    assert path.read_bytes() == b"{"


@pytest.mark.parametrize("app", ["..", ".", "a/b", "-x", "", 7])
def test_a_name_that_is_no_directorys_has_no_choice_file(world, base, app):
    world.write(base.parent / "choice.json", b"{")
    world.write(base / "a" / "b" / "choice.json", b"{")
    assert world.resolve(app=app).silenced == ()


def test_an_opt_in_without_a_file_writes_nothing(world, base):
    opt_in(["metrics"], environ={}, home=world.home)
    assert not base.exists()


def test_a_link_stays_one(world, base):
    real = world.write(world.home / "dotfiles" / "choice.json", {"v": 1, "off": {}})
    base.mkdir(parents=True)
    (base / "choice.json").symlink_to(real)
    opt_out(["errors"], environ={}, home=world.home)
    assert (base / "choice.json").is_symlink()
    assert set(content(real)["off"]) == {"errors"}


@pytest.mark.parametrize("act", [opt_out, opt_in])
def test_an_unknown_service_is_refused(world, act):
    with pytest.raises(ValueError, match="'metrcs', expected one of metrics"):
        act(["metrcs"], environ={}, home=world.home)


def test_a_file_that_cannot_be_written_names_the_variable_to_set(world, base):
    base.parent.write_text("a file")
    with pytest.raises(OSError, match="DISABLE_TELEMETRY=1 in the environment"):
        opt_out(["metrics"], environ={}, home=world.home)
    profile = Profile.for_app("acme").replace(switches=Profile.for_app("acme").switches[-2:])
    with pytest.raises(OSError, match="set ACME_TELEMETRY_DISABLED=1 in"):
        opt_out(["metrics"], environ={}, home=world.home, profile=profile)


def test_an_unknown_home_names_the_variable_to_set(world):
    with pytest.raises(OSError, match=r"HOME.*DISABLE_ERROR_REPORTING=1"):
        opt_out(["errors"], environ={"HOME": "relative"})


WRITER = """
import sys
from telemetry_sdk.policy import CLAUDE_CODE
from telemetry_sdk.policy.choice import opt_out
services = tuple(f"s{number}" for number in range(8))
profile = CLAUDE_CODE.replace(services=(*CLAUDE_CODE.services, *services))
opt_out([services[int(sys.argv[2])]], environ={}, home=sys.argv[1], profile=profile)
"""


def test_writers_at_the_same_time_lose_nothing(world, base):
    running = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(WRITER), str(world.home), str(number)])
        for number in range(8)
    ]
    assert [process.wait() for process in running] == [0] * 8
    assert set(content(base / "choice.json")["off"]) == {f"s{number}" for number in range(8)}
    assert not list(base.glob("*.tmp"))
