"""Sends one batch at a time: take, encode, check, ledger, request, decide, settle.

A batch is marked as being sent before its request, and settled after it. Nothing leaves that is not in the payload
schema. A request of metrics holds events of several runs; if it is refused, its runs are sent in two halves.
"""

from __future__ import annotations

import random
import time
from binascii import crc32
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

import anyio.lowlevel

from telemetry_sdk._internal.clock import monotonic
from telemetry_sdk._internal.in_flight import InFlight
from telemetry_sdk._internal.services import ERRORS, METRICS
from telemetry_sdk._internal.switch_interval import ShortSwitchInterval
from telemetry_sdk.encoders.sentry import ErrorEncoder
from telemetry_sdk.encoders.statsig import EventEncoder
from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.losses import CORRUPT, ENCODER_FAILED, EXPIRED, LOCAL_MODE, NOT_IN_SCHEMA, OPTED_OUT, LossReason
from telemetry_sdk.spool.batch import BATCH_EVENTS
from telemetry_sdk.spool.segment_name import DELIVERED

from .response_policy import TRIES, Decision, decide
from .shared_backoff import SharedBackoff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from telemetry_sdk._internal.diagnostics import Diagnostics
    from telemetry_sdk.egress.client import Egress
    from telemetry_sdk.endpoints import Endpoint
    from telemetry_sdk.ledger import Ledger
    from telemetry_sdk.policy.current import CurrentPolicy
    from telemetry_sdk.spool.batch import Batch, RunRecords
    from telemetry_sdk.spool.interface import Spool
    from telemetry_sdk.storage.shared_state import SharedState

    from .rate_limits import Rand
    from .response_policy import Vendor

VENDORS: Mapping[str, Vendor] = {"metrics": "statsig", "errors": "sentry"}
ENCODERS = {"metrics": EventEncoder, "errors": ErrorEncoder}
SWITCH = 0.0003  # seconds that a host's thread waits at most for the interpreter while a request is made
SLICE = 200  # records between two steps of the loop, about 1.5 ms; each step waits for every busy thread of the host


