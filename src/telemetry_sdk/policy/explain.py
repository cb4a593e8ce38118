"""Text for people: reasons, retention, and foreign names made printable."""

from __future__ import annotations

NAME_LIMIT = 80
"""Characters of a foreign name that are shown."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from telemetry_sdk._internal.reason import Reason


def describe_reason(reason: Reason) -> str:
    """Return a reason as one line: layer, source, variable, effect."""
    source = "" if reason.source == reason.layer else f" ({reason.source})"
    variable = f" {reason.variable}" if reason.variable else ""
    return printable(f"{reason.layer}{source}:{variable} {reason.effect}")


def printable(text: str) -> str:
    """Replace control and direction characters: a directory's name may hold anything."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def printable_name(name: str) -> str:
    """Return a foreign name bounded and without control or direction characters."""
    return printable(name[:NAME_LIMIT]) + ("..." if len(name) > NAME_LIMIT else "")


def describe_retention(days: int | None) -> str:
    """Describe how long local files are kept."""
    return "undetermined, so nothing is deleted" if days is None else f"{days} days"
