"""Runs Sentry's own Relay, as a library, over an event, with the options of its servers."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AVAILABLE = sys.platform != "win32"  # sentry-relay has no wheel for Windows
SERVER_OPTIONS = {
    "project_id": 1,
    "client": "telemetry-sdk.python/1",
    "client_ip": "192.0.2.1",
    "protocol_version": "7",
    "is_renormalize": False,
    "remove_other": True,  # fields outside the schema
    "enable_trimming": True,  # values that are too long
    "max_secs_in_past": 30 * 24 * 3600,
    "max_secs_in_future": 60,
}


def corrections(event: Mapping[str, Any]) -> list[str]:
    """Return Relay's errors and remarks on an event, and each field that it changes."""
    if not AVAILABLE:
        return []
    passed = _normalizer().normalize_event(dict(event))
    found = [f"error: {error}" for error in passed.get("errors") or ()]
    found += [f"remark: {passed['_meta']}"] if passed.get("_meta") else []
    sent = {**event, "tags": [[name, value] for name, value in sorted(event.get("tags", {}).items())]}
    return found + list(_changes(sent, {"tags": [], **passed}, "event"))


@functools.cache
def _normalizer() -> Any:
    from sentry_relay.processing import StoreNormalizer

    return StoreNormalizer(**SERVER_OPTIONS)


def _changes(sent: Any, passed: Any, at: str) -> Iterator[str]:
    if isinstance(sent, dict) and isinstance(passed, dict):
        for name, value in sent.items():
            yield from _changes(value, passed.get(name), f"{at}.{name}")
    elif isinstance(sent, list) and isinstance(passed, list) and len(sent) == len(passed):
        for index, value in enumerate(sent):
            yield from _changes(value, passed[index], f"{at}[{index}]")
    elif sent != passed:
        yield f"{at}: {sent!r} became {passed!r}"
