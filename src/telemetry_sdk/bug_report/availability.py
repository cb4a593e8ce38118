"""Whether the policy allows drafting a bug report, as distinct from sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telemetry_sdk._internal.layers import LOCAL_PROJECT, PROJECT, UNAVAILABLE
from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.exceptions import BugReportRefused

if TYPE_CHECKING:
    from telemetry_sdk._internal.layers import Reason
    from telemetry_sdk.policy import ServicePolicy


def check_draft(service: ServicePolicy) -> None:
    """Raise BugReportRefused, with all reasons, unless a report may be drafted (even if only saved)."""
    if not (service.enabled or only_saving_allowed(service)):
        refusing = refusals(service.reasons)
        raise BugReportRefused(f"bug reports are off: {describe(refusing)}", refusing)


def only_saving_allowed(service: ServicePolicy) -> bool:
    """Whether every reason forbids sending only."""
    off = refusals(service.reasons)
    return not service.enabled and bool(off) and all(_forbids_sending_only(reason) for reason in off)


def refusals(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Return the reasons that turn a service off."""
    return tuple(reason for reason in reasons if reason.kind or reason.effect.startswith("off"))


def _forbids_sending_only(reason: Reason) -> bool:
    """Whether it is a provider, a missing or unusable endpoint, or a project: a local bundle may still be written."""
    return reason.kind == UNAVAILABLE or reason.layer in {PROJECT, LOCAL_PROJECT}


def describe(reasons: tuple[Reason, ...]) -> str:
    """Return the reasons as one line: the effect, the layer, the file that holds it, the variable."""
    return "; ".join(f"{_effect(r)} ({_where(r)})" for r in reasons) or "no reason given"


def _effect(reason: Reason) -> str:
    """Return the effect, to be read after "bug reports are off:"."""
    return "turned off" if reason.effect == "off" else reason.effect.removeprefix("off: ").removeprefix("off ")


def _where(reason: Reason) -> str:
    named = [reason.layer, *((reason.source,) if reason.source != reason.layer else ()), reason.variable]
    return printable(": ".join(name for name in named if name))
