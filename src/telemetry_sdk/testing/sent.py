"""Decodes what clients sent: events as the declared classes, errors and bug reports as values."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telemetry_sdk.events import RESERVED, Event, declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

METRICS_PATH = "/log_event"
ERRORS_PATH = "/envelope/"


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request as the router saw it; `content` as sent, `encoding` its Content-Encoding."""

    method: str
    url: str
    content: bytes
    encoding: str

    @property
    def body(self) -> bytes:
        """The decompressed body."""
        return gzip.decompress(self.content) if self.encoding == "gzip" else self.content

    def json(self) -> Any:
        """Parse the body."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class SentMetric:
    """A metric event of no declared class: an exposure of a gate or a config, with its fields."""

    name: str
    value: float | None
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SentError:
    """An error event. `type` and `message`: of the exception that was caught; `event`: all of it, in Sentry's schema.

    `message` is "" where it is not a literal of known code: texts are not sent.
    """

    type: str
    message: str
    level: str
    handled: bool
    tags: Mapping[str, str]
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SentBugReport:
    """A bug report. `report`: all of it, parsed."""

    report_id: str
    description: str
    report: Mapping[str, Any]


def sent_metrics(requests: Iterable[SentRequest]) -> list[Event | SentMetric]:
    """Return the metric events, each as an instance of the class that declares it."""
    batches = [request.json() for request in requests if request.url.endswith(METRICS_PATH)]
    return [_metric(event) for batch in batches for event in batch["events"]]


def sent_errors(requests: Iterable[SentRequest]) -> list[SentError]:
    """Return the error events; other items of the envelopes are left out."""
    envelopes = [request.body for request in requests if request.url.endswith(ERRORS_PATH)]
    return [_error(event) for envelope in envelopes for event in _events(envelope)]


def sent_bug_reports(requests: Iterable[SentRequest]) -> list[SentBugReport]:
    """Return the bug reports: what is posted anywhere else."""
    posts = [request for request in requests if request.method == "POST"]
    reports = [json.loads(r.json()["content"]) for r in posts if not r.url.endswith((METRICS_PATH, ERRORS_PATH))]
    return [SentBugReport(report["report_id"], report["description"], report) for report in reports]


def _metric(sent: Mapping[str, Any]) -> Event | SentMetric:
    metadata = {key: value for key, value in sent["metadata"].items() if key not in RESERVED}
    declaration = declared().get(sent["eventName"])
    if declaration is None:
        return SentMetric(sent["eventName"], sent.get("value"), metadata)
    given = metadata if sent.get("value") is None else {**metadata, "value": sent["value"]}
    fields = {key: None for key, field in declaration.fields.items() if field.default is None} | given
    whole = {key: _member(declaration.fields[key].enums, value) for key, value in fields.items()}
    return declaration.event(**whole)


def _member(enums: Iterable[type], value: Any) -> Any:
    """Return the enum's member of a value, the value itself where there is none."""
    for enum in enums:
        for member in getattr(enum, "__members__", {}).values():
            if member.value == value and type(member.value) is type(value):
                return member
    return value


def _error(event: Mapping[str, Any]) -> SentError:
    caught = (event.get("exception", {}).get("values") or [{}])[-1]
    return SentError(
        type=caught.get("type", ""),
        message=caught.get("value", ""),
        level=event.get("level", ""),
        handled=caught.get("mechanism", {}).get("handled") is not False,
        tags=event.get("tags", {}),
        event=event,
    )


def _events(envelope: bytes) -> list[dict[str, Any]]:
    """Return an envelope's events; each item is a line of header and a line of JSON."""
    _, *lines = envelope.split(b"\n")
    items = zip(lines[::2], lines[1::2], strict=False)
    return [json.loads(payload) for header, payload in items if json.loads(header)["type"] == "event"]