class EncodedBatch:
    """The encoded first records of a batch, and what became of those that are not in the request.

    `losses`: for each record the loss reason, None if it is in the request. `ends`: for each run in the request, how
    many records end with it.
    """

    def __init__(self) -> None:
        self.encoders: list[Any] = []
        self.parts: list[bytes] = []
        self.losses: list[LossReason | None] = []
        self.ends: list[int] = []

    def request(self, key: str, tries: int) -> tuple[bytes, dict[str, str]]:
        """Return body and headers, made by the encoder of one run: at random, but the same whoever sends."""
        encoder = self.encoders[crc32(self.parts[0]) % len(self.encoders)]
        made: tuple[bytes, dict[str, str]] = encoder.request(self.parts, key, tries)
        return made

    @property
    def half(self) -> int:
        """The number of records in the first half of the runs; 0: there is one run only."""
        return self.ends[len(self.ends) // 2 - 1] if len(self.ends) > 1 else 0


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
        clock: Callable[[], float] = monotonic,
        wall: Callable[[], float] = time.time,
        rand: Rand = random.random,
    ) -> None:
        self.spool = spool
        self._endpoints = endpoints
        self._egress = egress
        self._ledger = ledger
        self._policy = policy
        self._diagnostics = diagnostics
        self._wall = wall
        self._rand = rand
        self.backoff = SharedBackoff(state, clock=clock, wall=wall, rand=rand)
        self.in_flight = InFlight()
        self._limit = BATCH_EVENTS  # records of a request: fewer after a 413
        self._refused = BATCH_EVENTS  # the same, after a refusal, until requests are taken again

    def lock(self, *, close_segment: bool = False) -> bool:
        """Become the sender and read other processes' back-off; False if another process is the sender.

        `close_segment`: what this run writes at present is sent, too.
        """
        if not self.spool.lock(close_segment=close_segment):
            return False
        self.backoff.refresh()
        return True

    def unlock(self) -> bool:
        """Let others send; True if records of others arrived since the last look, which nobody else may send now."""
        return self.spool.unlock()

    def sendable(self, services: Iterable[str]) -> list[str]:
        """Return those of the services that are on and have an endpoint."""
        return [name for name in services if name in self._endpoints and self._policy.check(name)]

    @property
    def delivers(self) -> bool:
        """Whether records leave this machine: not in local mode."""
        return not self._policy.local

    async def send(self, service: str) -> bool:
        """Make one request; False if nothing of the service may be sent."""
        endpoint = self._endpoints.get(service)
        if endpoint is None or not self._policy.check(service):
            return False
        batch = self.spool.take(service, min(self._limit, self._refused))
        if batch is None:
            return False
        fates: list[list[str]] = [[] for _ in batch.segments]
        tried = 0
        try:
            tried = await self._deliver(batch, endpoint, fates)
        finally:
            self.spool.settle(batch, fates, tried=tried)
            self.in_flight.settle()
        return True

    async def _deliver(self, batch: Batch, endpoint: Endpoint, fates: list[list[str]]) -> int:
        """Send a batch and note the fates of its records; return on how many of them the server failed."""
        with ShortSwitchInterval(SWITCH):
            encoded = await self._encode(batch)
        losses = encoded.losses
        if not encoded.parts:
            _settle(batch, fates, losses)
            return 0
        if self._policy.local:
            self._record_locally(batch, endpoint, encoded)
            _settle(batch, fates, [loss or LOCAL_MODE for loss in losses])
            return 0
        decision = await self._post(batch, endpoint, encoded)
        self.backoff.note(batch.service, decision, endpoint.host)
        line = decision.describe(endpoint.host, len(encoded.parts), self.backoff.wait(batch.service))
        self._diagnostics.log(f"{batch.service}: {line}")
        if decision.action == "done":
            self._refused = min(BATCH_EVENTS, 2 * self._refused)
            _settle(batch, fates, losses)
        elif decision.action == "drop" and encoded.half:
            self._refused = encoded.half
        elif decision.action == "drop" and decision.reason is not None:
            _settle(batch, fates, [loss or decision.reason for loss in losses])
        elif decision.action == "halve":
            self._limit = max(1, min(self._limit, len(encoded.parts)) // 2)
        elif decision.tried and decision.reason is not None:
            _settle_last_tries(batch, fates, losses, decision.reason)
        return len(losses) if decision.tried else 0

    async def _encode(self, batch: Batch) -> EncodedBatch:
        """Encode the first records of a batch: one error, or as many events as a request may hold."""
        encoded = EncodedBatch()
        left = min(self._limit, self._refused) if batch.service == METRICS else 1
        for run in batch.runs:
            payloads = run.payloads[: left - len(encoded.losses)]
            if payloads:
                await self._encode_run(batch.service, run, payloads, encoded)
        return encoded

    async def _encode_run(
        self, service: str, run: RunRecords, payloads: list[bytes | None], encoded: EncodedBatch
    ) -> None:
        encoder = self._encoder(service, run)
        before = len(encoded.parts)
        for start in range(0, len(payloads), SLICE):
            for payload in payloads[start : start + SLICE]:
                found: Any = encoder
                try:
                    if not isinstance(encoder, LossReason):
                        found = CORRUPT if payload is None else encoder.encode(payload) or NOT_IN_SCHEMA
                except (JSONDecodeError, UnicodeDecodeError, RecursionError):
                    found = CORRUPT
                except Exception as error:  # a record that is none of ours: it must not be tried for ever
                    self._diagnostics.failed(error)
                    found = ENCODER_FAILED
                encoded.losses.append(found if isinstance(found, LossReason) else None)
                if not isinstance(found, LossReason):
                    encoded.parts.append(found)
            if start + SLICE < len(payloads):
                await anyio.lowlevel.checkpoint()
        if len(encoded.parts) > before:
            encoded.encoders.append(encoder)
            encoded.ends.append(len(encoded.losses))

    def _encoder(self, service: str, run: RunRecords) -> Any:
        """Return the encoder of a run's records, or why none of them is sent."""
        if self._policy.revoked_since(service, run.header.get("revocations")):
            return OPTED_OUT
        if run.expired:
            return EXPIRED
        try:
            return ENCODERS[service](run.header["metadata"])
        except Exception as error:  # metadata that is none of ours
            self._diagnostics.failed(error)
            return ENCODER_FAILED

    def _record_locally(self, batch: Batch, endpoint: Endpoint, encoded: EncodedBatch) -> None:
        """Write the ledger's entry of a request that is not made."""
        body, _ = encoded.request(endpoint.key, 0)
        entry = self._ledger.attempt(service=batch.service, host=endpoint.host, content=body, count=len(encoded.parts))
        self._ledger.outcome(entry, reason="not sent: local mode")

    async def _post(self, batch: Batch, endpoint: Endpoint, encoded: EncodedBatch) -> Decision:
        service, count = batch.service, len(encoded.parts)
        tries = max(segment.tries for segment in batch.segments)
        entry = None
        with ShortSwitchInterval(SWITCH):
            body, headers = encoded.request(endpoint.key, tries)
            if batch.runs[0].header.get("ledger"):
                entry = self._ledger.attempt(service=service, host=endpoint.host, content=body, count=count)
        if service == ERRORS:
            self.backoff.draw()
        response: Any
        try:
            response = await self._egress.post(
                endpoint, headers=headers, body=body, leave=self.in_flight.leave, compress=True
            )
            self._ledger.outcome(entry, status=response.status)
        except NetworkFailure as failure:
            response = failure
            self._ledger.outcome(entry, reason=str(failure))
        except BaseException:
            self._ledger.outcome(entry, reason="cancelled")
            raise
        return decide(VENDORS[service], response, single=count == 1, now=self._wall(), rand=self._rand)


def _settle(batch: Batch, fates: list[list[str]], losses: list[LossReason | None]) -> None:
    """Give the first records their fates, one for each of `losses`: delivered where it is None."""
    for some, each in zip(fates, batch.by_segment(losses), strict=True):
        some.extend(loss or DELIVERED for loss in each)


def _settle_last_tries(
    batch: Batch, fates: list[list[str]], losses: list[LossReason | None], reason: LossReason
) -> None:
    """Drop the records of segments on which the server has now failed five times; the others wait again."""
    for segment, some, each in zip(batch.segments, fates, batch.by_segment(losses), strict=True):
        if segment.tries + 1 >= TRIES:
            some.extend(loss or reason for loss in each)
