"""The delivery commands of benchmarks/delivery/, at their small sizes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = Path(__file__).parents[2] / "benchmarks" / "delivery"


def run(name: str, *args: str) -> dict[str, object]:
    command = [sys.executable, str(COMMANDS / f"{name}.py"), *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.stderr == ""
    found: dict[str, object] = json.loads(done.stdout)
    assert (done.returncode, found["ok"]) == (0, True), found
    return found


@pytest.mark.parametrize("runs", [120])
def test_a_backlog_of_short_commands_is_sent_in_few_requests(runs):
    assert run("backlog", "--runs", str(runs))["requests_of_metrics"] == 1


def test_clients_do_not_storm_a_server_that_is_back():
    run("storms")


@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform == "win32", reason="forks, signals, limits")
@pytest.mark.parametrize(
    "command",
    ["commands", "exit", "load", "fork", "processes", "opt_out", "clock", "idle", "servers", "hostile", "soak"],
)
def test_a_command_finds_no_promise_broken(command):
    run(command)


def test_a_broken_disk_loses_nothing_that_is_not_counted():
    left_out = run("disk")["left_out"]
    assert isinstance(left_out, list)
    assert set(left_out) <= {"full", "inodes", "read_only", "permission"}, "these need privileges"


@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_writers_and_senders_lose_nothing_that_is_not_counted():
    """Without the exits: on a machine with too few processors an answer may come after an exit's 200 ms."""
    run("kill", "--exits", "0")
