"""Builds what a pipeline needs later: the intake at the first record, the session at the first request."""

from __future__ import annotations

import os
from time import time

from ..losses import SANITIZER_FAILED, LossReason
from ..sanitizer.inputs import Item
from ..sender.send_schedule import KINDS
from ..spool.disk import Spool
from ..spool.reader import Store
from ..storage.file_lock import FileLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..pipeline.drain import Drain
    from ..pipeline.processors import Intake
    from ..sender.batch_sender import Guard, Waiting
    from ..sender.session import Session
    from ..spool.memory import MemorySpool
    from ..storage.shared_state import SharedState
    from .pipeline import Pipeline

THROTTLED = "sample_rate"  # Sentry's word for what was left out on purpose


def make_intake(pipeline: Pipeline) -> Intake:
    """Return the steps between queue and spool."""
    from ..pipeline.processors import Intake
    from ..pipeline.throttle import ErrorThrottle, EventThrottle
    from ..sanitizer.sanitizer import Sanitizer

    options = pipeline.options
    return Intake(
        Sanitizer(pipeline.modules, options.tags, pipeline.boundary.failed),
        ErrorThrottle(),
        EventThrottle(options.max_events_per_minute),
        before_send=options.before_send,
        sample=options.sample,
        failed=pipeline.boundary.failed,
    )


def make_session(pipeline: Pipeline, transport: Callable[[], Any] | None) -> Session:
    """Return the sender's session; here the network's libraries are loaded."""
    from ..egress.client import Egress
    from ..sender.batch_sender import Courier
    from ..sender.session import Session
    from ..spool.memory import MemorySpool

    records = any(kind in pipeline.consent for kind in KINDS)
    with pipeline.drain.lock:
        spool = pipeline.drain.ready() if records else None
    path, state, endpoints = pipeline.directory.path, pipeline.directory.state, pipeline.endpoints
    egress = Egress(transport=transport)
    waiting: Waiting
    guard: Guard
    if isinstance(spool, MemorySpool) or path is None:
        memory = spool if isinstance(spool, MemorySpool) else MemorySpool(lambda _kind: None)
        waiting, guard = memory, MemoryGuard(memory)
    else:
        store = Store(path, own=pipeline.run, lost=_lost(state))
        waiting, guard = store, DiskGuard(path, pipeline.drain, store)
    ledger = pipeline.ledger
    if pipeline.entrance.retention_days is not None:  # undeterminable: nothing is swept
        ledger.sweep()
        if path is not None:
            pipeline.entrance.sweep(path, pipeline.entrance.retention_days)
    courier = Courier(
        store=waiting,
        guard=guard,
        state=state,
        endpoints={kind: found for kind in ("metrics", "errors") for found in [getattr(endpoints, kind)] if found},
        egress=egress,
        ledger=ledger,
        consent=pipeline.consent,
        failed=pipeline.boundary.failed,
    )
    return Session(pipeline.agenda, courier, egress, failed=pipeline.boundary.failed)


def _lost(state: SharedState) -> Callable[[LossReason, int], None]:
    def lost(reason: LossReason, count: int) -> None:
        state.settle((), "", delivered=0, dropped={reason: count})

    return lost


class DiskGuard:
    """One sender at a time for a state directory: the right is `sender.lock`."""

    def __init__(self, path: str, drain: Drain | None, store: Store) -> None:
        self._path = path
        self._drain = drain
        self._store = store
        self._lock = FileLock(os.path.join(path, "sender.lock"))

    def begin(self) -> bool:
        """Close our own open segment, and take the lock; False if another process sends."""
        if self._drain is not None:
            with self._drain.lock:
                if self._drain.spool is not None:
                    self._drain.spool.rotate()
        try:
            return self._lock.acquire()
        except OSError:  # no state directory yet, or locks do not work: nothing is sent from it
            return False

    def end(self) -> None:
        """Tidy up what the dead have left, and let go."""
        self._store.sweep()
        self._lock.release()

    def own_waiting(self) -> bool:
        """Tell whether something of this process waits."""
        spool = self._drain.spool if self._drain is not None else None
        return isinstance(spool, Spool) and spool.any_waiting()


class MemoryGuard:
    """In memory there is nobody to share with."""

    def __init__(self, spool: MemorySpool) -> None:
        self._spool = spool

    def begin(self) -> bool:
        """Nothing to take."""
        return True

    def end(self) -> None:
        """Nothing to let go."""

    def own_waiting(self) -> bool:
        """Tell whether something waits."""
        return any(self._spool.waiting().values())


class LateIntake:
    """Makes the intake at the first record: the gate's tables are of no use to a client that records nothing."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._intake: Intake | None = None

    def event(self, raw: Any, event_id: str) -> dict[str, Any] | LossReason:
        """Return the clean record of an event, or why it ends here."""
        try:
            return self._made().event(raw, event_id)
        except Exception as error:
            self._pipeline.boundary.failed(error)
            return SANITIZER_FAILED

    def error(self, raw: Any) -> dict[str, Any] | LossReason:
        """Return the clean record of an exception or an item, or why it ends here."""
        try:
            record = self._made().error(raw)
        except Exception as error:
            self._pipeline.boundary.failed(error)
            return SANITIZER_FAILED
        if not isinstance(record, LossReason) and "exceptions" in record:
            self._pipeline.recent_errors.append(record)
        return record

    def report(self) -> Item | None:
        """Return the report of what the throttle held back and nothing later told of; None: there is nothing to say."""
        held = self._intake.held_back() if self._intake is not None else 0
        if not held:
            return None
        discarded = {"reason": THROTTLED, "category": "error", "quantity": held}
        return Item("client_report", {"timestamp": time(), "discarded_events": [discarded]})

    def _made(self) -> Intake:
        if self._intake is None:
            self._intake = make_intake(self._pipeline)
        return self._intake
