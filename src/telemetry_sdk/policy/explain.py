"""Describes reasons and retention to people."""

from __future__ import annotations

from telemetry_sdk._internal.shapes import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from telemetry_sdk._internal.layers import Reason

_PLAIN = frozenset(("process environment", "the application", "start()"))  # sources that need no layer beside them


def describe_reason(reason: Reason) -> str:
    """Return a reason as one line: where (layer, file), variable, effect."""
    where = reason.source if reason.source in _PLAIN else f"{reason.layer} ({reason.source})"
    effect = reason.effect.removeprefix("off: ")
    if reason.variable:
        effect = f"{reason.variable} turns it off" if effect == "off" else f"{reason.variable}: {effect}"
    return printable(f"{where}: {effect}")


def describe_retention(days: int | None) -> str:
    """Describe how long local files are kept."""
    return "undetermined, so nothing is deleted" if days is None else f"{days} days"
