"""What stands in place of a foreign message: its facts, in words of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def told(facts: Mapping[str, Any], errno: Mapping[str, Any] | None) -> str | None:
    """Return the facts of an exception and its system error as one line, or None where there are none."""
    words = [word for word in (_position(facts), _process(facts), _named(facts), _counted(facts)) if word]
    if errno is not None and not words:
        words.append(errno["name"])
    return ", ".join(words) or None


def _position(facts: Mapping[str, Any]) -> str | None:
    if "line" not in facts:
        return None
    return f"line {facts['line']}" + (f" column {facts['column']}" if "column" in facts else "")


def _process(facts: Mapping[str, Any]) -> str | None:
    code = facts.get("returncode")
    if code is None:
        return None
    if code >= 0:
        return f"exit status {code}"
    from signal import Signals

    try:
        return Signals(-code).name
    except ValueError:  # no signal of this system
        return f"signal {-code}"


def _named(facts: Mapping[str, Any]) -> str | None:
    if "status" in facts:
        return f"HTTP {facts['status']}"
    codec = facts.get("codec")
    return f"codec {codec}" if codec else facts.get("ssl") or facts.get("lookup")


def _counted(facts: Mapping[str, Any]) -> str | None:
    count = facts.get("errors")
    if count is None:
        return None
    kinds = ", ".join(facts.get("kinds", ()))
    return f"{count} {'error' if count == 1 else 'errors'}" + (f": {kinds}" if kinds else "")
