"""Sentry's session and client report items."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def session(record: Mapping[str, Any], *, release: str | None, environment: str | None) -> dict[str, Any]:
    """Build a session update; Sentry takes one of a release only. Times as RFC 3339 in UTC, duration in seconds."""
    made: dict[str, Any] = {
        "sid": record["sid"],
        "init": record["init"],
        "started": _moment(record["started"]),
        "timestamp": _moment(record["time"]),
        "status": record["status"],
        "errors": record["errors"],
        "attrs": {"release": release or "unknown", **({"environment": environment} if environment else {})},
    }
    return {**made, "duration": record["duration"]} if "duration" in record else made


def client_report(record: Mapping[str, Any]) -> dict[str, Any]:
    """Build the report of what was discarded, by reason and category; its time in seconds since the epoch."""
    return {"timestamp": record["time"], "discarded_events": [dict(entry) for entry in record["discarded"]]}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
