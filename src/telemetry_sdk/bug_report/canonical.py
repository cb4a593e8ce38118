"""Canonical JSON of clean data: sorted keys, no blanks, UTF-8, and nothing in it that is not plain."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from telemetry_sdk.redaction import redact_structure, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_DEPTH = 100  # levels: beyond any real message, far below the limits of parsers
_LARGEST_INT_BITS = 8192  # Python's own parser refuses numbers of more than 4,300 digits (14,284 bits)


Remarks: TypeAlias = Counter[str]  # what had to be done to the data, and how often


@dataclass(frozen=True, slots=True)
class Piece:
    """Canonical JSON without secrets, and how many of each kind were taken out of it."""

    content: bytes
    redactions: Mapping[str, int] = field(default_factory=dict[str, int])


def dumps(value: Any) -> bytes:
    """Return canonical JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def array(pieces: Iterable[Piece]) -> Piece:
    """Return one JSON array of these."""
    kept = tuple(pieces)
    counts: Counter[str] = Counter()
    for piece in kept:
        counts.update(piece.redactions)
    return Piece(b"[" + b",".join(piece.content for piece in kept) + b"]", counts)


def cleaned(value: Any, remarks: Remarks) -> Piece:
    """Return data without secrets: taken out of the structure first, then looked for in the text."""
    safe, found = redact_structure(plain(value, remarks))
    content = dumps(safe)
    text, again = redact_text(content.decode())
    if not again:
        return Piece(content, found)
    try:
        return Piece(dumps(json.loads(text)), Counter(found) + Counter(again))
    except ValueError:  # fail closed: what cannot be made safe stays out, visibly
        remarks["entries left out because their secrets could not be taken out safely"] += 1
        return Piece(dumps({"left_out": "its secrets could not be taken out safely"}))


def plain(value: Any, remarks: Remarks, depth: int = 0) -> Any:
    """Return a copy of only strings, numbers, truth values, None, lists and dicts with string keys."""
    if isinstance(value, str):
        return _text(value, remarks)
    if value is None or isinstance(value, bool | int | float):
        return _number(value, remarks)
    if depth >= MAX_DEPTH:
        remarks[f"values cut because they lie deeper than {MAX_DEPTH} levels"] += 1
        return "[cut: too deep]"
    if isinstance(value, dict):
        return {_key(k, remarks): plain(v, remarks, depth + 1) for k, v in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [plain(item, remarks, depth + 1) for item in cast("Sequence[Any]", value)]
    return _other(value, remarks)


def _text(value: str, remarks: Remarks) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair: servers refuse the whole report for it
        remarks["texts with characters that are none, replaced"] += 1
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return str(value)


def _number(value: float | None, remarks: Remarks) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value.bit_length() <= _LARGEST_INT_BITS else _other(value, remarks)
    return float(value) if math.isfinite(value) else str(float(value))


def _key(key: Any, remarks: Remarks) -> str:
    if isinstance(key, str):
        return _text(key, remarks)
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    return str(key) if isinstance(key, int | float) else str(_other(key, remarks))


def _other(value: Any, remarks: Remarks) -> str:
    """Name what has no JSON: a foreign object's own text could be anything."""
    remarks["values left out because JSON has no such type"] += 1
    return f"[left out: {type(value).__name__}]"
