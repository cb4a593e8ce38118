"""Formats JSON for people: an object or a list that fits on a line stays on it."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 110  # characters


def pretty(value: Any, indent: str = "") -> str:
    """Return a value as JSON in ASCII: a terminal cannot interpret its content."""
    line = json.dumps(value)
    if len(indent) + len(line) <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(str(name))}: {pretty(inner, deeper)}" for name, inner in value.items()]
        opening, closing = "{", "}"
    else:
        parts = [pretty(inner, deeper) for inner in value]
        opening, closing = "[", "]"
    inside = ",\n".join(deeper + part for part in parts)
    return f"{opening}\n{inside}\n{indent}{closing}"
