"""Reads values of a shared file that may hold anything."""

from __future__ import annotations

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def table(value: object) -> dict[str, Any]:
    """Return an object; an empty one for whatever else a file may hold."""
    found: Any = value
    return found if isinstance(value, dict) else {}


def number(value: object) -> float:
    """Return a number that is not negative; 0 for whatever else a file may hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    try:
        found = float(value)
    except OverflowError:
        return 0.0
    return found if found > 0 and math.isfinite(found) else 0.0
