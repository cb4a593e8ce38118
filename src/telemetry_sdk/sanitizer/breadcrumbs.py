"""Breadcrumbs without their texts, and trace ids."""

from __future__ import annotations

from .._internal.shapes import is_hex
from .error_record import clean_level
from .foreign_values import dicts, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_BREADCRUMBS = 100  # Sentry keeps as many
MAX_READ = 1_000  # of a payload's list
CATEGORIES = frozenset(  # Sentry's own; an application's are free text
    (
        *("auth", "console", "default", "error", "exception", "fetch", "grpc", "http", "httplib", "info"),
        *("log", "message", "navigation", "query", "redis", "session", "subprocess", "system", "transaction"),
        *("ui", "ui.click", "ui.input", "user", "websocket", "xhr"),
    )
)
_IDS = {"trace_id": 32, "span_id": 16, "parent_span_id": 16}


def clean_breadcrumbs(crumbs: object) -> list[dict[str, Any]]:
    """Return the last breadcrumbs of known categories: category, level, time in seconds."""
    found = [_breadcrumb(crumb) for crumb in dicts(crumbs)[-MAX_READ:]]
    return [crumb for crumb in found if crumb is not None][-MAX_BREADCRUMBS:]


def _breadcrumb(crumb: dict[str, Any]) -> dict[str, Any] | None:
    category, time = crumb.get("category"), seconds(crumb.get("timestamp"))
    if type(category) is not str or category not in CATEGORIES:
        return None
    clean = {"category": category, "level": clean_level(crumb.get("level"), "info")}
    return clean if time is None else {**clean, "time": time}


def clean_trace(contexts: object) -> dict[str, str] | None:
    """Return the trace ids of an event's contexts, which are random; None unless both ids are there."""
    trace = contexts.get("trace") if type(contexts) is dict else None
    if type(trace) is not dict or not is_hex(trace.get("trace_id"), 32) or not is_hex(trace.get("span_id"), 16):
        return None
    return {key: trace[key] for key, length in _IDS.items() if is_hex(trace.get(key), length)}
