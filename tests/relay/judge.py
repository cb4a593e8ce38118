"""Sentry's own Relay, as a library, looks at an event as its servers do: is there anything to correct?"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

THERE = sys.platform != "win32"  # sentry-relay has no wheel for Windows
AS_SERVERS_DO = {
    "project_id": 1,
    "client": "telemetry-sdk.python/1",
    "client_ip": "192.0.2.1",
    "protocol_version": "7",
    "is_renormalize": False,
    "remove_other": True,  # what the schema does not know
    "enable_trimming": True,  # what is too long
    "max_secs_in_past": 30 * 24 * 3600,
    "max_secs_in_future": 60,
}


def corrections(event: Mapping[str, Any]) -> list[str]:
    """Return what Relay says against an event, and each field that it does not pass on as it was."""
    if not THERE:
        return []
    passed = _normalizer().normalize_event(dict(event))
    said = [f"error: {error}" for error in passed.get("errors") or ()]
    said += [f"remark: {passed['_meta']}"] if passed.get("_meta") else []
    sent = {**event, "tags": [[name, value] for name, value in sorted(event.get("tags", {}).items())]}
    return said + list(_lost(sent, {"tags": [], **passed}, "event"))


@functools.cache
def _normalizer() -> Any:
    from sentry_relay.processing import StoreNormalizer

    return StoreNormalizer(**AS_SERVERS_DO)


def _lost(sent: Any, passed: Any, at: str) -> Iterator[str]:
    if isinstance(sent, dict) and isinstance(passed, dict):
        for name, value in sent.items():
            yield from _lost(value, passed.get(name), f"{at}.{name}")
    elif isinstance(sent, list) and isinstance(passed, list) and len(sent) == len(passed):
        for index, value in enumerate(sent):
            yield from _lost(value, passed[index], f"{at}[{index}]")
    elif sent != passed:
        yield f"{at}: {sent!r} became {passed!r}"
