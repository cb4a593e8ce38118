"""Sends one batch at a time: take, encode, check, ledger, request, decide, settle.

A batch is marked as being sent before its request, and settled after it. Nothing leaves that is not in the payload
schema.
"""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING, Any

import anyio.lowlevel

from telemetry_sdk._internal.services import RECORDED
from telemetry_sdk.encoders.sentry import ErrorEncoder
from telemetry_sdk.encoders.statsig import EventEncoder
from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.losses import CORRUPT, ENCODER_FAILED, LOCAL_MODE, NOT_IN_SCHEMA, OPTED_OUT, LossReason
from telemetry_sdk.spool.batch import BATCH_EVENTS
from telemetry_sdk.spool.segment_name import DELIVERED

from .backoff import Backoff
from .response_policy import TRIES, Decision, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from telemetry_sdk._internal.diagnostics import Diagnostics
    from telemetry_sdk.egress.client import Egress
    from telemetry_sdk.endpoints import Endpoint
    from telemetry_sdk.ledger import Ledger
    from telemetry_sdk.policy.current import CurrentPolicy
    from telemetry_sdk.spool.batch import Batch
    from telemetry_sdk.spool.interface import Spool
    from telemetry_sdk.storage.shared_state import SharedState

    from .rate_limits import Rand
    from .response_policy import Vendor

VENDORS: Mapping[str, Vendor] = {"metrics": "statsig", "errors": "sentry"}
ENCODERS = {"metrics": EventEncoder, "errors": ErrorEncoder}
SLICE = 20  # records between two steps of the loop: the interpreter is released about every 0.3 ms
CATEGORIES = {"metrics": "", "errors": "error"}  # Sentry's rate-limit categories


class _Encoded:
    """The encoded records of one request."""

    def __init__(self, encoder: Any, parts: list[bytes]) -> None:
        self.encoder = encoder
        self.parts = parts
        self.count = len(parts)


