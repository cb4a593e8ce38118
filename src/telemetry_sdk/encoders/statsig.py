"""Statsig's `log_event` wire: clean metric records in, request bodies and headers out.

    {"events": [{"user": {"userID", "custom", "customIDs", "statsigEnvironment": {"tier"}}, "eventName", "value",
                 "metadata": {"event_uuid", "session_id", ...}, "time"}, ...],
     "statsigMetadata": {"sdkType", "sdkVersion", "languageVersion", "sessionID"}}
    (an exposure has "secondaryExposures", too)

Events are encoded one by one, so that a caller may yield to its loop between them, and joined later. Each stands for
itself, so a request may hold events of several runs; its `statsigMetadata` and headers are one run's.

Nearly all records have a text that one regular expression, a part of the payload schema, matches. Their parts are put
together without being parsed: a quarter of the time.
"""

from __future__ import annotations

import re
import time
from json import loads
from typing import TYPE_CHECKING, Any, NotRequired, TypeAlias, TypedDict

from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk._internal.shapes import (
    CHOICE_PATTERN,
    MILLISECONDS_PATTERN,
    NAME_PATTERN,
    NUMBER_PATTERN,
    UUID_PATTERN,
)
from telemetry_sdk._internal.version import VERSION
from telemetry_sdk.sanitizer.payload_schema import violation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SDK_TYPE = "telemetry-sdk-python"
OBJECT_LIMIT = 4096  # characters of an object as JSON text: Statsig drops larger ones
ALWAYS_FIT = 30  # fields: of at most 134 characters each, with a name and a string of 64
_FIELD = f'"(?!event_uuid"|session_id"){NAME_PATTERN}":(?:"{CHOICE_PATTERN}"|{NUMBER_PATTERN}|true|false)'
_PLAIN = re.compile(
    f'{{"id":"({UUID_PATTERN})","time":({MILLISECONDS_PATTERN}),"name":"({NAME_PATTERN})",'
    f'"value":(null|{NUMBER_PATTERN}),"metadata":{{((?:{_FIELD}(?:,{_FIELD}){{0,{ALWAYS_FIT - 3}}})?)}}}}'.encode()
)
CUSTOM = ("app", "app_version", "sdk_version", "os", "arch", "python", "provider")

Scalar: TypeAlias = bool | int | float | str


class EventRecord(TypedDict):
    """A clean metric event: `id` a UUID, `time` in ms since the epoch; `secondary` of an exposure."""

    id: str
    time: int
    name: str
    value: float | None
    metadata: Mapping[str, Scalar]
    secondary: NotRequired[Sequence[Mapping[str, str]]]


class EventMetadata(TypedDict):
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


_EVENT = b'{"eventName":"%b","time":%b%b,"metadata":{"event_uuid":"%b","session_id":"%b"%b}%b'


class EventEncoder:
    """Encodes the events of one run; any of a request's encoders can make the request."""

    def __init__(self, metadata: EventMetadata) -> None:
        self._session = metadata["session"]
        self._metadata = request_metadata(metadata)
        end = {"user": user(metadata)}
        self._end = b"," + compact(end)[1:]
        self._refused = violation("statsig_metadata", self._metadata) or violation("statsig_event", end)

    def encode(self, text: bytes) -> bytes | None:
        """Return an `EventRecord`, given as JSON, as an event; None if it is not in the payload schema.

        Raises what `json.loads` raises.
        """
        plain = None if self._refused else _PLAIN.fullmatch(text)
        if plain is not None:
            event_id, milliseconds, name, value, fields = plain.groups()
            return _EVENT % (
                name,
                milliseconds,
                b"" if value == b"null" else b',"value":' + value,
                event_id,
                self._session.encode(),
                b"," + fields if fields else b"",
                self._end,
            )
        made = event(loads(text), self._session)
        if self._refused or violation("statsig_event", made):
            return None
        return compact(made)[:-1] + self._end

    def request(self, events: Sequence[bytes], key: str, tries: int) -> tuple[bytes, dict[str, str]]:
        """Return the body, not compressed, and the headers. `tries`: how often a server failed on these events."""
        now_ms = int(time.time() * 1000)
        made = headers(key, count=len(events), now_ms=now_ms, session=self._session, version=VERSION, retry=tries)
        return body(events, self._metadata), made


def event(record: EventRecord, session: str) -> dict[str, Any]:
    """Build one event without its `user`, which is the same for all events of a run."""
    value = record["value"]
    return {
        "eventName": record["name"],
        "time": record["time"],
        **({} if value is None else {"value": value}),
        **({"secondaryExposures": record["secondary"]} if "secondary" in record else {}),
        "metadata": _bounded({"event_uuid": record["id"], "session_id": session, **record["metadata"]}),
    }


def request_metadata(context: EventMetadata) -> dict[str, Any]:
    """Build a request's `statsigMetadata`."""
    return {
        "sdkType": SDK_TYPE,
        "sdkVersion": context["sdk_version"],
        "languageVersion": context["python"],
        "sessionID": context["session"],
    }


def body(events: Sequence[bytes], metadata: Mapping[str, Any]) -> bytes:
    """Join events, each as JSON, to a request's body, not compressed yet."""
    parts = [b'{"events":[' + events[0], *events[1:]]
    parts[-1] += b'],"statsigMetadata":%b}' % compact(metadata)
    return b",".join(parts)  # one copy: it may have half a megabyte


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


def user(context: EventMetadata) -> dict[str, Any]:
    """Build the user of a context's events: random ids, versions, the platform's family."""
    custom: dict[str, Any] = {name: context[name] for name in CUSTOM}  # type: ignore[literal-required]
    made: dict[str, Any] = {"userID": context["user"], "custom": custom, "customIDs": {}}
    if context["environment"]:
        made["statsigEnvironment"] = {"tier": context["environment"]}
    return made


def _bounded(metadata: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    """Return the first fields that fit into Statsig's limit for an object."""
    if len(metadata) <= ALWAYS_FIT:
        return metadata
    kept: dict[str, Scalar] = {}
    left = OBJECT_LIMIT - 2
    for name, value in metadata.items():
        left -= len(compact({name: value})) - 1  # without the braces, with a comma
        if left < 0:
            break
        kept[name] = value
    return kept
