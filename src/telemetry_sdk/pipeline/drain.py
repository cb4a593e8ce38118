"""queue -> gate -> spool: plain synchronous code under one try-lock, in slices.

The writer thread runs it; at exit the exiting thread does. It imports nothing heavy.
"""

from __future__ import annotations

import _thread

from ..losses import OPTED_OUT, SANITIZER_FAILED, SPOOL_FAILED, TOO_LARGE, LossReason
from ..spool import record_format as framing
from ..storage.installation_id import new_uuid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..losses import Accounts
    from ..policy.enabled_services import Consent
    from ..queue.queue import Queue
    from .interfaces import Cleans, Keeps

SLICE_EVENTS = 50  # about 0.3 ms: the host's loop then lags hardly more than without us
SLICE_ERRORS = 2


class Drain:
    """Takes from the queue, cleans, keeps. Every record taken is spooled or dropped under a reason."""

    def __init__(
        self,
        queue: Queue,
        gate: Cleans,
        spool: Callable[[], Keeps],
        accounts: Accounts,
        consent: Consent,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._queue = queue
        self._gate = gate
        self._make_spool = spool
        self._accounts = accounts
        self._consent = consent
        self._failed = failed
        self.lock = _thread.allocate_lock()
        self.spool: Keeps | None = None
        self.lost = 0  # records that could not be kept
        self.kept: Mapping[str, int] = {}

    def slice(self) -> int:
        """Handle a few records; return how many, 0 when the queue is empty or another thread is at it."""
        if not self.lock.acquire(blocking=False):
            return 0
        try:
            return self._errors() + self._events()
        finally:
            self.lock.release()

    def ready(self) -> Keeps:
        """Return the spool, made at the first record; under the lock."""
        if self.spool is None:
            self.spool = self._make_spool()
        return self.spool

    def _errors(self) -> int:
        taken: list[Any] = self._queue.errors.take(SLICE_ERRORS)
        if taken and "errors" not in self._consent:
            self._accounts.dropped(OPTED_OUT, len(taken))
            return len(taken)
        for raw in taken:
            payload = self._packed(self._gate.error(raw), framing.MAX_ERROR)
            if payload is not None:
                self._keep("errors", [payload])
        return len(taken)

    def _events(self) -> int:
        taken: list[Any] = self._queue.events.take(SLICE_EVENTS)
        if not taken:
            return 0
        if "metrics" not in self._consent:
            self._accounts.dropped(OPTED_OUT, len(taken))
            return len(taken)
        packed = (self._packed(self._gate.event(raw, new_uuid()), framing.MAX_EVENT) for raw in taken)
        payloads = [payload for payload in packed if payload is not None]
        if payloads:
            self._keep("metrics", payloads)
        return len(taken)

    def _packed(self, record: dict[str, Any] | LossReason, limit: int) -> bytes | None:
        """Return a clean record as JSON, or count why there is none."""
        if isinstance(record, LossReason):
            self._accounts.dropped(record)
            return None
        try:
            payload = framing.packed(record)
        except ValueError as error:
            self._failed(error)
            self._accounts.dropped(SANITIZER_FAILED)
            return None
        if len(payload) > limit:
            self._accounts.dropped(TOO_LARGE)
            return None
        return payload

    def _keep(self, kind: str, payloads: list[bytes]) -> None:
        number = len(payloads)
        try:
            spool = self.ready()
            failed = spool.put_events(payloads) if kind == "metrics" else spool.put_error(payloads[0])
        except Exception as error:
            self._failed(error)
            failed = SPOOL_FAILED
        if failed is None:
            self._accounts.spooled(kind, number)
            self.kept = {**self.kept, kind: self.kept.get(kind, 0) + number}
        else:
            self._accounts.dropped(failed, number)
            self.lost += number
        if kind not in self._consent and self.spool is not None:
            self.spool.purge(kind)  # withdrawn while these were on their way
