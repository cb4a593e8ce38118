"""Whether the policy allows drafting a bug report, as distinct from sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telemetry_sdk.endpoints.sources import ARGUMENTS, BUG_REPORT_TOKEN, BUG_REPORT_URL
from telemetry_sdk.exceptions import BugReportRefused

if TYPE_CHECKING:
    from telemetry_sdk.policy import Reason, ServicePolicy

# A provider's default, or an endpoint that is missing or unusable, forbids sending only: the user may still write a
# local bundle. Every other reason (a switch, an unreadable file, an undetermined policy) forbids the draft as well.
_SENDING_ONLY = ("off by default with ", "off: more than one provider ", "off: the proxy cannot be used")
_ENDPOINT_NAMES = frozenset((BUG_REPORT_URL, BUG_REPORT_TOKEN, ARGUMENTS[BUG_REPORT_URL], ARGUMENTS[BUG_REPORT_TOKEN]))


def check_draft(service: ServicePolicy) -> None:
    """Raise BugReportRefused, with all reasons, unless a report may be drafted (even if only saved)."""
    if not (service.enabled or only_saving_allowed(service)):
        raise BugReportRefused(f"bug reports are off: {describe(service.reasons)}", service.reasons)


def only_saving_allowed(service: ServicePolicy) -> bool:
    """Whether every reason forbids sending only."""
    off = [reason for reason in service.reasons if reason.effect.startswith("off")]
    return not service.enabled and bool(off) and all(_forbids_sending_only(reason) for reason in off)


def _forbids_sending_only(reason: Reason) -> bool:
    return reason.effect.startswith(_SENDING_ONLY) or reason.variable in _ENDPOINT_NAMES


def describe(reasons: tuple[Reason, ...]) -> str:
    """Return the reasons as one line."""
    return "; ".join(f"{r.effect} ({r.layer}: {r.variable or r.source})" for r in reasons) or "no reason given"
