"""Updates of a policy while the program runs."""

from __future__ import annotations

from telemetry_sdk._internal.reason import Reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Policy


def with_opt_out(policy: Policy, services: Sequence[str]) -> Policy:
    """Return the policy after `opt_out(*services)` (default: all). Raises `ValueError` for an unknown service."""
    rows = policy.services
    unknown = [name for name in services if name not in rows]
    if unknown:
        raise ValueError(f"unknown service {unknown[0]!r}, expected one of {', '.join(rows)}")
    reason = Reason(layer="host", source="opt_out()", variable="", effect="off: opted out while running")
    return _off(policy, services or tuple(rows), reason)


def with_services_off(policy: Policy, services: Sequence[str]) -> Policy:
    """Return the policy with services off that a settings file or another process turned off while running."""
    return _off(
        policy,
        services,
        Reason(layer="settings", source="while running", variable="", effect="off: turned off while running"),
    )


def _off(policy: Policy, services: Sequence[str], reason: Reason) -> Policy:
    return policy.replace(rows=tuple(row.turned_off(reason) if row.name in services else row for row in policy.rows))
