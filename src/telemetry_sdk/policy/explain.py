"""Describes reasons and retention to people."""

from __future__ import annotations

from telemetry_sdk._internal.shapes import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from telemetry_sdk._internal.layers import Reason


def describe_reason(reason: Reason) -> str:
    """Return a reason as one line: layer, source, variable, effect."""
    source = "" if reason.source == reason.layer else f" ({reason.source})"
    variable = f" {reason.variable}" if reason.variable else ""
    return printable(f"{reason.layer}{source}:{variable} {reason.effect}")


def describe_retention(days: int | None) -> str:
    """Describe how long local files are kept."""
    return "undetermined, so nothing is deleted" if days is None else f"{days} days"
