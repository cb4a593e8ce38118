"""The value of an exception without a message template: its details in fixed words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def from_details(details: Mapping[str, Any], errno: Mapping[str, Any] | None) -> str | None:
    """Return an exception's details, else its system error's name, as one line; None where there are none."""
    words = [word for word in (_position(details), _process(details), _named(details), _counted(details)) if word]
    if errno is not None and not words:
        words.append(errno["name"])
    return ", ".join(words) or None


def _position(details: Mapping[str, Any]) -> str | None:
    if "line" not in details:
        return None
    return f"line {details['line']}" + (f" column {details['column']}" if "column" in details else "")


def _process(details: Mapping[str, Any]) -> str | None:
    code = details.get("returncode")
    if code is None:
        return None
    if code >= 0:
        return f"exit status {code}"
    from signal import Signals

    try:
        return Signals(-code).name
    except ValueError:  # no signal of this system
        return f"signal {-code}"


def _named(details: Mapping[str, Any]) -> str | None:
    if "status" in details:
        return f"HTTP {details['status']}"
    codec = details.get("codec")
    return f"codec {codec}" if codec else details.get("ssl") or details.get("lookup")


def _counted(details: Mapping[str, Any]) -> str | None:
    count = details.get("errors")
    if count is None:
        return None
    kinds = ", ".join(details.get("kinds", ()))
    return f"{count} {'error' if count == 1 else 'errors'}" + (f": {kinds}" if kinds else "")
