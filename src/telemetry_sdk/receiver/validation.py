"""Checks parsed JSON; a refusal names the field."""

from __future__ import annotations

import json
from typing import Any, cast

from .errors import Refusal

_NUMBER = 2**64


def require_object(value: Any, name: str) -> dict[str, Any]:
    """Return an object. Raises Refusal 400."""
    if not isinstance(value, dict):
        raise Refusal(400, f"{name} must be an object")
    return cast("dict[str, Any]", value)


def require_list(value: Any, name: str) -> list[Any]:
    """Return a list. Raises Refusal 400."""
    if not isinstance(value, list):
        raise Refusal(400, f"{name} must be a list")
    return cast("list[Any]", cast("object", value))


def require_objects(value: Any, name: str) -> list[dict[str, Any]]:
    """Return a list of objects. Raises Refusal 400."""
    return [require_object(part, f"{name}[{at}]") for at, part in enumerate(require_list(value, name))]


def require_string(value: Any, name: str, longest: int | None = None) -> str:
    """Return a string of at most `longest` characters. Raises Refusal 400."""
    if not isinstance(value, str):
        raise Refusal(400, f"{name} must be a string")
    if longest is not None and len(value) > longest:
        raise Refusal(400, f"{name} is longer than {longest} characters")
    return value


def require_unsigned(value: Any, name: str) -> int:
    """Return an unsigned integer of 64 bits. Raises Refusal 400."""
    if type(value) is not int or not 0 <= value < _NUMBER:
        raise Refusal(400, f"{name} must be an unsigned integer")
    return value


def require_choice(value: Any, choices: frozenset[str], name: str) -> str:
    """Return one of the choices. Raises Refusal 400."""
    if not isinstance(value, str) or value not in choices:
        raise Refusal(400, f"{name} must be one of {', '.join(sorted(choices))}")
    return value


def check_optional(owner: dict[str, Any], field: str, wanted: type, at: str = "") -> None:
    """Check the type of a field that may be missing or null. Raises Refusal 400."""
    value = owner.get(field)
    if value is not None and not isinstance(value, wanted):
        raise Refusal(400, f"{at}{field} must be of type {wanted.__name__}")


def text_length(value: Any) -> int:
    """Count the characters of a value's compact JSON text."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
