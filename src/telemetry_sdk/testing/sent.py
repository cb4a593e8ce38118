"""Decodes what clients sent."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

METRICS_PATH = "/log_event"
ERRORS_PATH = "/envelope/"


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request as the router saw it; `content` as sent, `encoding` its Content-Encoding."""

    method: str
    path: str
    content: bytes
    encoding: str

    @property
    def body(self) -> bytes:
        """The decompressed body."""
        return gzip.decompress(self.content) if self.encoding == "gzip" else self.content

    def json(self) -> Any:
        """Parse the body."""
        return json.loads(self.body)


def sent_metrics(requests: Iterable[SentRequest]) -> list[dict[str, Any]]:
    """Return the metric events, in Statsig's wire format."""
    batches = [request.json() for request in requests if request.path.endswith(METRICS_PATH)]
    return [event for batch in batches for event in batch["events"]]


def sent_errors(requests: Iterable[SentRequest]) -> list[dict[str, Any]]:
    """Return the error events, in Sentry's schema; other items of the envelopes are left out."""
    envelopes = [request.body for request in requests if request.path.endswith(ERRORS_PATH)]
    return [event for envelope in envelopes for event in _events(envelope)]


def sent_bug_reports(requests: Iterable[SentRequest]) -> list[dict[str, Any]]:
    """Return the bug reports: what is posted anywhere else."""
    posts = [request for request in requests if request.method == "POST"]
    return [json.loads(post.json()["content"]) for post in posts if not post.path.endswith((METRICS_PATH, ERRORS_PATH))]


def _events(envelope: bytes) -> list[dict[str, Any]]:
    """Return an envelope's events; each item is a line of header and a line of JSON."""
    _, *lines = envelope.split(b"\n")
    items = zip(lines[::2], lines[1::2], strict=False)
    return [json.loads(payload) for header, payload in items if json.loads(header)["type"] == "event"]
