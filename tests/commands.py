"""Runs the command `telemetry-sdk`: in this process, or as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import telemetry_sdk.cli

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

COMMAND = Path(sys.executable).with_name("telemetry-sdk")


class CommandResult(NamedTuple):
    """What a command printed, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


def in_process(
    args: Sequence[str],
    environ: Mapping[str, str],
    cwd: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> CommandResult:
    """Run the command in this process, with this environment, in this directory, without a terminal."""
    with monkeypatch.context() as patch, open(os.devnull, encoding="utf-8") as nothing:
        for name in set(os.environ) - set(environ):
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["telemetry-sdk", *args])
        patch.setattr(sys, "stdin", nothing)
        patch.chdir(cwd)
        capsys.readouterr()
        try:
            telemetry_sdk.cli.main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        return CommandResult(status, *capsys.readouterr())


def as_process(args: Sequence[str], environ: Mapping[str, str], cwd: Path) -> CommandResult:
    """Run the installed command as a process, as a person or a cron job does."""
    done = subprocess.run(
        [str(COMMAND), *args],
        env=dict(environ),
        cwd=cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    return CommandResult(done.returncode, done.stdout, done.stderr)
