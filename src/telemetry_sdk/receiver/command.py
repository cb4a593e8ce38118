"""The command `telemetry-sdk receive`: the receiver in the foreground, its URL as a shell export."""

from __future__ import annotations

import shlex
import signal
import sys
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from telemetry_sdk._internal.layers import RECEIVER

from .running import running

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

    from .receiver import Receiver

_WAKE = 0.5  # seconds; on Windows a wait without an end cannot be interrupted


def receive(port: int = 0, database: str | None = None) -> None:
    """Serve until SIGINT or SIGTERM; call it in the main thread.

    First writes a line to stdout that a shell can `eval`, `export TELEMETRY_SDK_RECEIVER=...`, and the page's address
    as a comment. `port` 0 takes a free port; `database` is a file that stores what arrives (default: memory). Raises
    what `running` raises.
    """
    with _signals() as until_signal, running(port=port, database=database) as receiver:
        sys.stdout.write(exports(receiver))
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
