"""Whether the policy allows drafting a bug report, as distinct from sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telemetry_sdk._internal.layers import LOCAL_PROJECT, PROJECT, UNAVAILABLE
from telemetry_sdk.exceptions import BugReportRefused

if TYPE_CHECKING:
    from telemetry_sdk._internal.layers import Reason
    from telemetry_sdk.policy import ServicePolicy


def check_draft(service: ServicePolicy) -> None:
    """Raise BugReportRefused, with all reasons, unless a report may be drafted (even if only saved)."""
    if not (service.enabled or only_saving_allowed(service)):
        raise BugReportRefused(f"bug reports are off: {describe(service.reasons)}", service.reasons)


def only_saving_allowed(service: ServicePolicy) -> bool:
    """Whether every reason forbids sending only."""
    off = [reason for reason in service.reasons if reason.effect.startswith("off")]
    return not service.enabled and bool(off) and all(_forbids_sending_only(reason) for reason in off)


def _forbids_sending_only(reason: Reason) -> bool:
    """Whether it is a provider, a missing or unusable endpoint, or a project: a local bundle may still be written."""
    return reason.kind == UNAVAILABLE or reason.layer in {PROJECT, LOCAL_PROJECT}


def describe(reasons: tuple[Reason, ...]) -> str:
    """Return the reasons as one line."""
    return "; ".join(f"{r.effect} ({r.layer}: {r.variable or r.source})" for r in reasons) or "no reason given"
