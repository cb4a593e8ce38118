"""Bug reports: one JSON string in one JSON object, with a key against doubles and a hash against damage."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from typing import Any

from .body import parse_object
from .refusal import Refusal
from .service import Accepted, Arrival, is_one_of
from .store import Record


@dataclass(frozen=True, slots=True)
class BugReports:
    """The service of bug reports."""

    token: str = field(repr=False)
    wire: int
    expanded: int
    name: str = "bug_reports"

    def authorize(self, arrival: Arrival) -> None:
        """Look for the token. Raises Refusal 401."""
        scheme, _, token = arrival.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not is_one_of(token.strip(), [self.token]):
            raise Refusal(401, "invalid or missing token")

    def accept(self, arrival: Arrival) -> Accepted:
        """Take a report; the same Idempotency-Key again is answered 409."""
        key = arrival.headers.get("idempotency-key")
        if not key:
            raise Refusal(400, "Idempotency-Key is missing")
        content = _content(arrival.body)
        given = arrival.headers.get("x-content-sha256", "").encode()
        if not hmac.compare_digest(given.lower(), hashlib.sha256(content).hexdigest().encode()):
            raise Refusal(400, "X-Content-SHA256 is not the hash of the content")
        feedback_id = str(uuid.uuid5(uuid.NAMESPACE_OID, key))  # the same for the same key: a repeat learns it too
        head = {"feedback_id": feedback_id, "idempotency_key": key}
        record = Record("report", content, key, head)
        return Accepted([record], {"feedback_id": feedback_id}, 200, status_if_known=409)

    def explain(self, refusal: Refusal) -> dict[str, Any]:
        """Say no in JSON."""
        return {"error": {"message": refusal.detail}}


def _content(body: bytes) -> bytes:
    content = parse_object(body).get("content")
    if not isinstance(content, str):
        raise Refusal(400, "content must be a string")
    try:
        text = content.encode()
    except UnicodeEncodeError:
        raise Refusal(400, "content holds half a surrogate pair") from None
    parse_object(text, "content")
    return text
