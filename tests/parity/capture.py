"""Runs a client against a receiver of its own and returns what it sent."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telemetry_sdk.receiver import running

from . import programs

if TYPE_CHECKING:
    from telemetry_sdk.receiver import ReceivedRequest, Receiver

SCENES = Path(__file__).with_name("scenes")
KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP")
NOBODY = "http://127.0.0.1:9"  # the port of discard, where nobody listens: what Rust asks of the world ends here


@dataclass(frozen=True)
class Sent:
    """A client's requests, and the records that were in them, in their order."""

    requests: list[ReceivedRequest]
    records: list[dict[str, Any]]
    headers: list[dict[str, Any]]  # of each record's envelope and item, where there are such

    def bodies(self) -> list[Any]:
        """Parse each request's body."""
        return [request.json() for request in self.requests]


def metrics(program: str, *, least: int) -> Sent:
    """Run a client of Statsig's wire until so many events have arrived."""
    with running(accept_keys=["secret-key"]) as receiver, _home() as home:
        _run(home, program, receiver.statsig_url, "secret-key" if program is programs.STATSIG else receiver.statsig_key)
        _arrived(receiver, metrics=least)
        return Sent(receiver.requests("metrics"), receiver.metrics(), [])


def errors(program: str, *, least: int) -> Sent:
    """Run a client of Sentry's wire until so many events have arrived; the last error is one that nobody handles."""
    with running() as receiver, _home() as home:
        _run(home, program, receiver.sentry_dsn, code=1)
        if program is programs.OUR_ERRORS:  # what its exit had no time for waits on disk
            _run(home, programs.OUR_REST, receiver.sentry_dsn)
        _arrived(receiver, errors=least)
        items = [item for item in receiver.envelope_items() if item.type == "event"]
        headers = [{"envelope": dict(item.envelope_header), "item": dict(item.header)} for item in items]
        return Sent(receiver.requests("errors"), receiver.errors(), headers)


def _arrived(receiver: Receiver, **least: int) -> None:
    assert receiver.wait_for(**least, timeout=30), receiver.requests()


def _home() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def _run(home: str, program: str, *args: str, code: int = 0) -> None:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    places = {"HOME": home, "USERPROFILE": home, "LOCALAPPDATA": home, "PYTHONPATH": str(SCENES)}
    rust = {"HTTPS_PROXY": NOBODY} if program is programs.STATSIG_CORE else {}
    script = Path(home) / "program.py"
    script.write_text(programs.GUARD + program)
    done = subprocess.run(
        [sys.executable, str(script), *args],
        env={**kept, **places, **rust},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == code, done.stderr
