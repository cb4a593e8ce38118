"""The command `telemetry-sdk` with the receiver's addresses in its environment; a variable given as "" is not set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests import commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
