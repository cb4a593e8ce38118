"""The commands as a person or a cron job starts them: a real process each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = Path(sys.executable).with_name("telemetry-sdk")


@pytest.fixture
def run(world: Path, environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `telemetry-sdk` with the receiver's addresses; a variable given as "" is not set."""

    def ran(*args: str, **environ: str) -> subprocess.CompletedProcess[str]:
        variables = {**environment, **environ}
        return subprocess.run(
            [COMMAND, *args],
            env={name: value for name, value in variables.items() if value},
            cwd=world / "work",
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    return ran


@pytest.fixture
def kept(world: Path) -> Callable[[], list[str]]:
    """Return all files of the applications' state, as named in their directories."""
    base = world / ".local" / "state" / "telemetry-sdk"

    def found() -> list[str]:
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(base) for name in names]
        split = [os.path.relpath(path, base).split(os.sep) for path in paths]
        return sorted("/".join(parts[2:] or parts[1:]) for parts in split)

    return found
