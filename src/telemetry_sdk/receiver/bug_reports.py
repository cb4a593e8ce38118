"""The bug-report service: `{"content": "<JSON>"}` with an Idempotency-Key and the content's SHA-256."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from typing import Any

from .body import parse_object
from .errors import Refusal
from .service import AcceptedRequest, IncomingRequest, Service, is_one_of
from .store import ReceivedRecord
from .summary import of_report


@dataclass(frozen=True, slots=True)
class BugReportService(Service):
    """Accepts bug reports."""

    token: str = field(repr=False)
    wire: int
    expanded: int
    name: str = "bug_reports"

    def authorize(self, incoming: IncomingRequest) -> None:
        """Check the bearer token. Raises Refusal 401."""
        scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not is_one_of(token.strip(), [self.token]):
            raise Refusal(401, "invalid or missing token")

    def accept(self, incoming: IncomingRequest) -> AcceptedRequest:
        """Accept a report; a repeated Idempotency-Key is answered 409. Raises Refusal 400."""
        key = incoming.headers.get("idempotency-key")
        if not key:
            raise Refusal(400, "Idempotency-Key is missing")
        content, report = _content(incoming.body)
        body = content.encode()
        given = incoming.headers.get("x-content-sha256", "").encode()
        if not hmac.compare_digest(given.lower(), hashlib.sha256(body).hexdigest().encode()):
            raise Refusal(400, "X-Content-SHA256 is not the hash of the content")
        feedback_id = str(uuid.uuid5(uuid.NAMESPACE_OID, key))  # derived from the key: a repeat gets the same id
        head = {"feedback_id": feedback_id, "idempotency_key": key}
        record = ReceivedRecord("report", body, key, head, of_report(content, report))
        return AcceptedRequest([record], {"feedback_id": feedback_id}, 200, status_if_known=409)

    def explain(self, refusal: Refusal) -> dict[str, Any]:
        """Return the error document."""
        return {"error": {"message": refusal.detail}}


def _content(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the report's text and the report."""
    content = parse_object(body).get("content")
    if not isinstance(content, str):
        raise Refusal(400, "content must be a string")
    try:
        text = content.encode()
    except UnicodeEncodeError:
        raise Refusal(400, "content holds half a surrogate pair") from None
    return content, parse_object(text, "content")
