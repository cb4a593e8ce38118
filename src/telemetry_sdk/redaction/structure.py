"""Redacts parsed JSON: strings as texts, and values by their keys."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from .names.lookup import secret_name
from .names.values import value_kind
from .rules.names import INNER_NAMES
from .spans import MARK
from .text import redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_DEPTH = 200  # far above real data, far below the interpreter's own limit of 1,000 calls
_BESIDE = frozenset(("name", "key", "variable", "header", "field", "parameterkey", "parametername"))


def redact_structure(value: Any) -> tuple[Any, dict[str, int]]:
    """Return JSON-like data (dicts, lists, strings, numbers) without secrets, and the counts by kind.

    Keys are redacted too; what lies deeper than `MAX_DEPTH` is replaced whole.
    """
    counts: Counter[str] = Counter()
    return _clean(value, counts, 0), dict(counts)


def _clean(value: Any, counts: Counter[str], depth: int) -> Any:
    if isinstance(value, str):
        text, found = redact_text(value)
        counts.update(found)
        return text
    if not isinstance(value, dict | list | tuple):
        return value
    if depth >= MAX_DEPTH:
        counts["too-deep"] += 1
        return f"{MARK}too-deep]"
    if isinstance(value, dict):
        return _clean_mapping(cast("Mapping[Any, Any]", value), counts, depth)
    return _clean_sequence(cast("Sequence[Any]", value), counts, depth)


def _clean_sequence(items: Sequence[Any], counts: Counter[str], depth: int) -> list[Any]:
    """Clean a list; in a list of arguments an option names the next item: `["--password", "…"]`."""
    clean: list[Any] = []
    name = ""
    for item in items:
        clean.append(_clean_named(name, item, counts, depth + 1) if name else _clean(item, counts, depth + 1))
        is_option = isinstance(item, str) and item.startswith("--") and secret_name(item) is not None
        name = item.strip("-") if is_option else ""
    return clean


def _clean_mapping(mapping: Mapping[Any, Any], counts: Counter[str], depth: int, under: str = "") -> dict[Any, Any]:
    """Clean an object; `under`: the secret's name that it stands under, as in `{"password": {"value": "…"}}`."""
    clean: dict[Any, Any] = {}
    for key, value in mapping.items():
        new_key = _clean(key, counts, depth + 1) if isinstance(key, str) else key
        name = under if under and key in INNER_NAMES else _name_of(new_key, mapping)
        if new_key != key:
            new_key = _unused(new_key, clean, mapping)
        clean[new_key] = _clean_named(name, value, counts, depth + 1)
    return clean


def _name_of(key: Any, mapping: Mapping[Any, Any]) -> str:
    """Return the name that tells what a value is; `{"name": "PASSWORD", "value": "…"}` names it beside."""
    if isinstance(key, str) and key.lower() in {"value", "parametervalue"}:
        beside = (value for other, value in mapping.items() if isinstance(other, str) and other.lower() in _BESIDE)
        key = next(beside, key)
    return key if isinstance(key, str) else ""


def _clean_named(name: str, value: Any, counts: Counter[str], depth: int) -> Any:
    if isinstance(value, list | dict) and depth < MAX_DEPTH and secret_name(name) is not None:
        if isinstance(value, dict):
            return _clean_mapping(cast("Mapping[Any, Any]", value), counts, depth, under=name)
        return [_clean_named(name, item, counts, depth + 1) for item in value]
    value = _clean(value, counts, depth)
    kind = value_kind(name, value)
    if kind is None:
        return value
    counts[kind] += 1
    return f"{MARK}{kind}]"


def _unused(key: str, *taken: Mapping[Any, Any]) -> str:
    """Return a key that no other entry has: two secrets as keys must not become one."""
    number, candidate = 1, key
    while any(candidate in mapping for mapping in taken):
        number += 1
        candidate = f"{key}#{number}"
    return candidate
