"""Statsig's `log_event` endpoint: authorization, limits, records."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .body import parse_object
from .errors import Refusal
from .service import AcceptedRequest, IncomingRequest, Service, is_one_of
from .store import ReceivedRecord
from .summary import of_metric
from .validation import require_object, require_objects, require_string, require_unsigned, text_length

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRING = 64  # Statsig's limit of a string, in characters
_OBJECT = 4096  # Statsig's limit of an object, in characters of its JSON text
_INTERNAL = "statsig::"  # the vendor's diagnostics and exposures: no user required, no such limits


@dataclass(frozen=True, slots=True)
class StatsigService(Service):
    """Accepts batches of metric events."""

    keys: tuple[str, ...] = field(repr=False)
    wire: int
    expanded: int
    name: str = "metrics"

    def authorize(self, incoming: IncomingRequest) -> None:
        """Check the key. Raises Refusal 401."""
        if not is_one_of(incoming.headers.get("statsig-api-key", ""), self.keys):
            raise Refusal(401, "Invalid or missing STATSIG-API-KEY")

    def accept(self, incoming: IncomingRequest) -> AcceptedRequest:
        """Accept all of a batch or nothing. Raises Refusal 400."""
        body = parse_object(incoming.body)
        require_object(body.get("statsigMetadata", {}), "statsigMetadata")
        events = require_objects(body.get("events"), "events")
        records = [_record(event, f"events[{number}]") for number, event in enumerate(events)]
        return AcceptedRequest(records, {"success": True}, 202)

    def explain(self, refusal: Refusal) -> dict[str, Any]:
        """Return the error document."""
        return {"success": False, "message": refusal.detail}


def _record(event: dict[str, Any], at: str) -> ReceivedRecord:
    name = require_string(event.get("eventName"), f"{at}.eventName")
    require_unsigned(event.get("time"), f"{at}.time")
    if not name.startswith(_INTERNAL):
        _check_event(event, at)
    body = json.dumps(event, separators=(",", ":")).encode()
    return ReceivedRecord("event", body, _uuid(event), summary=of_metric(event))


def _check_event(event: dict[str, Any], at: str) -> None:
    if not require_string(event["eventName"], f"{at}.eventName", _STRING):
        raise Refusal(400, f"{at}.eventName is empty")
    user = require_object(event.get("user"), f"{at}.user")
    require_string(user.get("userID"), f"{at}.user.userID", _STRING)
    for name, value in (("user", user), ("metadata", event.get("metadata"))):
        if value is not None and text_length(require_object(value, f"{at}.{name}")) > _OBJECT:
            raise Refusal(400, f"{at}.{name} is longer than {_OBJECT} characters as JSON")
    value = event.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        require_string(value, f"{at}.value", _STRING)


def _uuid(event: dict[str, Any]) -> str | None:
    """Return the id that identifies duplicates: in the metadata, or in `custom` of the event or the user."""
    for holder in _id_holders(event):
        if isinstance(holder, dict) and isinstance(found := require_object(holder, "").get("event_uuid"), str):
            return found
    return None


def _id_holders(event: dict[str, Any]) -> Iterator[Any]:
    yield event.get("metadata")
    yield event.get("custom")
    user = event.get("user")
    if isinstance(user, dict) and not event["eventName"].startswith(_INTERNAL):
        yield require_object(user, "").get("custom")  # the vendor's events share the user of the application's events
