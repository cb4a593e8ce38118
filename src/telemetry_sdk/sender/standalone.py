"""Sending without the application: what waits in one state directory, now, in the foreground."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from .._internal.future import Completion
from ..egress.client import Egress
from ..ledger import Ledger
from ..policy.enabled_services import Consent
from ..runtime.build import DiskGuard
from ..spool.disk import new_run
from ..spool.reader import Store
from ..storage.directories import StateDirectory
from ..storage.revocations import Revocations
from .batch_sender import Courier
from .send_schedule import KINDS, Agenda, Flush
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from telemetry_sdk._internal.diagnostics import Boundary
    from telemetry_sdk.endpoints import Endpoints

    from ..storage.shared_state import SharedState

TIMEOUT = 600.0  # seconds: then no further request is begun; a cron job's next run goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of it, in records by kind (`dropped`: by reason).

    `waiting`: not sent, a running process's open files included; `healthy`: no server failed or asked to wait;
    `busy`: another process is sending from this directory, so nothing was done.
    """

    delivered: Mapping[str, int]
    dropped: Mapping[str, int]
    waiting: Mapping[str, int]
    healthy: bool
    busy: bool


def send_waiting(
    path: str,
    endpoints: Endpoints,
    boundary: Boundary,
    *,
    settings_off: Callable[[], Collection[str]] = frozenset,
    ledger: bool = True,
    timeout: float = TIMEOUT,
    transport: Callable[[], Any] | None = None,
) -> Sent:
    """Send what waits in the state directory `path` to the endpoints whose directory it is.

    Revocations and `settings_off` are asked before each request. Raises `OSError` if the directory is not this
    user's alone.
    """
    directory = StateDirectory(path)
    if not directory.trusted(boundary):
        raise PermissionError(f"not this user's alone: {path}")
    state = directory.state
    targets = {kind: found for kind in KINDS for found in [getattr(endpoints, kind)] if found is not None}
    agenda = Agenda()
    agenda.flushes.append(Flush(Completion(), monotonic() + timeout))  # somebody waits: no cadence, no pace
    store = Store(path, lost=lambda reason, count: _lose(state, reason, count))
    egress = Egress(transport=transport)
    courier = Courier(
        store=store,
        guard=DiskGuard(path, None, store),
        state=state,
        endpoints=targets,
        egress=egress,
        ledger=Ledger(path if ledger else None, new_run()),
        consent=Consent(targets, Revocations(path, targets), settings_off),
        failed=boundary.failed,
    )
    before = state.read()
    Session(agenda, courier, egress, failed=boundary.failed).run_once()
    after = state.read()
    return Sent(
        delivered=_more(before, after, "delivered"),
        dropped=_more(before, after, "dropped"),
        waiting=store.waiting(),
        healthy=courier.healthy,
        busy=agenda.not_before > 0.0,
    )


def _lose(state: SharedState, reason: str, count: int) -> None:
    state.settle((), "", delivered=0, dropped={reason: count})


def _more(before: dict[str, Any], after: dict[str, Any], table: str) -> dict[str, int]:
    """Return by how much each count of a table has grown."""
    old: dict[str, int] = before.get(table, {})
    new: dict[str, int] = after.get(table, {})
    return {name: count - old.get(name, 0) for name, count in new.items() if count > old.get(name, 0)}
