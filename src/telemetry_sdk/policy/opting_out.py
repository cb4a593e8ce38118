"""Opting out while the program runs: the policy that follows."""

from __future__ import annotations

from . import Reason

MEANWHILE = "off: turned off meanwhile"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from . import Policy


def opted_out(policy: Policy, services: Sequence[str]) -> Policy:
    """Return the policy with some services (default: all) off. Raises `ValueError` for one that does not exist."""
    rows = policy.services
    unknown = [name for name in services if name not in rows]
    if unknown:
        raise ValueError(f"no such service: {unknown[0]!r} (there are {', '.join(rows)})")
    reason = Reason(layer="host", source="opt_out()", variable="", effect="off: opted out while running")
    return _off(policy, services or tuple(rows), reason)


def gone_off(policy: Policy, services: Sequence[str]) -> Policy:
    """Return the policy with the services off that another process or a settings file turned off meanwhile."""
    return _off(policy, services, Reason(layer="settings", source="while running", variable="", effect=MEANWHILE))


def _off(policy: Policy, services: Sequence[str], reason: Reason) -> Policy:
    return policy.replace(rows=tuple(row.turned_off(reason) if row.name in services else row for row in policy.rows))
