"""Parses Sentry envelopes: a header line of JSON, then items, each a header line and a payload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .body import parse_object
from .errors import Refusal
from .sentry_schema import check_event_id, check_timestamp


@dataclass(frozen=True, slots=True)
class ParsedItem:
    """One item: its header, and its payload unchanged."""

    type: str
    header: dict[str, Any]
    payload: bytes


def parse_envelope(body: bytes) -> tuple[dict[str, Any], list[ParsedItem]]:
    """Split an envelope into its header and its items. Raises Refusal 400."""
    if not body.strip():
        raise Refusal(400, "empty request body")
    line, at = _line(body, 0)
    header = parse_object(line, "envelope header")
    if "event_id" in header:
        check_event_id(header["event_id"])
    if "sent_at" in header:
        check_timestamp(header["sent_at"], "sent_at")
    items: list[ParsedItem] = []
    while at < len(body):
        line, at = _line(body, at)
        if not line.strip():
            continue
        item, at = _item(parse_object(line, "item header"), body, at)
        items.append(item)
    return header, items


def _item(header: dict[str, Any], body: bytes, at: int) -> tuple[ParsedItem, int]:
    kind = header.get("type")
    if not isinstance(kind, str) or not kind:
        raise Refusal(400, "item header has no type")
    length = header.get("length")
    if length is None:  # without a length the payload is one line
        payload, after = _line(body, at)
        return ParsedItem(kind, header, payload), after
    if type(length) is not int or length < 0:
        raise Refusal(400, "item length must be an unsigned integer")
    end = at + length
    if end > len(body):
        raise Refusal(400, "item is shorter than its length")
    if body[end : end + 1] not in {b"", b"\n"}:
        raise Refusal(400, "item is longer than its length")
    return ParsedItem(kind, header, body[at:end]), end + 1


def _line(body: bytes, at: int) -> tuple[bytes, int]:
    end = body.find(b"\n", at)
    return (body[at:], len(body)) if end < 0 else (body[at:end], end + 1)
