"""The receiver in the foreground, alone or around a command (`telemetry-sdk receive`), and the page over the ledger."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from telemetry_sdk._internal.layers import RECEIVER

from .arrival_log import ArrivalLog
from .ledger_server import ledger_page
from .running import running

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from types import FrameType

    from .receiver import Receiver

QUIET = 3.0  # seconds after the command's end; a detached sender takes less than one to begin
_WAKE = 0.5  # seconds; on Windows a wait without an end cannot be interrupted


def receive(port: int = 0, database: str | None = None) -> None:
    """Serve until SIGINT or SIGTERM; call it in the main thread.

    First writes a line to stdout that a shell can `eval`, `export TELEMETRY_SDK_RECEIVER=...`, and the page's address
    as a comment; then a line to stderr for each arrival and each refusal. `port` 0 takes a free port; `database` is a
    file that stores what arrives (default: memory). Raises what `running` raises.
    """
    with _signals() as until_signal, running(port=port, database=database, log=ArrivalLog(sys.stderr)) as receiver:
        _serve(exports(receiver), until_signal)


def show_ledger(directories: Sequence[tuple[str, str]], service: str = "", search: str = "") -> None:
    """Serve the page over ledgers until SIGINT or SIGTERM; first writes its address to stdout.

    `service` and `search`: what the address chooses first. Raises what `ledger_page` raises.
    """
    query = urlencode({name: value for name, value in (("service", service), ("q", search)) if value})
    with _signals() as until_signal, ledger_page(directories) as url:
        _serve(f"{url}{'?' if query else ''}{query}\n", until_signal)


def run(command: Sequence[str], port: int = 0, database: str | None = None) -> int:
    """Run a command whose telemetry comes here, whatever its `start()` names; return its exit code.

    Writes a line to stderr for each arrival and each refusal: also for what a detached sender sends after the command's
    end. Raises what `running` raises, and OSError if the command cannot be started.
    """
    log = ArrivalLog(sys.stderr)
    with running(port=port, database=database, log=log) as receiver:
        sys.stderr.write(f"telemetry-sdk: what arrives: {receiver.page_url}\n")
        environ = {**os.environ, RECEIVER: receiver.development_url}
        with _signals(), subprocess.Popen(command, env=environ) as process:  # noqa: S603 - what the user asks for
            code = process.wait()
        log.wait_until_quiet(QUIET)
    return code if code >= 0 else 128 - code


def _serve(greeting: str, until_signal: Lock) -> None:
    sys.stdout.write(greeting)
    sys.stdout.flush()
    while not until_signal.acquire(timeout=_WAKE):
        pass


def exports(receiver: Receiver) -> str:
    """Return the variable that replaces all endpoints as an `export` line for a shell."""
    return f"export {RECEIVER}={shlex.quote(receiver.development_url)}\n# What arrives: {receiver.page_url}\n"


@contextmanager
def _signals() -> Generator[Lock]:
    """Release the lock at SIGINT and SIGTERM; unlike an Event, a lock may be released in a signal handler."""
    until_signal = Lock()
    until_signal.acquire()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if until_signal.locked():
            until_signal.release()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield until_signal
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
