"""Reads values of a foreign payload, in every form that Sentry's schema permits."""

from __future__ import annotations

from .._internal.shapes import MAX_COUNT, MAX_TIME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_DIGITS = 8  # of a line number written as a string
MAX_MOMENT = 40  # characters of a time: 35 with nanoseconds and an offset


def seconds(value: object) -> float | None:
    """Return a time, a number or RFC 3339, as seconds since the epoch; None outside of 1970 to 2100."""
    if type(value) is str and len(value) <= MAX_MOMENT:
        from datetime import UTC, datetime

        try:
            moment = datetime.fromisoformat(value)
            value = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    if (type(value) is int or type(value) is float) and 0 < value < MAX_TIME:
        return float(value)
    return None


def dicts(value: object, key: str = "values") -> list[dict[str, Any]]:
    """Return the dicts of a list, of the list under `key`, or of a single value."""
    found: Any = value.get(key, [value]) if type(value) is dict else value
    return [entry for entry in found if type(entry) is dict] if type(found) is list else []


def text(value: object) -> str:
    """Return a string, or an empty one for any other type."""
    return value if type(value) is str else ""


def whole_number(value: object) -> int:
    """Return an int, also from the strings and floats of older SDKs; 0 for anything else."""
    if type(value) is str:
        return int(value) if value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS else 0
    if type(value) is float:
        return int(value) if value.is_integer() and abs(value) < MAX_COUNT else 0
    return value if type(value) is int else 0
