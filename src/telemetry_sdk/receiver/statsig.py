"""Statsig's `log_event`: 202, or why not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .body import parse_object
from .refusal import Refusal
from .service import Accepted, Arrival, is_one_of
from .shape import a_string, an_object, an_unsigned, objects, text_length
from .store import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRING = 64  # Statsig's limit of a string, in characters
_OBJECT = 4096  # Statsig's limit of an object, in characters of its JSON text
_INTERNAL = "statsig::"  # the vendor's own events, diagnostics and exposures: of no user, under no such limits


@dataclass(frozen=True, slots=True)
class Statsig:
    """The metrics service."""

    keys: tuple[str, ...] = field(repr=False)
    wire: int
    expanded: int
    name: str = "metrics"

    def authorize(self, arrival: Arrival) -> None:
        """Look for the key in its header. Raises Refusal 401."""
        if not is_one_of(arrival.headers.get("statsig-api-key", ""), self.keys):
            raise Refusal(401, "Invalid or missing STATSIG-API-KEY")

    def accept(self, arrival: Arrival) -> Accepted:
        """Take a batch whole, or refuse it whole."""
        body = parse_object(arrival.body)
        an_object(body.get("statsigMetadata", {}), "statsigMetadata")
        events = objects(body.get("events"), "events")
        records = [_record(event, f"events[{number}]") for number, event in enumerate(events)]
        return Accepted(records, {"success": True}, 202)

    def explain(self, refusal: Refusal) -> dict[str, Any]:
        """Say no in JSON."""
        return {"success": False, "message": refusal.detail}


def _record(event: dict[str, Any], at: str) -> Record:
    name = a_string(event.get("eventName"), f"{at}.eventName")
    an_unsigned(event.get("time"), f"{at}.time")
    if not name.startswith(_INTERNAL):
        _check_event(event, at)
    return Record("event", json.dumps(event, separators=(",", ":")).encode(), _uuid(event))


def _check_event(event: dict[str, Any], at: str) -> None:
    if not a_string(event["eventName"], f"{at}.eventName", _STRING):
        raise Refusal(400, f"{at}.eventName is empty")
    user = an_object(event.get("user"), f"{at}.user")
    a_string(user.get("userID"), f"{at}.user.userID", _STRING)
    for name, value in (("user", user), ("metadata", event.get("metadata"))):
        if value is not None and text_length(an_object(value, f"{at}.{name}")) > _OBJECT:
            raise Refusal(400, f"{at}.{name} is longer than {_OBJECT} characters as JSON")
    value = event.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        a_string(value, f"{at}.value", _STRING)


def _uuid(event: dict[str, Any]) -> str | None:
    """Find the id by which a duplicate is told: in the metadata, or in `custom` of the event or the user."""
    for place in _places(event):
        if isinstance(place, dict) and isinstance(found := an_object(place, "").get("event_uuid"), str):
            return found
    return None


def _places(event: dict[str, Any]) -> Iterator[Any]:
    yield event.get("metadata")
    yield event.get("custom")
    user = event.get("user")
    if isinstance(user, dict) and not event["eventName"].startswith(_INTERNAL):
        yield an_object(user, "").get("custom")  # the vendor's events share the user of the application's
