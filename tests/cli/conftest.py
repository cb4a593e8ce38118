"""The command `telemetry-sdk` with the receiver's addresses in its environment; a variable given as "" is not set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests import commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from telemetry_sdk.receiver import Receiver

LEAVES = """
client.log_event(Tick(n=1))
for kind in (ValueError, KeyError, OSError):
    client.capture_exception(kind())
assert client.flush_sync(20, to="spool")
os._exit(0)
"""


def merged(environment: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**environment, **changes}.items() if value}


@pytest.fixture
def run(
    world: Path,
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., commands.CommandResult]:
    """Run the command in this process."""

    def ran(*args: str, **changes: str) -> commands.CommandResult:
        return commands.in_process(args, merged(environment, changes), world / "work", capsys, monkeypatch)

    return ran


@pytest.fixture
def run_process(world: Path, environment: dict[str, str]) -> Callable[..., commands.CommandResult]:
    """Run the command as a process of its own: for what a process has for itself, as declared events."""

    def ran(*args: str, **changes: str) -> commands.CommandResult:
        return commands.as_process(args, merged(environment, changes), world / "work")

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


@pytest.fixture
def left(program: Callable[..., Any], receiver: Receiver, world: Path) -> Path:
    """Let a program end with one event and three errors unsent; return its state directory."""
    receiver.hang("metrics")
    receiver.hang("errors")
    assert program(LEAVES).code == 0
    receiver.release()
    receiver.clear()
    [place] = [
        path for path in (world / ".local" / "state" / "telemetry-sdk" / "acme-agent").iterdir() if path.is_dir()
    ]
    return place
