"""Limits of request bodies, in bytes; above them the answer is 413."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of each service: `wire` as received, `expanded` after decompression."""

    metrics_wire: int = 10 * _MIB  # 1,000 events (the vendor's batch) at their largest stay under it
    metrics_expanded: int = 20 * _MIB
    errors_wire: int = 20 * _MIB  # Sentry: 20 MB compressed, 100 MB expanded, 1 MB an event
    errors_expanded: int = 100 * _MIB
    event: int = _MIB
    bug_reports_wire: int = 10 * _MIB
    bug_reports_expanded: int = 50 * _MIB
