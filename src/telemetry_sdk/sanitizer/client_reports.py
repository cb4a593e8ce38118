"""Records that are no errors: a session's state, and what was discarded. Numbers and words from closed lists."""

from __future__ import annotations

from .._internal.shapes import is_count, is_time, is_uuid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

STATUSES = ("ok", "exited", "crashed", "abnormal", "errored")
# https://develop.sentry.dev/sdk/telemetry/client-reports/
REASONS = frozenset(
    (
        *(
            "backpressure",
            "before_send",
            "cache_overflow",
            "event_processor",
            "insufficient_data",
            "internal_sdk_error",
        ),
        *("network_error", "no_parent_span", "queue_overflow", "ratelimit_backoff", "sample_rate", "send_error"),
    )
)
DISCARDED = frozenset(
    (
        *("attachment", "default", "error", "feedback", "internal", "log_byte", "log_item", "metric_bucket", "monitor"),
        *("profile", "profile_chunk", "replay", "security", "session", "span", "statsd", "trace_metric", "transaction"),
    )
)
MAX_DURATION = 366 * 86_400.0  # seconds


def clean_session(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Rebuild a session's record: random id, state, times in seconds; no user, no address. None if it is none."""
    started, time, status = record.get("started"), record.get("time"), record.get("status")
    if not is_uuid(record.get("sid")) or not is_time(started) or not is_time(time):
        return None
    if type(status) is not str or status not in STATUSES:
        return None
    errors, duration = record.get("errors"), record.get("duration")
    clean = {
        "kind": "session",
        "sid": record["sid"],
        "init": record.get("init") is True,
        "started": started,
        "time": time,
        "status": status,
        "errors": errors if is_count(errors) else 0,
    }
    if type(duration) is float and 0 <= duration <= MAX_DURATION:
        clean["duration"] = duration
    return clean


def clean_client_report(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Rebuild a report of what was discarded, why, and how much of it. None where nothing of it is left."""
    time, discarded = record.get("time"), record.get("discarded")
    if not is_time(time) or type(discarded) is not list:
        return None
    clean = [kept for entry in discarded[:100] for kept in [_entry(entry)] if kept]
    return {"kind": "client_report", "time": time, "discarded": clean} if clean else None


def _entry(entry: object) -> dict[str, Any] | None:
    if type(entry) is not dict:
        return None
    reason, category, quantity = (entry.get(key) for key in ("reason", "category", "quantity"))
    if type(reason) is not str or type(category) is not str or not is_count(quantity):
        return None
    if reason not in REASONS or category not in DISCARDED:
        return None
    return {"reason": reason, "category": category, "quantity": quantity}


REPORTS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any] | None]] = {
    "session": clean_session,
    "client_report": clean_client_report,
}
