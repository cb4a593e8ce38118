"""Reads values of parsed JSON whose shape nobody promised."""

from __future__ import annotations

import json
from typing import Any, cast

LARGEST = 2**53  # beyond it JSON readers disagree
TOO_DEEP = "(nested too deeply to be shown)"


def as_object(value: Any) -> dict[str, Any]:
    """Return an object; an empty one for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a list; an empty one for anything else."""
    return cast("list[Any]", cast("object", value)) if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Return a string unchanged, "" for null, and anything else as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return TOO_DEEP


def as_number(value: Any) -> int:
    """Return a whole number of 0 or more; 0 for anything else."""
    return value if type(value) is int and 0 <= value < LARGEST else 0


def parsed(body: bytes) -> Any:
    """Parse JSON; None if it is none, or nested too deeply."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
