"""Sentry's envelope wire: clean error records in, events, envelopes and headers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from json import loads
from typing import Any, NotRequired, TypeAlias, TypedDict, cast

from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk._internal.version import VERSION
from telemetry_sdk.sanitizer.payload_schema import violation

from . import sentry_reports

SDK_NAME = "telemetry-sdk.python"
DEFAULT = "{{ default }}"  # Sentry's name for its own grouping


Values: TypeAlias = Mapping[str, Any]


class ErrorRecord(TypedDict):
    """A clean error: `id` 32 hex digits, `time` seconds since the epoch, the captured exception last.

    exception: `{"type", "module", "value", "mechanism": {"type", "handled", ..., "errno"?}, "frames"}`;
    thread: `{"current", "crashed", "frames"}`; frame: `{"function", "module", "lineno", "in_app"}`, None where
    redacted; breadcrumb: `{"category", "level", "time"?}`.
    """

    id: str
    time: float
    level: str
    handled: bool
    exceptions: Sequence[Values]
    tags: Mapping[str, str]
    repeats: int
    threads: NotRequired[Sequence[Values]]
    breadcrumbs: NotRequired[Sequence[Values]]
    trace: NotRequired[Mapping[str, str]]


class ErrorMetadata(TypedDict):
    """The run that recorded an error; the installation id is for metrics only."""

    sdk_version: str
    os: str
    os_version: str
    arch: str
    python_version: str
    release: str | None
    dist: str | None
    environment: str | None
    user_id: NotRequired[str | None]  # given by the host; by default nothing


class ErrorEncoder:
    """Encodes an error, a session or a client report as an envelope of one item."""

    def __init__(self, metadata: ErrorMetadata) -> None:
        self._metadata = metadata

    def encode(self, text: bytes) -> bytes | None:
        """Return a record, given as JSON, as an envelope; None if its item is not in the payload schema.

        Raises what `json.loads` raises.
        """
        kind, made = item(loads(text), self._metadata)
        return None if violation(kind, made) else envelope(kind, made, sent_at=_now())

    def request(self, envelopes: Sequence[bytes], key: str, tries: int) -> tuple[bytes, dict[str, str]]:
        """Return the body, not compressed, and the headers; Sentry is not told of `tries`."""
        del tries
        return envelopes[0], headers(key, VERSION)


def event(record: ErrorRecord, context: ErrorMetadata) -> dict[str, Any]:
    """Build the event in Sentry's schema; constants and the record's clean fields only."""
    made: dict[str, Any] = {
        "event_id": record["id"],
        "timestamp": round(record["time"], 6),  # receivers keep microseconds
        "platform": "python",
        "level": record["level"],
        "sdk": {"name": SDK_NAME, "version": context["sdk_version"], "settings": {"infer_ip": "never"}},
        "contexts": _contexts(record, context),
        "exception": _values([_exception(exception) for exception in record["exceptions"]]),
        "threads": _values([_thread(thread, index) for index, thread in enumerate(record.get("threads", ()))]),
        "breadcrumbs": _values([_breadcrumb(crumb) for crumb in record.get("breadcrumbs", ())]),
        "tags": dict(record["tags"]),
        "fingerprint": _fingerprint(record),
        "release": context["release"],
        "dist": context["dist"],
        "environment": context["environment"],
    }
    if user_id := context.get("user_id"):
        made["user"] = {"id": user_id}
    return {name: value for name, value in made.items() if value}


def item(record: Mapping[str, Any], context: ErrorMetadata) -> tuple[str, dict[str, Any]]:
    """Build an envelope's item: its type, and its payload in Sentry's schema."""
    kind = record.get("kind")
    if kind == "session":
        return kind, sentry_reports.session(record, release=context["release"], environment=context["environment"])
    if kind == "client_report":
        return kind, sentry_reports.client_report(record)
    return "event", event(cast("ErrorRecord", record), context)


def envelope(kind: str, payload: Mapping[str, Any], *, sent_at: str) -> bytes:
    """Build an envelope of one item, not compressed yet. `sent_at` is RFC 3339 in UTC, set at sending."""
    content = compact(payload)
    of_event = {"event_id": payload["event_id"]} if kind == "event" else {}
    header = compact({**of_event, "sent_at": sent_at})
    return b"\n".join((header, compact({"type": kind, "length": len(content)}), content, b""))


def headers(key: str, version: str) -> dict[str, str]:
    """Return the request's headers: the DSN's public key and our version."""
    client = f"{SDK_NAME}/{version}"
    return {
        "content-type": "application/x-sentry-envelope",
        "content-encoding": "gzip",
        "x-sentry-auth": f"Sentry sentry_key={key}, sentry_version=7, sentry_client={client}",
    }


def _contexts(record: ErrorRecord, context: ErrorMetadata) -> dict[str, Any]:
    trace = record.get("trace")
    return {
        **({"trace": {"type": "trace", **trace}} if trace else {}),
        "os": {"type": "os", "name": context["os"], "version": context["os_version"]},
        "runtime": {"type": "runtime", "name": "CPython", "version": context["python_version"]},
        "device": {"type": "device", "arch": context["arch"]},
        "telemetry_sdk": {"repeats": record["repeats"]},
    }


def _exception(exception: Values) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": exception["type"],
        "module": exception["module"],
        "value": exception["value"],
        "mechanism": _mechanism(exception["mechanism"]),
    }
    if exception["frames"]:
        made["stacktrace"] = {"frames": [_frame(frame) for frame in exception["frames"]]}
    return _without_none(made)


def _thread(thread: Values, index: int) -> dict[str, Any]:
    """Build a thread; its id is its place, its name stays here."""
    frames = [_frame(frame) for frame in thread["frames"]]
    return {
        "id": index,
        "current": thread["current"],
        "crashed": thread["crashed"],
        **({"stacktrace": {"frames": frames}} if frames else {}),
    }


def _breadcrumb(crumb: Values) -> dict[str, Any]:
    when = {"timestamp": crumb["time"]} if "time" in crumb else {}
    return {"type": "default", "category": crumb["category"], "level": crumb["level"], **when}


def _values(values: list[dict[str, Any]]) -> dict[str, Any] | None:
    return {"values": values} if values else None


def _mechanism(mechanism: Values) -> dict[str, Any]:
    made: dict[str, Any] = {name: value for name, value in mechanism.items() if name != "errno"}
    if "errno" in mechanism:
        made["meta"] = {"errno": mechanism["errno"]}
    return made


def _frame(frame: Values) -> dict[str, Any]:
    """Build a frame; its file name repeats the dotted module: receivers show it, and it tells nothing new."""
    return _without_none({**frame, "filename": frame["module"]})


def _without_none(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if value is not None}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fingerprint(record: Mapping[str, Any]) -> list[str] | None:
    """Return what a server groups by: its own rule, module and function; without a stack trace types and error numbers.

    Sentry's rule includes module and function already; other servers' (Bugsink's) take type and message only, which
    would join all errors of a type that have no message.
    """
    stacks = [found["frames"] for found in (*record.get("threads", ()), *record["exceptions"]) if found["frames"]]
    if not stacks:
        return _kinds(record["exceptions"])
    place = _place(stacks[-1])
    return [DEFAULT, *place] if place else None


def _place(frames: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """Return module and function of the innermost frame that the application owns, or that is known at all.

    No line: the next release would move it.
    """
    known = [(frame["in_app"], frame["module"], frame["function"]) for frame in frames if frame["module"]]
    owned = [(module, function) for in_app, module, function in known if in_app]
    places = owned or [(module, function) for _, module, function in known]
    return places[-1] if places else None


def _kinds(exceptions: Sequence[Mapping[str, Any]]) -> list[str] | None:
    parts: list[str] = []
    for thrown in exceptions:
        errno = thrown["mechanism"].get("errno")
        parts += [thrown["type"], *([errno["name"]] if errno else ())]
    return parts or None
