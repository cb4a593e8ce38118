"""What may accompany an error: trace ids, and that a breadcrumb of a kind was left at a time. No word of either."""

from __future__ import annotations

from .._internal.shapes import is_hex, is_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_BREADCRUMBS = 100  # Sentry keeps as many
LEVELS = ("fatal", "error", "warning", "info", "debug")  # Sentry's
CATEGORIES = frozenset(  # Sentry's own; an application's are free text
    (
        *("auth", "console", "default", "error", "exception", "fetch", "grpc", "http", "httplib", "info"),
        *("log", "message", "navigation", "query", "redis", "session", "subprocess", "system", "transaction"),
        *("ui", "ui.click", "ui.input", "user", "websocket", "xhr"),
    )
)
_IDS = {"trace_id": 32, "span_id": 16, "parent_span_id": 16}


def clean_breadcrumbs(crumbs: object) -> list[dict[str, Any]]:
    """Rebuild breadcrumbs: category, level, time in seconds. One without a known category does not exist."""
    if type(crumbs) is not list:
        return []
    clean: list[dict[str, Any]] = []
    for crumb in crumbs[-MAX_BREADCRUMBS:]:
        category = crumb.get("category") if type(crumb) is dict else None
        if type(category) is not str or category not in CATEGORIES:
            continue
        level, time = crumb.get("level"), crumb.get("time")
        kept = {"category": category, "level": level if type(level) is str and level in LEVELS else "info"}
        clean.append({**kept, "time": time} if is_time(time) else kept)
    return clean


def clean_trace(trace: object) -> dict[str, str] | None:
    """Rebuild trace ids, which are random; None where there is no whole one."""
    if type(trace) is not dict or not is_hex(trace.get("trace_id"), 32) or not is_hex(trace.get("span_id"), 16):
        return None
    return {key: trace[key] for key, length in _IDS.items() if is_hex(trace.get(key), length)}
