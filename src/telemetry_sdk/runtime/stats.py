"""`client.stats()`: counts by state and reason. Every accepted record is counted."""

from __future__ import annotations

from .._internal.imports import PATIENCE
from .._internal.services import RECORDED
from ..integrations.outside import outside
from ..losses import CLOSED, QUEUE_FULL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..pipeline.pipeline import Pipeline
    from .runtime import Runtime


def statistics(runtime: Runtime) -> dict[str, Any]:
    """Return the counts of this process, and those of its state directory.

    This process: accepted = queued + spooled + dropped. The directory, all processes and runs:
    spooled = waiting + delivered + dropped. `outside`: the vendors' packages of which a client with a network of its
    own is active; nothing of it is counted here. `storage`: "disk" or "memory"; `problem`: why nothing can be sent.
    `health`: of each service, as `telemetry_sdk.sender.health.health` returns it, with `summary`, a line for people;
    empty while all is off. Raises `TimeoutError` where another thread builds a part for a second.
    """
    accepted, queued, overflowed = runtime.queue.counts()
    pipeline, ledger = runtime.pipeline.built, runtime.ledger.built
    spooled, dropped = pipeline.drain.accounts.totals() if pipeline is not None else ({}, {})
    late = runtime.queue.late
    further = {QUEUE_FULL: overflowed, CLOSED: dropped.get(CLOSED, 0) + late}
    return {
        "accepted": accepted + late,
        "queued": queued,
        "spooled": dict(spooled),
        "dropped": {**dropped, **{reason: count for reason, count in further.items() if count}},
        "failures": runtime.diagnostics.failures,
        "storage": "memory"
        if runtime.state_dir.get(PATIENCE) is None or (pipeline and not pipeline.drain.on_disk)
        else "disk",
        "problem": _problem(runtime),
        "ledger_incomplete_since": None if ledger is None else ledger.incomplete_since,
        "directory": _directory(runtime, pipeline),
        "health": _health(runtime),
        "outside": outside(),
        **{name: dict(counts) for name, counts in runtime.sections.items()},
    }


def _health(runtime: Runtime) -> dict[str, dict[str, Any]]:
    if not runtime.policy.any_on:
        return {}
    from ..sender.health import describe_health, health

    found = health(runtime.state.get(PATIENCE).read(), runtime.policy.policy.services)
    return {service: {**each, "summary": describe_health(each)} for service, each in found.items()}


def _problem(runtime: Runtime) -> str | None:
    """Return why nothing can be sent from the spool, or at the program's end."""
    pipeline = runtime.pipeline.built
    spool = pipeline.spool.built if pipeline is not None else None
    if spool is None or spool.path is None:
        return spool.problem if spool is not None else None
    from ..sender.detached_status import problem

    return spool.problem or problem(runtime.state.get(PATIENCE).read()) or None


def _directory(runtime: Runtime, pipeline: Pipeline | None) -> Mapping[str, Mapping[str, int]]:
    """Return the accounts of the state directory: delivered, dropped, waiting."""
    spool = pipeline.spool.built if pipeline is not None else None
    if spool is not None:
        return spool.counts()
    path = runtime.state_dir.get(PATIENCE)
    if path is None:
        return {"delivered": {}, "dropped": {}, "waiting": dict.fromkeys(RECORDED, 0)}
    from ..spool.accounts import directory_counts

    return directory_counts(path, runtime.state.get(PATIENCE))
