"""The courier: one request at a time, from what waits to the receipt.

take -> encode -> payload schema -> ledger -> egress -> judge -> settle. Nothing is deleted before its end is
written down; nothing is sent that is not in the payload schema.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import anyio.lowlevel

from telemetry_sdk._internal.version import VERSION
from telemetry_sdk.encoders import sentry, statsig
from telemetry_sdk.encoders.compression import gzipped
from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.losses import CORRUPT, ENCODER_FAILED, NOT_IN_SCHEMA, LossReason
from telemetry_sdk.sanitizer.payload_schema import violation

from .backoff import Schedule
from .response_policy import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from telemetry_sdk.endpoints import Endpoint

    from ..egress.client import Answer, Egress
    from ..ledger import Ledger
    from ..policy.enabled_services import Consent
    from ..storage.shared_state import SharedState
    from .response_policy import Vendor, Verdict

VENDORS: Mapping[str, Vendor] = {"metrics": "statsig", "errors": "sentry"}
CATEGORIES = {"metrics": "", "errors": "error"}  # Sentry's rate-limit categories
BATCH = 1_000  # events of one request, as in the vendor's SDK
BREATH = 20  # records between two steps of the loop: the interpreter is let go about every 0.3 ms


class Parcel(Protocol):
    """Records of one kind with their context, from disk or from memory."""

    kind: str
    context: Mapping[str, Any]
    payloads: list[bytes]
    damaged: int
    name: str


class Waiting(Protocol):
    """What waits to be sent."""

    def parcels(self, kind: str, done: Sequence[str] = ()) -> Iterator[Any]:
        """Yield what waits of a kind, the oldest first; those named in `done` are only deleted."""
        ...

    def remove(self, parcels: Sequence[Any]) -> None:
        """Delete what has been sent or given up."""
        ...

    def split(self, parcel: Any) -> None:
        """Halve a parcel."""
        ...


class Guard(Protocol):
    """The right to send, held by one process at a time; `prepare` closes our own open segment."""

    def begin(self) -> bool:
        """Take the right; False if another has it."""
        ...

    def end(self) -> None:
        """Let others send."""
        ...

    def own_waiting(self) -> bool:
        """Tell whether something of this process waits."""
        ...


class Courier:
    """Sends batches and keeps each vendor's schedule, shared through the state."""

    def __init__(
        self,
        *,
        store: Waiting,
        guard: Guard,
        state: SharedState,
        endpoints: Mapping[str, Endpoint],
        egress: Egress,
        ledger: Ledger,
        consent: Consent,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._guard = guard
        self._state = state
        self._endpoints = endpoints
        self._egress = egress
        self._ledger = ledger
        self._consent = consent
        self._failed = failed
        self._schedules = {kind: Schedule() for kind in VENDORS}
        self._saved: dict[str, object] = {}
        self._tries: dict[str, int] = {}
        self._most = BATCH
        self._done: list[str] = []
        self.sending: str | None = None
        self.tried = False
        self.own_waiting: Callable[[], bool] = guard.own_waiting

    def begin(self) -> bool:
        """Take the right to send, and learn what other processes were told; False if another has it."""
        if not self._guard.begin():
            return False
        state = self._state.read()
        shared, done = state.get("schedule"), state.get("done")
        self._done = [name for name in done if type(name) is str] if type(done) is list else []
        for kind in VENDORS:
            found = shared.get(kind) if type(shared) is dict else None
            if found != self._saved.get(kind):
                self._saved[kind] = found
                self._schedules[kind] = Schedule.from_json(found, now=time.monotonic(), wall=time.time())
        return True

    def end(self) -> None:
        """Let others send."""
        self._guard.end()

    def wait(self, kind: str) -> float:
        """Return the seconds until the vendor may be asked again."""
        return self._schedules[kind].wait(time.monotonic(), CATEGORIES[kind])

    @property
    def healthy(self) -> bool:
        """Whether no vendor has failed us since its last answer."""
        return not any(schedule.failures or self.wait(kind) for kind, schedule in self._schedules.items())

    async def send(self, kind: str) -> bool:
        """Make one request of a kind; False if nothing of it may be sent."""
        endpoint = self._endpoints.get(kind)
        batch = self._batch(kind) if endpoint is not None else []
        if not batch or endpoint is None or not self._consent.for_request(kind):
            return False
        context: Any = batch[0].context
        refused: Counter[str] = Counter({CORRUPT: sum(parcel.damaged for parcel in batch)})
        encoded = await self._encoded(kind, batch, context, refused)
        if not encoded:
            self._settle(kind, batch, 0, refused)
            return True
        content, headers = self._request(kind, encoded, context, endpoint)
        judged = await self._posted(kind, endpoint, content, headers, batch, len(encoded))
        self._judge(kind, judged, batch, len(encoded), refused)
        return True

    def _batch(self, kind: str) -> list[Parcel]:
        """Take whole files up to a batch's size, all of one context; one error at a time."""
        batch: list[Parcel] = []
        events = 0
        for parcel in self._store.parcels(kind, self._done):
            fits = not batch or (
                kind == "metrics" and parcel.context == batch[0].context and events + len(parcel.payloads) <= self._most
            )
            if not fits:
                break
            batch.append(parcel)
            events += len(parcel.payloads)
            if kind == "errors":
                break
        return batch

    async def _encoded(
        self, kind: str, batch: Sequence[Parcel], context: Any, refused: Counter[str]
    ) -> list[tuple[str, dict[str, Any] | bytes]]:
        """Return the encoded records; count under `refused` what cannot be encoded or is not in the schema."""
        try:
            user = statsig.user(context) if kind == "metrics" else None
            if kind == "metrics" and violation("statsig_metadata", statsig.request_metadata(context)) is not None:
                refused[NOT_IN_SCHEMA] += sum(len(parcel.payloads) for parcel in batch)
                return []
        except Exception as error:  # must not be tried for ever: it would stand in the way of all else
            self._failed(error)
            refused[ENCODER_FAILED] += sum(len(parcel.payloads) for parcel in batch)
            return []
        encoded: list[tuple[str, dict[str, Any] | bytes]] = []
        for index, payload in enumerate(payload for parcel in batch for payload in parcel.payloads):
            found = self._payload(kind, payload, context, user)
            if isinstance(found, LossReason):
                refused[found] += 1
            else:
                encoded.append(found)
            if index % BREATH == 0:
                await anyio.lowlevel.checkpoint()
        return encoded

    def _payload(
        self, kind: str, payload: bytes, context: Any, user: Any
    ) -> tuple[str, dict[str, Any] | bytes] | LossReason:
        """Return an encoded record and its type, or why it is not sent."""
        try:
            record = json.loads(payload)
        except (ValueError, RecursionError):
            return CORRUPT
        try:
            item_type, made = (
                sentry.item(record, context) if kind == "errors" else ("statsig_event", statsig.event(record, user))
            )
            if violation(item_type, made) is not None:
                return NOT_IN_SCHEMA
            return item_type, statsig.encoded(made) if kind == "metrics" else made
        except Exception as error:
            self._failed(error)
            return ENCODER_FAILED

    def _request(
        self, kind: str, encoded: Sequence[tuple[str, Any]], context: Any, endpoint: Endpoint
    ) -> tuple[bytes, dict[str, str]]:
        """Return the body, before compression, and the headers."""
        if kind == "errors":
            sent_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return sentry.envelope(*encoded[0], sent_at=sent_at), sentry.headers(endpoint.key, VERSION)
        headers = statsig.headers(
            endpoint.key,
            count=len(encoded),
            now_ms=int(time.time() * 1000),
            session=context["session"],
            version=VERSION,
        )
        return statsig.body([event for _, event in encoded], statsig.request_metadata(context)), headers

    async def _posted(
        self,
        kind: str,
        endpoint: Endpoint,
        content: bytes,
        headers: dict[str, str],
        batch: Sequence[Parcel],
        count: int,
    ) -> Verdict:
        key = batch[0].name or str(id(batch[0]))
        tries = self._tries[key] = self._tries.get(key, 0) + 1
        if kind == "metrics":
            headers["statsig-retry"] = str(tries - 1)
        entry = self._ledger.attempt(service=kind, host=endpoint.host, content=content, count=count)
        answer: Answer | NetworkFailure
        self.sending, self.tried = kind, True
        try:
            answer = await self._egress.post(endpoint, headers=headers, body=gzipped(content))
            self._ledger.outcome(entry, status=answer.status)
        except NetworkFailure as failure:
            answer = failure
            self._ledger.outcome(entry, reason=str(failure))
        except BaseException:
            self._ledger.outcome(entry, reason="cancelled")
            raise
        finally:
            self.sending = None
        return verdict(
            VENDORS[kind],
            answer,
            single=sum(len(parcel.payloads) for parcel in batch) == 1,
            now=time.time(),
            rand=random.random,
            tries=tries,
            failures=self._schedules[kind].failures,
        )

    def _judge(
        self, kind: str, judged: Verdict, batch: Sequence[Parcel], count: int, refused: Mapping[str, int]
    ) -> None:
        schedule = self._schedules[kind] = self._schedules[kind].after(judged, now=time.monotonic(), rand=random.random)
        saved = self._saved[kind] = schedule.to_json(now=time.monotonic(), wall=time.time())

        def note(state: dict[str, Any]) -> None:
            table = state.get("schedule")
            state["schedule"] = {**(table if type(table) is dict else {}), kind: saved}

        self._state.change(note)
        if judged.action == "done":
            self._settle(kind, batch, count, refused)
        elif judged.action == "drop":
            self._settle(kind, batch, 0, {**refused, judged.reason: count})
        elif judged.action == "halve":
            self._most = max(1, min(self._most, count) // 2)
            for parcel in batch:
                if len(parcel.payloads) > self._most:
                    self._store.split(parcel)

    def _settle(self, kind: str, batch: Sequence[Parcel], delivered: int, dropped: Mapping[str, int]) -> None:
        names = [parcel.name for parcel in batch if parcel.name]
        settled = self._state.settle(names, kind, delivered=delivered, dropped=dropped)
        self._done += names
        self._store.remove(batch)
        if not settled:  # a full disk: what was just deleted made room
            self._state.settle(names, kind, delivered=delivered, dropped=dropped)
        for parcel in batch:
            self._tries.pop(parcel.name or str(id(parcel)), None)
