"""Redacts parsed JSON: strings as texts, and values by their keys."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from .._internal.budget import Budget
from .names.lookup import secret_name
from .names.values import looks_random, value_kind
from .neighbours import Neighbours
from .rules.names import COOKIE_KEYS, INNER_NAMES
from .spans import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_DEPTH = 200  # far above real data, far below the interpreter's own limit of 1,000 calls
_NODES = 200_000  # values of a structure; what is more is replaced
_OPTION = re.compile(r"--?[A-Za-z][\w.-]{0,64}")
_BESIDE = frozenset(("name", "key", "variable", "header", "field", "parameterkey", "parametername"))


def redact_structure(value: Any, neighbours: Neighbours | None = None) -> tuple[Any, dict[str, int]]:
    """Return JSON-like data (dicts, lists, strings, numbers) without secrets, and the counts by kind.

    Keys are redacted too; what lies deeper than `MAX_DEPTH`, or is too much, is replaced whole. `neighbours`: of
    structures that follow each other, so that what spans two of them is found.
    """
    redactor = _Redactor(neighbours or Neighbours())
    return redactor.clean(value, ""), dict(redactor.counts)


class _Redactor:
    """Walks one structure; `key`: under which a value stands."""

    def __init__(self, neighbours: Neighbours) -> None:
        self.counts: Counter[str] = Counter()
        self._neighbours = neighbours
        self._budget = Budget(nodes=_NODES, depth=MAX_DEPTH)

    def clean(self, value: Any, key: str) -> Any:
        if isinstance(value, str):
            text, found = self._neighbours.redact(value, key)
            self.counts.update(found)
            return text
        if not isinstance(value, dict | list | tuple):
            return value
        return self._container(value, key, "")

    def _container(self, value: Any, key: str, under: str) -> Any:
        """Clean a list or an object; `under`: the secret's name that it stands under."""
        if not self._budget.spend() or self._budget.enter(value) is not None:
            self.counts["too-deep"] += 1
            return f"{MARK}too-deep]"
        try:
            if isinstance(value, dict):
                return self._mapping(cast("Mapping[Any, Any]", value), under)
            if under:
                return [self._named(under, item, key) for item in value]
            return self._sequence(cast("Sequence[Any]", value), key)
        finally:
            self._budget.leave()

    def _sequence(self, items: Sequence[Any], key: str) -> list[Any]:
        """Clean a list; in a list of arguments an option names the next item: `["--password", "…"]`."""
        clean: list[Any] = []
        name = ""
        for item in items:
            clean.append(self._named(name, item, key) if name else self.clean(item, key))
            is_option = isinstance(item, str) and _OPTION.fullmatch(item) and secret_name(item) is not None
            name = item.strip("-") if is_option else ""
        return clean

    def _mapping(self, mapping: Mapping[Any, Any], under: str) -> dict[Any, Any]:
        """Clean an object; `under`: as in `{"password": {"value": "…"}}`."""
        clean: dict[Any, Any] = {}
        for key, value in mapping.items():
            new_key = self.clean(key, "") if isinstance(key, str) else key
            name = under if under and _is_inner(under, key, value) else _name_of(new_key, mapping)
            if new_key != key:
                new_key = _unused(new_key, clean, mapping)
            clean[new_key] = self._named(name, value, str(key))
        return clean

    def _named(self, name: str, value: Any, key: str) -> Any:
        if isinstance(value, list | tuple | dict) and secret_name(name) is not None:
            return self._container(value, key, name)
        value = self.clean(value, key)
        kind = value_kind(name, value)
        if kind is None:
            return value
        self.counts[kind] += 1
        return f"{MARK}{kind}]"


def _is_inner(under: str, key: Any, value: Any) -> bool:
    """Tell whether the name above names a value: its key is a number, or `value`; or the name is one of several."""
    if isinstance(key, int) or key in INNER_NAMES or (isinstance(key, str) and key.isdecimal()):
        return True
    kind = secret_name(under) if under.lower().endswith(("s", "cookie")) else None
    texts = cast("Sequence[Any]", value) if isinstance(value, list | tuple) else (value,)
    return kind is not None and any(isinstance(text, str) and looks_random(under, text, kind) for text in texts)


def _name_of(key: Any, mapping: Mapping[Any, Any]) -> str:
    """Return the name that tells what a value is; `{"name": "PASSWORD", "value": "…"}` names it beside."""
    if isinstance(key, str) and key.lower() in {"value", "parametervalue"}:
        if _is_cookie(mapping):
            return "cookie"
        beside = (value for other, value in mapping.items() if isinstance(other, str) and other.lower() in _BESIDE)
        key = next(beside, key)
    return key if isinstance(key, str) else ""


def _is_cookie(mapping: Mapping[Any, Any]) -> bool:
    """Tell whether an object is a cookie: it has a name, a value, and what only cookies have."""
    keys = {key.lower().replace("_", "") for key in mapping if isinstance(key, str)}
    return "name" in keys and (not keys.isdisjoint(COOKIE_KEYS) or keys >= {"domain", "path", "value"})


def _unused(key: str, *taken: Mapping[Any, Any]) -> str:
    """Return a key that no other entry has: two secrets as keys must not become one."""
    number, candidate = 1, key
    while any(candidate in mapping for mapping in taken):
        number += 1
        candidate = f"{key}#{number}"
    return candidate