class BatchSender:
    """Sends what waits in a spool and keeps each vendor's back-off, shared through the state.

    `clock`: monotonic seconds; `wall`: seconds since the epoch.
    """

    def __init__(
        self,
        spool: Spool,
        state: SharedState,
        endpoints: Mapping[str, Endpoint],
        egress: Egress,
        ledger: Ledger,
        policy: CurrentPolicy,
        diagnostics: Diagnostics,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        rand: Rand = random.random,
    ) -> None:
        self._spool = spool
        self._state = state
        self._endpoints = endpoints
        self._egress = egress
        self._ledger = ledger
        self._policy = policy
        self._diagnostics = diagnostics
        self._clock = clock
        self._wall = wall
        self._rand = rand
        self._backoffs: dict[str, Backoff] = {}
        self._shared: dict[str, object] = {}
        self._limit = BATCH_EVENTS
        self.sending: str | None = None

    def lock(self) -> bool:
        """Become the sender and read other processes' back-off; False if another process is the sender."""
        if not self._spool.lock():
            return False
        shared = self._state.read().get("backoff")
        for service in RECORDED:
            found = shared.get(service) if type(shared) is dict else None
            if found != self._shared.get(service):
                self._shared[service] = found
                self._backoffs[service] = Backoff.from_json(found, now=self._clock(), wall=self._wall())
        return True

    def unlock(self) -> None:
        """Let others send."""
        self._spool.unlock()

    def holds_own(self) -> bool:
        """Tell whether records of this run wait."""
        return self._spool.holds_own()

    def wait(self, service: str) -> float:
        """Return the seconds until the vendor may be asked again."""
        backoff = self._backoffs.get(service)
        return 0.0 if backoff is None else backoff.wait(self._clock(), CATEGORIES[service])

    @property
    def delivers(self) -> bool:
        """Whether records leave this machine: not in local mode."""
        return not self._policy.local

    @property
    def healthy(self) -> bool:
        """Whether no vendor has failed since its last good response."""
        return not any(backoff.failures or self.wait(service) for service, backoff in self._backoffs.items())

    async def send(self, service: str) -> bool:
        """Make one request; False if nothing of the service may be sent."""
        endpoint = self._endpoints.get(service)
        if endpoint is None or not self._policy.check(service):
            return False
        batch = self._spool.take(service, self._limit)
        if batch is None:
            return False
        fates: list[list[str]] = [[] for _ in batch.segments]
        tried = False
        try:
            tried = await self._deliver(batch, endpoint, fates)
        finally:
            self._spool.settle(batch, fates, tried=tried)
        return True

    async def _deliver(self, batch: Batch, endpoint: Endpoint, fates: list[list[str]]) -> bool:
        """Send a batch and note the fates of its records; return whether the server failed on it."""
        if self._policy.revoked_since(batch.service, batch.header.get("revocations")):
            _settle(batch, fates, [OPTED_OUT] * len(batch.payloads))
            return False
        encoded, losses = await self._encode(batch)
        if encoded is None:
            _settle(batch, fates, losses)
            return False
        if self._policy.local:
            self._record_locally(batch, endpoint, encoded)
            _settle(batch, fates, [loss or LOCAL_MODE for loss in losses])
            return False
        decision = await self._post(batch, endpoint, encoded)
        self._note(batch.service, decision)
        if decision.action == "done":
            _settle(batch, fates, losses)
        elif decision.action == "drop" and decision.reason is not None:
            _settle(batch, fates, [loss or decision.reason for loss in losses])
        elif decision.action == "halve":
            self._limit = max(1, min(self._limit, encoded.count) // 2)
        elif decision.tried and decision.reason is not None:
            _settle_last_tries(batch, fates, losses, decision.reason)
        return decision.tried

    async def _encode(self, batch: Batch) -> tuple[_Encoded | None, list[LossReason | None]]:
        """Encode a batch, at most `_limit` records; return it, None if nothing is left, and each record's loss."""
        payloads = batch.payloads[: self._limit]
        try:
            encoder: Any = ENCODERS[batch.service](batch.header["metadata"])
        except Exception as error:  # metadata that is none of ours
            self._diagnostics.failed(error)
            return None, [ENCODER_FAILED] * len(payloads)
        parts: list[bytes] = []
        losses: list[LossReason | None] = []
        for index, payload in enumerate(payloads):
            part = self._encode_record(encoder, payload)
            losses.append(part if isinstance(part, LossReason) else None)
            if not isinstance(part, LossReason):
                parts.append(part)
            if index % SLICE == 0:
                await anyio.lowlevel.checkpoint()
        return (_Encoded(encoder, parts) if parts else None), losses

    def _encode_record(self, encoder: Any, payload: bytes | None) -> bytes | LossReason:
        """Return an encoded record, or why it is not sent."""
        try:
            record = None if payload is None else json.loads(payload)
        except (ValueError, RecursionError):
            record = None
        if record is None:
            return CORRUPT
        try:
            found: bytes | None = encoder.encode(record)
        except Exception as error:  # a record that is none of ours: it must not be tried for ever
            self._diagnostics.failed(error)
            return ENCODER_FAILED
        return NOT_IN_SCHEMA if found is None else found

    def _record_locally(self, batch: Batch, endpoint: Endpoint, encoded: _Encoded) -> None:
        """Write the ledger's entry of a request that is not made."""
        body, _ = encoded.encoder.request(encoded.parts, endpoint.key, 0)
        entry = self._ledger.attempt(service=batch.service, host=endpoint.host, content=body, count=encoded.count)
        self._ledger.outcome(entry, reason="not sent: local mode")

    async def _post(self, batch: Batch, endpoint: Endpoint, encoded: _Encoded) -> Decision:
        service = batch.service
        tries = max(segment.tries for segment in batch.segments)
        body, headers = encoded.encoder.request(encoded.parts, endpoint.key, tries)
        entry = None
        if batch.header.get("ledger"):
            entry = self._ledger.attempt(service=service, host=endpoint.host, content=body, count=encoded.count)
        response: Any
        self.sending = service
        try:
            response = await self._egress.post(endpoint, headers=headers, body=body, compress=True)
            self._ledger.outcome(entry, status=response.status)
        except NetworkFailure as failure:
            response = failure
            self._ledger.outcome(entry, reason=str(failure))
        except BaseException:
            self._ledger.outcome(entry, reason="cancelled")
            raise
        finally:
            self.sending = None
        return decide(
            VENDORS[service],
            response,
            single=encoded.count == 1,
            now=self._wall(),
            rand=self._rand,
            failures=self._backoff(service).failures,
        )

    def _backoff(self, service: str) -> Backoff:
        return self._backoffs.get(service) or Backoff()

    def _note(self, service: str, decision: Decision) -> None:
        """Update the vendor's back-off, here and for other processes."""
        now = self._clock()
        backoff = self._backoffs[service] = self._backoff(service).after(decision, now=now, rand=self._rand)
        shared = self._shared[service] = backoff.to_json(now=now, wall=self._wall())

        def edit(state: dict[str, Any]) -> None:
            table = state.get("backoff")
            state["backoff"] = {**(table if type(table) is dict else {}), service: shared}

        self._state.change(edit)


def _settle(batch: Batch, fates: list[list[str]], losses: Sequence[LossReason | None]) -> None:
    """Give the first records their fates, one for each of `losses`: delivered where it is None."""
    for some, each in zip(fates, _by_segment(batch, losses), strict=True):
        some.extend(loss or DELIVERED for loss in each)


def _settle_last_tries(
    batch: Batch, fates: list[list[str]], losses: Sequence[LossReason | None], reason: LossReason
) -> None:
    """Drop the segments on which the server has now failed five times; the others wait again."""
    for segment, some, each in zip(batch.segments, fates, _by_segment(batch, losses), strict=True):
        if segment.tries + 1 >= TRIES:
            some.extend(loss or reason for loss in each)


def _by_segment(batch: Batch, losses: Sequence[LossReason | None]) -> Iterator[Sequence[LossReason | None]]:
    """Yield each segment's part of a list that begins with the batch's first record."""
    position = 0
    for segment in batch.segments:
        yield losses[position : position + len(segment.payloads)]
        position += len(segment.payloads)
