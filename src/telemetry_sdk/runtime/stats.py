"""The accounts as a plain dict: nothing that was accepted is without a name."""

from __future__ import annotations

from ..integrations.outside import outside
from ..losses import QUEUE_FULL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._internal.diagnostics import Boundary
    from .recorder import Entrance


def statistics(entrance: Entrance | None, boundary: Boundary) -> dict[str, Any]:
    """Return the counts of this process, and those of its state directory.

    This process: accepted = queued + spooled + dropped. The directory, all processes and runs:
    spooled = waiting + delivered + dropped. `outside`: the vendors' packages of which a client is active that has a
    network of its own; nothing of it is counted here.
    """
    if entrance is None:
        nothing: dict[str, Any] = {"accepted": 0, "queued": 0, "spooled": {}, "dropped": {}}
        return {
            **nothing,
            "failures": boundary.failures,
            "directory": {"delivered": {}, "dropped": {}, "waiting": {}},
            "outside": outside(),
        }
    accepted, queued, overflowed = entrance.queue.counts()
    pipeline = entrance.pipeline
    spooled, dropped = pipeline.accounts.totals()
    if overflowed:
        dropped = {**dropped, QUEUE_FULL: overflowed}
    return {
        "accepted": accepted,
        "queued": queued,
        "spooled": dict(spooled),
        "dropped": dict(dropped),
        "failures": boundary.failures,
        "storage": "memory" if pipeline.directory.path is None else "disk",
        "ledger_incomplete_since": pipeline.ledger_incomplete_since,
        "directory": pipeline.directory_counts(),
        "outside": outside(),
        **({"specs": dict(entrance.specs.counts)} if entrance.specs is not None else {}),
    }
