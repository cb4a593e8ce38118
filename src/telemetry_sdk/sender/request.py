"""Encodes a batch into the body and headers of one request, checked against the payload schema."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from json import loads
from typing import TYPE_CHECKING, Any

import anyio.lowlevel

from telemetry_sdk._internal.services import ERRORS
from telemetry_sdk._internal.version import VERSION
from telemetry_sdk.encoders import sentry, statsig
from telemetry_sdk.losses import CORRUPT, ENCODER_FAILED, NOT_IN_SCHEMA, LossReason
from telemetry_sdk.sanitizer.payload_schema import violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk._internal.diagnostics import Diagnostics
    from telemetry_sdk.endpoints import Endpoint
    from telemetry_sdk.spool.batch import Batch

SLICE = 20  # records between two steps of the loop: the interpreter is released about every 0.3 ms


@dataclass(frozen=True, slots=True)
class Request:
    """`body`: before compression; `count`: records in it; `losses`: for each of the records why it is not, or None."""

    body: bytes
    headers: Mapping[str, str]
    count: int
    losses: list[LossReason | None]


async def encode(batch: Batch, limit: int, endpoint: Endpoint, diagnostics: Diagnostics) -> Request:
    """Encode the first `limit` records of a batch, those that may be sent. Never raises."""
    payloads = batch.payloads[:limit]
    try:
        encoder = ErrorEncoder(batch) if batch.service == ERRORS else EventEncoder(batch)
    except Exception as error:  # metadata that is none of ours
        diagnostics.failed(error)
        return Request(b"", {}, 0, [ENCODER_FAILED] * len(payloads))
    encoded: list[bytes] = []
    losses: list[LossReason | None] = []
    for index, payload in enumerate(payloads):
        item = _encoded(encoder, payload, diagnostics)
        if isinstance(item, LossReason):
            losses.append(item)
        else:
            losses.append(None)
            encoded.append(item)
        if index % SLICE == 0:
            await anyio.lowlevel.checkpoint()
    if not encoded:
        return Request(b"", {}, 0, losses)
    tries = max(segment.tries for segment in batch.segments)
    return Request(encoder.body(encoded), encoder.headers(endpoint.key, len(encoded), tries), len(encoded), losses)


class ErrorEncoder:
    """Encodes an error as an envelope of one item."""

    def __init__(self, batch: Batch) -> None:
        self._metadata: Any = batch.header["metadata"]

    def encode(self, record: Any) -> bytes | None:
        """Return the envelope; None if the item is not in the payload schema."""
        kind, item = sentry.item(record, self._metadata)
        return None if violation(kind, item) else sentry.envelope(kind, item, sent_at=_now())

    def body(self, encoded: list[bytes]) -> bytes:
        """Return the body of a request."""
        return encoded[0]

    def headers(self, key: str, count: int, tries: int) -> dict[str, str]:  # noqa: ARG002 - Sentry's wire has neither
        """Return the headers of a request."""
        return sentry.headers(key, VERSION)


class EventEncoder:
    """Encodes metric events; the user and the request's metadata are the same for all of a batch."""

    def __init__(self, batch: Batch) -> None:
        metadata: Any = batch.header["metadata"]
        self._session: str = metadata["session"]
        self._user = statsig.user(metadata)
        self._request_metadata = statsig.request_metadata(metadata)
        self._refused = violation("statsig_metadata", self._request_metadata)

    def encode(self, record: Any) -> bytes | None:
        """Return the event; None if it is not in the payload schema."""
        event = statsig.event(record, self._user)
        return None if self._refused or violation("statsig_event", event) else statsig.encoded(event)

    def body(self, encoded: list[bytes]) -> bytes:
        """Return the body of a request."""
        return statsig.body(encoded, self._request_metadata)

    def headers(self, key: str, count: int, tries: int) -> dict[str, str]:
        """Return the headers of a request."""
        now_ms = int(time.time() * 1000)
        return statsig.headers(key, count=count, now_ms=now_ms, session=self._session, version=VERSION, retry=tries)


def _encoded(
    encoder: ErrorEncoder | EventEncoder, payload: bytes | None, diagnostics: Diagnostics
) -> bytes | LossReason:
    """Return an encoded record, or why it is not sent."""
    try:
        record = None if payload is None else loads(payload)
    except (ValueError, RecursionError):
        record = None
    if record is None:
        return CORRUPT
    try:
        return encoder.encode(record) or NOT_IN_SCHEMA
    except Exception as error:  # a record that is none of ours: it must not be tried for ever
        diagnostics.failed(error)
        return ENCODER_FAILED


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
