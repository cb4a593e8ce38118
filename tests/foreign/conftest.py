"""Servers of other projects, each run from the environment that scripts/test-foreign made."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.detached.background import Background, is_running
from tests.foreign.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = 20.0  # seconds; a wait that is over earlier on any machine


class ForeignServer:
    """A server's process, and what it wrote to stderr."""

    def __init__(self, process: subprocess.Popen[bytes], stderr: Path) -> None:
        self.process = process
        self.stderr = stderr.read_text

    def stop(self) -> int:
        """Ask the server to end, and return its exit status; a server that hangs is killed."""
        self.process.terminate()
        try:
            return self.process.wait(LONG)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise


@pytest.fixture
def installed() -> Path:
    """Return the directory of the environments."""
    return Path(os.environ["FOREIGN"])


@pytest.fixture
def serving(world: Path, tmp_path: Path) -> Iterator[Callable[..., ForeignServer]]:
    """Start servers in a session of their own, with the programs of this folder importable; end them with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*command: str | Path, environ: dict[str, str], pass_fds: tuple[int, ...] = ()) -> ForeignServer:
        stderr = tmp_path / f"stderr-{len(started)}"
        with stderr.open("wb") as file:
            process = subprocess.Popen(
                command,
                env={**environ, "PYTHONPATH": str(PROGRAMS), "PYTHONDONTWRITEBYTECODE": "1"},
                cwd=world / "work",
                pass_fds=pass_fds,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        started.append(process)
        return ForeignServer(process, stderr)

    yield start
    for process in started:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Wait for a condition to hold and return its value; fail after LONG."""

    def wait(condition: Callable[[], Any]) -> Any:
        end = time.monotonic() + LONG
        while not (found := condition()):
            assert time.monotonic() < end, "did not happen"
            time.sleep(0.02)  # between two looks at another process
        return found

    return wait


@pytest.fixture
def no_sender_remains(world: Path) -> Iterator[None]:
    """End the detached sender with the test."""
    yield
    with contextlib.suppress(OSError, AssertionError):
        pid = Background(world, lambda: None).status().get("pid")
        if pid and is_running(pid):
            os.kill(pid, signal.SIGKILL)
