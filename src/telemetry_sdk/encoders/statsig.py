"""Statsig's `log_event` wire: clean metric records in, request bodies and headers out.

    {"events": [{"user": {"userID", "custom", "customIDs", "statsigEnvironment": {"tier"}},
                 "eventName", "value", "metadata", "time"}, ...],   (an exposure: "secondaryExposures", too)
     "statsigMetadata": {"sdkType", "sdkVersion", "languageVersion", "sessionID"}}

Events are encoded one by one, so that a caller may yield to its loop between them, and joined later.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SDK_TYPE = "telemetry-sdk-python"
STRING_LIMIT = 64  # characters: Statsig cuts longer ones
OBJECT_LIMIT = 4096  # characters of an object as JSON text: Statsig drops larger ones

_HUGE = 1e308

Scalar: TypeAlias = bool | int | float | str


class Metric(TypedDict):
    """A clean metric event. `id` is a uuid, `time` is in ms since the epoch; `secondary`: of an exposure."""

    id: str
    time: int
    name: str
    value: float | None
    metadata: Mapping[str, Scalar]
    secondary: NotRequired[Sequence[Mapping[str, str]]]


class Context(TypedDict):
    """The run that recorded the events: random ids, versions, the platform's family."""

    user: str
    session: str
    app: str
    app_version: str
    sdk_version: str
    os: str
    arch: str
    python: str
    provider: str
    environment: str | None


def event(record: Metric, user: Mapping[str, Any]) -> dict[str, Any]:
    """Build one event; `user` is the same for all events of a context."""
    value = _finite(record["value"])
    return {
        "user": user,
        "eventName": _cut(record["name"]),
        **({} if value is None else {"value": value}),
        "metadata": _bounded({"event_uuid": record["id"], **record["metadata"]}),
        **({"secondaryExposures": record["secondary"]} if "secondary" in record else {}),
        "time": max(0, record["time"]),
    }


def request_metadata(context: Context) -> dict[str, Any]:
    """Build a request's `statsigMetadata`."""
    return {
        "sdkType": SDK_TYPE,
        "sdkVersion": _cut(context["sdk_version"]),
        "languageVersion": _cut(context["python"]),
        "sessionID": _cut(context["session"]),
    }


def body(events: Sequence[bytes], metadata: Mapping[str, Any]) -> bytes:
    """Join events, each as JSON, to a request's body, not compressed yet."""
    return b'{"events":[' + b",".join(events) + b'],"statsigMetadata":' + encoded(metadata) + b"}"


def headers(key: str, *, count: int, now_ms: int, session: str, version: str, retry: int = 0) -> dict[str, str]:
    """Return the request's headers. `retry` is the number of earlier tries of this body."""
    return {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "statsig-api-key": key,
        "statsig-client-time": str(now_ms),
        "statsig-server-session-id": session,
        "statsig-sdk-type": SDK_TYPE,
        "statsig-sdk-version": version,
        "statsig-event-count": str(count),
        "statsig-retry": str(retry),
    }


def user(context: Context) -> dict[str, Any]:
    """Build the user of a context's events: random ids, versions, the platform's family."""
    names = ("app", "app_version", "sdk_version", "os", "arch", "python", "provider")
    custom = {name: _cut(context[name]) for name in names}  # type: ignore[literal-required]
    made: dict[str, Any] = {"userID": _cut(context["user"]), "custom": custom, "customIDs": {}}
    if context["environment"]:
        made["statsigEnvironment"] = {"tier": _cut(context["environment"])}
    return made


def _bounded(metadata: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Keep the first fields that fit into Statsig's limit for an object."""
    kept: dict[str, Scalar] = {}
    room = OBJECT_LIMIT - 2
    for name, value in metadata.items():
        clean = _cut(value) if isinstance(value, str) else _finite(value)
        if clean is None:
            continue
        key = _cut(name)
        room -= len(encoded({key: clean})) - 1  # without the braces, with a comma
        if room < 0:
            break
        kept[key] = clean
    return kept


def _finite(value: float | None) -> float | None:
    """Return the number, or None for what JSON has no word for (or no receiver a number)."""
    return value if value is not None and -_HUGE < value < _HUGE else None


def _cut(text: str) -> str:
    """Bound a string; half a surrogate pair is no text and would void the whole body."""
    return text[:STRING_LIMIT] if text.isascii() else text[:STRING_LIMIT].encode(errors="replace").decode()


def encoded(value: object) -> bytes:
    """Return compact JSON; raises `ValueError` for NaN and infinity."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
