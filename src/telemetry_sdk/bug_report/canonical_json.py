"""Canonical JSON (sorted keys, no whitespace, UTF-8) of data whose secrets were removed."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from telemetry_sdk._internal.budget import Budget
from telemetry_sdk.redaction import redact_structure, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from telemetry_sdk.redaction.neighbours import Neighbours

_Item = TypeVar("_Item")
WALK_SECONDS = 30.0  # for the objects of one transcript, or of one other part; theirs is foreign code
_MAX_INT_BITS = 8192  # Python's parser rejects numbers of more than 4,300 digits (14,284 bits)

NoteCounts: TypeAlias = Counter[str]
"""How often each change was made to the data, by its description."""


@dataclass(frozen=True, slots=True)
class CleanJson:
    """Canonical JSON without secrets, and the number of redactions by kind."""

    content: bytes
    redactions: Mapping[str, int] = field(default_factory=dict[str, int])


def dumps(value: Any) -> bytes:
    """Return canonical JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def array(cleaned_items: Iterable[CleanJson]) -> CleanJson:
    """Return one JSON array of all items."""
    items = tuple(cleaned_items)
    counts: Counter[str] = Counter()
    for item in items:
        counts.update(item.redactions)
    return CleanJson(b"[" + b",".join(item.content for item in items) + b"]", counts)


def cleaned(value: Any, notes: NoteCounts) -> CleanJson:
    """Return foreign data as canonical JSON without secrets."""
    return redacted(plain(value, notes, Budget(seconds=WALK_SECONDS)), notes)


def redacted(value: Any, notes: NoteCounts, neighbours: Neighbours | None = None) -> CleanJson:
    """Return plain data without secrets: redacted by structure first, then in the encoded text.

    `neighbours`: of values that follow each other, such as messages.
    """
    safe, found = redact_structure(value, neighbours)
    content = dumps(safe)
    text, again = redact_text(content.decode())
    if not again:
        return CleanJson(content, found)
    try:
        return CleanJson(dumps(json.loads(text)), Counter(found) + Counter(again))
    except ValueError:  # fail closed: leave the entry out, visibly
        notes["entries left out because their secrets could not be removed safely"] += 1
        return CleanJson(dumps({"left_out": "its secrets could not be removed safely"}))


def plain(value: Any, notes: NoteCounts, budget: Budget) -> Any:
    """Return a copy of strings, numbers, booleans, None, lists and mappings, with string keys, within the budget."""
    if isinstance(value, str):
        value = str.__str__(value)  # not what a class of the host makes of it
    if not budget.spend(len(value) if isinstance(value, str) else 0):
        if budget.is_late:
            notes["values cut because reading them took too long"] += 1
            return "[cut: too slow]"
        notes["values cut because there are too many, or they are too large"] += 1
        return "[cut: too large]"
    if isinstance(value, dict | list | tuple):
        return _container(value, notes, budget)
    if isinstance(value, str):
        return _text(value, notes)
    if value is None or isinstance(value, bool | int | float):
        return _number(value, notes)
    return _container(value, notes, budget) if issubclass(type(value), Mapping) else _other(value, notes)


def _container(value: Any, notes: NoteCounts, budget: Budget) -> Any:
    refusal = budget.enter(value)
    if refusal is not None:
        notes[f"values cut because they {refusal}"] += 1
        return "[cut: too deep]"
    try:
        if issubclass(type(value), Mapping):
            rows = cast("Mapping[Any, Any]", value).items()
            return dict(_until_spent(((_key(key, notes), plain(item, notes, budget)) for key, item in rows), budget))
        items = (plain(item, notes, budget) for item in cast("Sequence[Any]", value))
        return list(_until_spent(items, budget))
    finally:
        budget.leave()


def _until_spent(items: Iterable[_Item], budget: Budget) -> Iterator[_Item]:
    """Yield the items up to the first that exceeds the budget: of a million it is noted once."""
    for item in items:
        yield item
        if budget.is_spent:
            break


def _text(value: str, notes: NoteCounts) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate: servers reject the whole report for it
        notes["texts with lone surrogates, replaced"] += 1
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


def _number(value: float | None, notes: NoteCounts) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        whole = int.__index__(value)
        return whole if whole.bit_length() <= _MAX_INT_BITS else _other(whole, notes)
    number = float.__float__(value)
    return number if math.isfinite(number) else str(number)


def _key(key: Any, notes: NoteCounts) -> str:
    if isinstance(key, str):
        return _text(str.__str__(key), notes)
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    return str(_number(key, notes) if isinstance(key, int | float) else _other(key, notes))


def _other(value: Any, notes: NoteCounts) -> str:
    """Return a placeholder for a value without a JSON form: the text of a foreign object could be anything."""
    notes["values left out because JSON has no such type"] += 1
    return f"[left out: {type(value).__name__}]"
