"""Session items and client reports of Sentry's SDK: numbers, and words from closed lists."""

from __future__ import annotations

from .._internal.shapes import is_count, is_uuid
from .foreign_values import dicts, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
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
MAX_ENTRIES = 100  # of one report


def session_record(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the record of a session item: random id, status, times in seconds. None if a part is missing."""
    started, time, status = seconds(payload.get("started")), seconds(payload.get("timestamp")), payload.get("status")
    if not is_uuid(payload.get("sid")) or started is None or time is None:
        return None
    if type(status) is not str or status not in STATUSES:
        return None
    errors, duration = payload.get("errors"), payload.get("duration")
    clean = {
        "kind": "session",
        "sid": payload["sid"],
        "init": payload.get("init") is True,
        "started": started,
        "time": time,
        "status": status,
        "errors": errors if is_count(errors) else 0,
    }
    if (type(duration) is int or type(duration) is float) and 0 <= duration <= MAX_DURATION:
        clean["duration"] = float(duration)
    return clean


def client_report_record(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the record of a client report item: reasons, categories, quantities. None where nothing is left."""
    time = seconds(payload.get("timestamp"))
    discarded = [entry for entry in map(_entry, dicts(payload.get("discarded_events"))[:MAX_ENTRIES]) if entry]
    return {"kind": "client_report", "time": time, "discarded": discarded} if discarded and time is not None else None


def _entry(entry: dict[str, Any]) -> dict[str, Any] | None:
    reason, category, quantity = (entry.get(key) for key in ("reason", "category", "quantity"))
    if type(reason) is not str or type(category) is not str or not is_count(quantity):
        return None
    if reason not in REASONS or category not in DISCARDED:
        return None
    return {"reason": reason, "category": category, "quantity": quantity}
