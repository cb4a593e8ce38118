"""Chooses entries of the ledger: by application, service, age and text; the newest first."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telemetry_sdk.ledger import Entry

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """`since`: seconds since the epoch; `search`: a text of the body or the host, in any case; `limit` 0: no limit."""

    service: str | None = None
    since: float = 0.0
    search: str = ""
    limit: int = 0

    def chosen(self, entries: Iterable[tuple[str, Entry]]) -> list[tuple[str, Entry]]:
        """Return (application, entry) of those that fit, the newest first."""
        found = sorted((pair for pair in entries if self._fits(pair[1])), key=lambda pair: pair[1].time, reverse=True)
        return found[: self.limit] if self.limit else found

    def _fits(self, entry: Entry) -> bool:
        if self.service not in {None, entry.service} or entry.time < self.since:
            return False
        return not self.search or self.search.lower() in f"{entry.host} {entry.id} {entry.body or ''}".lower()


def moment_of(text: str | None) -> float:
    """Return the time that `--since` names: an age (30m, 12h, 7d) or an ISO date; exits with 2 for anything else."""
    if text is None:
        return 0.0
    if age := re.fullmatch(r"(\d{1,6})([smhd])", text.strip()):
        return time.time() - int(age[1]) * _UNITS[age[2]]
    try:
        return datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        expected = "expected an age such as 30m, 12h, 7d, or a date such as 2026-11-27"
        raise typer.BadParameter(f"{expected}, got {text!r}", param_hint="'--since'") from None
