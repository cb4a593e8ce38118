"""The handle of a running receiver: its addresses, what arrived, and the faults to inject."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from . import body
from .errors import Refusal
from .faults import Faults, PlannedAnswer
from .store import RawRequest, ReceivedRecord, ReceiverStore, objects

if TYPE_CHECKING:
    from collections.abc import Mapping

ServiceName = Literal["metrics", "errors", "bug_reports"]
_EXPANDED = 100 * 1024 * 1024  # the largest body that any service takes, in bytes


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as received.

    `service` is `unknown` for a path that is not served; header names are in lower case; `wire` is the body
    as received, `body` decompressed (empty if that fails); `status` is None while unanswered; `at` in Unix
    seconds.
    """

    service: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    wire: bytes
    body: bytes
    status: int | None
    at: float

    def json(self) -> Any:
        """Parse the body. Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class EnvelopeItem:
    """An item of a Sentry envelope, with the headers of both."""

    type: str
    envelope_header: Mapping[str, Any]
    header: Mapping[str, Any]
    payload: bytes


@dataclass(frozen=True, slots=True)
class BugReport:
    """A bug report: `content` is the text as received, `report` the same, parsed."""

    feedback_id: str
    idempotency_key: str
    content: str
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A running receiver; thread-safe. Keys do not show in its repr."""

    port: int
    token: str = field(repr=False)
    page_key: str = field(repr=False)
    _store: ReceiverStore = field(repr=False)
    _faults: Faults = field(repr=False)

    @property
    def url(self) -> str:
        """The base of all endpoints."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def development_url(self) -> str:
        """The value of `TELEMETRY_SDK_RECEIVER`: it replaces all endpoints of an application."""
        return f"{self.url}/{self.token}"

    @property
    def statsig_key(self) -> str:
        """Statsig's client key."""
        return f"client-{self.token}"

    @property
    def sentry_key(self) -> str:
        """The public key of Sentry's DSN."""
        return self.token

    @property
    def bug_report_token(self) -> str:
        """The bearer token of bug reports."""
        return self.token

    @property
    def statsig_url(self) -> str:
        """The base of Statsig's API: events go to `{statsig_url}/log_event`."""
        return f"{self.url}/v1"

    @property
    def sentry_dsn(self) -> str:
        """Sentry's DSN."""
        return f"http://{self.sentry_key}@127.0.0.1:{self.port}/1"

    @property
    def bug_report_url(self) -> str:
        """Where bug reports are posted."""
        return f"{self.url}/v1/bug-reports"

    @property
    def page_url(self) -> str:
        """The page that shows what arrived."""
        return f"{self.url}/page/{self.page_key}/"

    def environment(self) -> dict[str, str]:
        """Return the variables of the endpoints of an application without any of its own.

        `TELEMETRY_SDK_RECEIVER` (`development_url`) alone replaces those that an application names.
        """
        return {
            "TELEMETRY_SDK_STATSIG_URL": self.statsig_url,
            "TELEMETRY_SDK_STATSIG_KEY": self.statsig_key,
            "TELEMETRY_SDK_SENTRY_DSN": self.sentry_dsn,
            "TELEMETRY_SDK_BUG_REPORT_URL": self.bug_report_url,
            "TELEMETRY_SDK_BUG_REPORT_TOKEN": self.bug_report_token,
        }

    def metrics(self) -> list[dict[str, Any]]:
        """Return the metric events accepted, in order, without duplicates of an `event_uuid`."""
        return objects(self._store.records("metrics"))

    def errors(self) -> list[dict[str, Any]]:
        """Return the error events accepted, in order, without duplicates of an `event_id`."""
        return objects(self._store.records("errors", "event"))

    def envelope_items(self) -> list[EnvelopeItem]:
        """Return the items of every envelope accepted, of all types."""
        return [
            EnvelopeItem(record.kind, record.head["envelope"], record.head["item"], record.body)
            for record in self._store.records("errors")
        ]

    def bug_reports(self) -> list[BugReport]:
        """Return the bug reports accepted, without duplicates of an Idempotency-Key."""
        return [_bug_report(record) for record in self._store.records("bug_reports")]

    def requests(self, service: ServiceName | Literal["unknown"] | None = None) -> list[ReceivedRequest]:
        """Return every request, refused ones included.

        Of those without a valid key the newest 100 are kept, without their bodies. Not kept are requests for the
        page, challenges, and what a web page sent.
        """
        return [_request(raw) for raw in self._store.requests() if service in {None, raw.service}]

    def duplicates(self) -> dict[str, int]:
        """Count duplicates by service: of an `event_uuid`, an `event_id`, an Idempotency-Key."""
        return self._store.duplicates()

    def wait_for(
        self,
        *,
        metrics: int = 0,
        errors: int = 0,
        bug_reports: int = 0,
        requests: int = 0,
        timeout: float | None = 10.0,
    ) -> bool:
        """Block until so many have arrived since the last `clear()`; False after `timeout` seconds."""
        least = {"metrics": metrics, "errors": errors, "bug_reports": bug_reports, "requests": requests}
        return self._store.wait_for(least, timeout)

    def answer_next(
        self,
        service: ServiceName,
        *,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: bytes | str = b"",
        times: int = 1,
    ) -> None:
        """Give this answer to the next `times` requests of a service, after those planned before.

        Such a request is in `requests()`; its records are not stored.
        """
        text = body.encode() if isinstance(body, str) else body
        self._faults.answer_next(service, PlannedAnswer(status, headers or {}, text), times)

    def hang(self, service: ServiceName, *, stored: bool = False) -> None:
        """Read the service's requests but do not answer, until released.

        `stored`: records are stored first, so that a client's second attempt is a duplicate.
        """
        self._faults.hang(service, stored=stored)

    def delay(self, service: ServiceName, seconds: float) -> None:
        """Wait this long before each answer of a service; 0 ends it."""
        self._faults.delay(service, seconds)

    def release(self) -> None:
        """Answer the hanging requests, and stop hanging."""
        self._faults.release()

    def clear(self) -> None:
        """Delete what arrived, and remove all faults."""
        self._faults.clear()
        self._store.clear()


def _request(raw: RawRequest) -> ReceivedRequest:
    try:
        plain = body.expand(raw.body, raw.headers.get("content-encoding", ""), _EXPANDED)
    except Refusal:
        plain = b""
    head = (raw.service, raw.method, raw.path, raw.query, raw.headers)
    return ReceivedRequest(*head, wire=raw.body, body=plain, status=raw.status, at=raw.at)


def _bug_report(record: ReceivedRecord) -> BugReport:
    head = record.head
    content = record.body.decode()
    return BugReport(head["feedback_id"], head["idempotency_key"], content, json.loads(content))
