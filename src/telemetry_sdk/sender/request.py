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
    encoded: list[Any] = []
    losses: list[LossReason | None] = []
    for index, payload in enumerate(batch.payloads[:limit]):
        item = _item(batch, payload, diagnostics)
        if isinstance(item, LossReason):
            losses.append(item)
        else:
            losses.append(None)
            encoded.append(item)
        if index % SLICE == 0:
            await anyio.lowlevel.checkpoint()
    if not encoded:
        return Request(b"", {}, 0, losses)
    if batch.service == ERRORS:
        return Request(encoded[0], sentry.headers(endpoint.key, VERSION), 1, losses)
    metadata: Any = batch.header["metadata"]
    headers = statsig.headers(
        endpoint.key,
        count=len(encoded),
        now_ms=int(time.time() * 1000),
        session=metadata["session"],
        version=VERSION,
        retry=max(segment.tries for segment in batch.segments),
    )
    return Request(statsig.body(encoded, metadata), headers, len(encoded), losses)


def _item(batch: Batch, payload: bytes | None, diagnostics: Diagnostics) -> bytes | LossReason:
    """Return an event, or an envelope of one item; or why the record is not sent."""
    if payload is None:
        return CORRUPT
    metadata: Any = batch.header["metadata"]
    try:
        record = loads(payload)
    except (ValueError, RecursionError):
        return CORRUPT
    try:
        if batch.service == ERRORS:
            kind, item = sentry.item(record, metadata)
            return NOT_IN_SCHEMA if violation(kind, item) else sentry.envelope(kind, item, sent_at=_now())
        event = statsig.event(record, metadata)
        return NOT_IN_SCHEMA if violation("metrics", event) else statsig.packed(event)
    except Exception as error:  # a record that is none of ours: it must not be tried for ever
        diagnostics.failed(error)
        return ENCODER_FAILED


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
