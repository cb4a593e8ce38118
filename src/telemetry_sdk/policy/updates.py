"""Policies derived from others: after an opt-out, with another provider, of several stored profiles."""

from __future__ import annotations

from telemetry_sdk._internal.layers import SILENCED, WITHDRAWN, Reason

from .providers import host_provider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .model import Policy
    from .profile import Profile


def with_opt_out(policy: Policy, services: Sequence[str]) -> Policy:
    """Return the policy after `opt_out(*services)` (default: all). Raises `ValueError` for an unknown service."""
    rows = policy.services
    unknown = [name for name in services if name not in rows]
    if unknown:
        raise ValueError(f"unknown service {unknown[0]!r}, expected one of {', '.join(rows)}")
    effect = "off: opted out while running"
    reason = Reason(layer="host", source="opt_out()", variable="", effect=effect, kind=WITHDRAWN)
    return _off(policy, services or tuple(rows), reason)


TURNED_OFF = "off: turned off while running"
REVOKED = "off until the next start: another process ran `purge`, or opted out"


def with_services_off(
    policy: Policy, services: Sequence[str], kind: str = SILENCED, effect: str = TURNED_OFF
) -> Policy:
    """Return the policy with services off that a settings file or another process turned off while running."""
    reason = Reason(layer="settings", source="while running", variable="", effect=effect, kind=kind)
    return _off(policy, services, reason)


def with_reasons_of(policy: Policy, services: Sequence[str], seen: Policy) -> Policy:
    """Return the policy with these services off for the reasons that `seen`, resolved while running, gives."""
    for name in services:
        row, now = policy.service(name), seen.service(name)
        for reason in now.reasons if not now.enabled else ():
            if reason.kind and reason not in row.reasons:
                policy = _off(policy, (name,), reason)
    return policy


def with_provider(
    policy: Policy, profile: Profile, provider: object, lifts: Mapping[str, Sequence[str]] | None = None
) -> Policy:
    """Return the policy where the host knows `provider` to be used; it only turns services off.

    `lifts`: the validated `lift_provider_default`. The first party's name, or None, changes nothing.
    """
    off: list[tuple[tuple[str, ...], Reason]] = []
    name = host_provider(profile, provider, lifts or {}, off, [])
    if not name:
        return policy
    for services, reason in off:
        policy = _off(policy, services, reason.replace(source="set_provider()"))
    return policy.replace(provider=name, first_party=False)


def combined(policies: Sequence[Policy]) -> Policy:
    """Return the policy that obeys all of these (at least one): a service is on only if it is on in each."""
    first, *others = policies
    for other in others:
        rows = dict(first.services)
        for row in other.rows:
            known = rows.get(row.name, row)
            for reason in row.reasons if not row.enabled else ():
                if reason not in known.reasons:
                    known = known.turned_off(reason)
            rows[row.name] = known
        first = first.replace(
            rows=tuple(rows.values()),
            warnings=tuple(dict.fromkeys((*first.warnings, *other.warnings))),
            mode=first.mode or other.mode,
            files=tuple(dict.fromkeys((*first.files, *other.files))),
            project_directories=tuple(dict.fromkeys((*first.project_directories, *other.project_directories))),
        )
    return first


def _off(policy: Policy, services: Sequence[str], reason: Reason) -> Policy:
    return policy.replace(rows=tuple(row.turned_off(reason) if row.name in services else row for row in policy.rows))
