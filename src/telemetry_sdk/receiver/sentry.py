"""Sentry's envelope endpoint: authorization, items, schema."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .body import parse_object
from .envelope import ParsedItem, parse_envelope
from .errors import Refusal
from .sentry_schema import check_client_report, check_event, check_event_id
from .service import AcceptedRequest, IncomingRequest, Service, is_one_of
from .store import ReceivedRecord
from .summary import Summary, of_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PROJECT = "1"
_KEY = re.compile(r"(?:^|[\s,])sentry_key=([^\s,]{1,256})")
_CHECKS: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "event": check_event,
    "client_report": check_client_report,
}
_JSON_ITEMS = frozenset(("event", "transaction", "session", "sessions", "client_report", "check_in", "feedback"))
_KEYED_ITEMS = frozenset(("event", "transaction"))


@dataclass(frozen=True, slots=True)
class SentryService(Service):
    """Accepts envelopes."""

    key: str = field(repr=False)
    wire: int
    expanded: int
    event: int
    name: str = "errors"

    def authorize(self, incoming: IncomingRequest) -> None:
        """Check key and project; statuses and messages are those of Sentry's Relay. Raises Refusal."""
        project = incoming.params["project"]
        if not project.isdecimal():
            raise Refusal(400, "bad project path parameter")
        given = [*_KEY.findall(incoming.headers.get("x-sentry-auth", ""))]
        given += [incoming.query["sentry_key"]] if "sentry_key" in incoming.query else []
        if not given:
            raise Refusal(401, "missing authorization information")
        if len(given) > 1:
            raise Refusal(401, "multiple authorization payloads detected")
        if project != PROJECT or not is_one_of(given[0], [self.key]):
            raise Refusal(403, "event submission rejected with_reason: ProjectId")

    def accept(self, incoming: IncomingRequest) -> AcceptedRequest:
        """Accept all of an envelope or nothing. Raises Refusal."""
        header, items = parse_envelope(incoming.body)
        records = list(self._records(header, items))
        return AcceptedRequest(records, {"id": header["event_id"]} if "event_id" in header else {})

    def explain(self, refusal: Refusal) -> dict[str, Any]:
        """Return the error document."""
        return {"detail": refusal.detail, "causes": []}

    def _records(self, header: dict[str, Any], items: list[ParsedItem]) -> Iterator[ReceivedRecord]:
        for item in items:
            key, summary = None, Summary(item.type)
            if item.type in _KEYED_ITEMS and len(item.payload) > self.event:
                raise Refusal(413, f"the {item.type} is larger than {self.event} bytes")
            if item.type in _JSON_ITEMS:
                payload = parse_object(item.payload, item.type)
                if check := _CHECKS.get(item.type):
                    check(payload)
                summary = of_item(item.type, payload)
                if item.type in _KEYED_ITEMS:
                    key = f"{item.type}:{_event_id(header, payload)}"
            yield ReceivedRecord(item.type, item.payload, key, {"envelope": header, "item": item.header}, summary)


def _event_id(header: dict[str, Any], payload: dict[str, Any]) -> str:
    """Copy the event's id to a header without one. Raises Refusal 400 if they differ."""
    event_id = check_event_id(payload.get("event_id"))
    if header.setdefault("event_id", event_id) != event_id:
        raise Refusal(400, "event_id of the envelope and of its event differ")
    return event_id
