"""The delivery commands of benchmarks/delivery/, at their small sizes."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from ..conftest import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "benchmarks" / "delivery"
WAITING = ("fork", "servers", "clock", "idle", "hostile", "exit", "processes", "commands")
COMMANDS = (*WAITING, "kill", "disk", "storms", "backlog")  # the longest first
AT_ONCE = 2  # they wait most of their time
ALONE = ("load", "opt_out", "soak")  # computes; has one second to stop; measures memory
ARGUMENTS = {
    "backlog": ["--runs", "120"],
    # Without the exits: on a machine with too few processors an answer may come after an exit's 200 ms.
    "kill": ["--exits", "0"],
}

pytestmark = pytest.mark.timeout(400)  # seconds, with the wait for those before it
posix = pytest.mark.skipif(sys.platform == "win32", reason="forks, signals, limits")
Running: TypeAlias = dict[str, Future[subprocess.CompletedProcess[str]]]


def run(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, str(FOLDER / f"{command}.py"), *ARGUMENTS.get(command, [])]
    environ = clean_environment(home)
    return subprocess.run(arguments, env=environ, cwd=home, capture_output=True, text=True, check=False, timeout=300)


def kept(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the last line of a command that breaks no promise: those before it are parts of it, kept too."""
    assert done.stderr == ""
    *parts, line = map(json.loads, done.stdout.splitlines())
    assert all("left_out" in part or part["ok"] for part in parts), parts
    assert (done.returncode, line["ok"]) == (0, True), line
    return line


@pytest.fixture(scope="module")
def running_commands(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start the commands of the chosen tests, several at once."""
    home = tmp_path_factory.mktemp("home")
    tests = [item for item in request.session.items if item.path == request.path]
    chosen = {test.callspec.params["command"] for test in tests if isinstance(test, pytest.Function)}
    pool = ThreadPoolExecutor(AT_ONCE)
    yield {command: pool.submit(run, command, home) for command in COMMANDS if command in chosen}
    pool.shutdown(cancel_futures=True)


@pytest.fixture
def found(running_commands: Running, command: str) -> dict[str, Any]:
    """Wait for a command that breaks no promise; return its line."""
    return kept(running_commands[command].result())


@posix
@pytest.mark.parametrize("command", WAITING)
def test_a_command_finds_no_promise_broken(found, command):
    assert found["what"] == command


@posix
@pytest.mark.parametrize("command", ["kill"])
def test_killed_writers_and_senders_lose_nothing_that_is_not_counted(found):
    assert found["ok"]


@pytest.mark.parametrize("command", ["disk"])
def test_a_broken_disk_loses_nothing_that_is_not_counted(found):
    assert set(found["left_out"]) <= {"full", "inodes", "read_only", "permission"}, "these need privileges"


@pytest.mark.parametrize("command", ["storms"])
def test_clients_do_not_storm_a_server_that_is_back(found):
    assert found["ok"]


@pytest.mark.parametrize("command", ["backlog"])
def test_a_backlog_of_short_commands_is_sent_in_few_requests(found):
    assert found["requests_of_metrics"] == 1


@posix
@pytest.mark.parametrize("command", ALONE)
def test_a_command_that_runs_alone_finds_no_promise_broken(tmp_path, command):
    """These are the last: all other commands have ended."""
    assert kept(run(command, tmp_path))["what"] == command
