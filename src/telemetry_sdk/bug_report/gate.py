"""Whether the policy allows a draft, and whether it allows sending: asked apart, and twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telemetry_sdk.endpoints.layers import ARGUMENTS, BUG_REPORT_TOKEN, BUG_REPORT_URL
from telemetry_sdk.exceptions import BugReportRefused

if TYPE_CHECKING:
    from telemetry_sdk.policy import Reason, ServicePolicy

# Nobody has said no where a provider's default, or an address that is missing or cannot be used, turns bug
# reports off: the user may still write a local bundle. Every other reason (a switch, a file that cannot be read,
# what cannot be determined) is a no.
_DEFAULTS = ("off by default with ", "off: more than one provider ", "off: the proxy cannot be used")
_ADDRESS = frozenset((BUG_REPORT_URL, BUG_REPORT_TOKEN, ARGUMENTS[BUG_REPORT_URL], ARGUMENTS[BUG_REPORT_TOKEN]))


def check_draft(service: ServicePolicy) -> None:
    """Raise BugReportRefused, with all reasons, unless a report may be drafted (if only to be saved)."""
    if not (service.enabled or only_saving(service)):
        raise BugReportRefused(f"bug reports are off: {told(service.reasons)}", service.reasons)


def only_saving(service: ServicePolicy) -> bool:
    """Whether sending is off, but only for want of somebody to send to."""
    off = [reason for reason in service.reasons if reason.effect.startswith("off")]
    return not service.enabled and bool(off) and all(_nobody_said_no(reason) for reason in off)


def _nobody_said_no(reason: Reason) -> bool:
    return reason.effect.startswith(_DEFAULTS) or reason.variable in _ADDRESS


def told(reasons: tuple[Reason, ...]) -> str:
    """Return the reasons as one line."""
    return "; ".join(f"{r.effect} ({r.layer}: {r.variable or r.source})" for r in reasons) or "no reason is given"
