"""Writes a line for each request that a receiver accepts or refuses."""

from __future__ import annotations

from threading import Condition
from typing import TYPE_CHECKING

from telemetry_sdk._internal.shapes import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from .store import ReceivedRecord

LINE = 300  # characters


class ArrivalLog:
    """Writes to `out`; without one nothing. Thread-safe."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out
        self._changed = Condition()

    def arrived(self, service: str, records: Sequence[ReceivedRecord]) -> None:
        """Note what was accepted: the names of events, the types of errors, the descriptions of reports."""
        self._write(f"received {service}: {', '.join(record.summary.name or record.kind for record in records)}")

    def refused(self, service: str, status: int, detail: str) -> None:
        """Note what was refused, and why."""
        self._write(f"refused {service}: {status}: {detail}")

    def wait_until_quiet(self, seconds: float) -> None:
        """Return when nothing has arrived for so long."""
        with self._changed:
            while self._changed.wait(seconds):
                pass

    def _write(self, line: str) -> None:
        with self._changed:
            self._changed.notify_all()
            if self._out is not None:
                self._out.write(f"telemetry-sdk: {printable(line)[:LINE]}\n")
                self._out.flush()
