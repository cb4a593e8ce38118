"""Runs programs that hand over to a detached sender, and watches that sender from outside."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = 120.0  # seconds; a wait that is over earlier on any machine
RECORD = """
for n in range(20):
    client.log_event(Tick(n=n))
try:
    1 / 0
except ZeroDivisionError:
    client.capture_exception()
"""


class Background:
    """The detached senders of the application `acme-agent` of a home directory."""

    def __init__(self, home: Path, program: Callable[..., Any]) -> None:
        self.home = home
        self._program = program

    def run(self, source: str = RECORD, **environ: str) -> Any:
        """Run a program that may hand over."""
        return self._program(source, **{"TELEMETRY_SDK_AT_EXIT": "", **environ})

    @property
    def directory(self) -> Path:
        """The one state directory."""
        app = self.home / ".local" / "state" / "telemetry-sdk" / "acme-agent"
        found = [path for path in app.iterdir() if path.is_dir()]
        assert len(found) == 1
        return found[0]

    def status(self) -> dict[str, Any]:
        """Return what the shared state says of the last detached sender."""
        try:
            return json.loads((self.directory / "state.json").read_text())["detached"]
        except (OSError, KeyError):
            return {}

    def began(self) -> int:
        """Wait until the detached sender has begun; return its process id."""
        return int(self.until(lambda: self.status().get("pid")))

    def ended(self) -> str:
        """Wait until it has noted its end, and its process is gone; return what it noted."""
        self.until(lambda: "ended" in self.status())
        self.until(lambda: not is_running(self.status()["pid"]))
        return str(self.status()["ended"])

    def waiting(self) -> list[str]:
        """Return the names of the segments that wait."""
        return sorted(os.listdir(self.directory / "spool"))

    @staticmethod
    def until(condition: Callable[[], Any]) -> Any:
        """Wait for a condition to hold and return its value."""
        end = time.monotonic() + LONG
        while not (found := condition()):
            assert time.monotonic() < end, "did not happen"
            time.sleep(0.01)  # between two looks at another process
        return found


def is_running(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
