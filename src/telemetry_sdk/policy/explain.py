"""A policy told: as text for people, as a document for programs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .model import Policy, Reason, ServicePolicy


def document(policy: Policy) -> dict[str, Any]:
    """Return all of a policy but its secrets, ready for `json.dumps`."""
    return {
        "provider": policy.provider,
        "services": {row.name: _service(row) for row in policy.rows},
        "warnings": list(policy.warnings),
        "ignored": [reason.to_json() for reason in policy.ignored],
        "retention_days": policy.retention_days,
        "settings_files": [{"layer": place.layer, "path": place.path, "state": place.state} for place in policy.places],
    }


def _service(row: ServicePolicy) -> dict[str, Any]:
    return {
        "enabled": row.enabled,
        "reasons": [reason.to_json() for reason in row.reasons],
        "destination": row.destination,
    }


def told(reason: Reason) -> str:
    """Return a reason as one line: layer, source, variable, effect."""
    source = "" if reason.source == reason.layer else f" ({reason.source})"
    variable = f" {reason.variable}" if reason.variable else ""
    return fit(f"{reason.layer}{source}:{variable} {reason.effect}")


def fit(text: str) -> str:
    """Return a line fit for a terminal: a directory's name may hold anything."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def kept(policy: Policy) -> str:
    """Return in words how long local files are kept."""
    if policy.retention_days is None:
        return "cannot be determined: nothing is swept"
    return f"{policy.retention_days} days"


def explain(policy: Policy) -> str:
    """Return the policy as text for people, ending in a newline."""
    lines = [f"provider: {policy.provider}"]
    for row in policy.rows:
        destination = f", sends to {row.destination}" if row.destination else ""
        lines.append(f"{row.name}: {'on' if row.enabled else 'off'}{destination}")
        lines += [f"    {told(reason)}" for reason in row.reasons]
    lines.append(f"local files are kept: {kept(policy)}")
    lines += [f"warning: {fit(warning)}" for warning in policy.warnings]
    lines += [f"ignored: {told(reason)}" for reason in policy.ignored]
    return "\n".join(lines) + "\n"
