"""Values whose name stands beside them in an object: `{"name": "DB_PASSWORD", "value": "…"}`, `key="…" value="…"`."""

from __future__ import annotations

import re

from .named_values import Span
from .names import value_kind

_QUOTE = r"\\{0,15}+[\"']"
_KEY = rf"(?i:name|key|variable|header|field){_QUOTE}?\s{{0,8}}[:=]\s{{0,8}}"
_NAME = rf"{_KEY}{_QUOTE}(?P<name>[A-Za-z0-9_.-]{{1,96}}){_QUOTE}"
_NAMED_BEFORE = re.compile(rf"{_NAME}\s{{0,64}},?\s{{0,64}}(?:{_QUOTE})?\Z")
_NAMED_AFTER = re.compile(rf"\s{{0,64}},?\s{{0,64}}(?:{_QUOTE})?(?<![A-Za-z0-9_]){_NAME}")
_VALUE = re.compile(rf"(?i:value){_QUOTE}?\s{{0,8}}[:=]\s{{0,8}}(?P<quote>\\{{0,15}}+[\"'])")
_NEAR = 240  # characters in which the name stands


def paired_secrets(text: str) -> list[Span]:
    """Return the values to take out of a text, in order and apart from each other."""
    spans: list[Span] = []
    if "value" not in text and "Value" not in text:
        return spans
    for value in _VALUE.finditer(text):
        begin = value.end()
        end = _end(text, begin, value["quote"])
        if end is None:
            continue
        near = text[max(0, value.start() - _NEAR) : value.start()]
        name = _NAMED_BEFORE.search(near) or _NAMED_AFTER.match(text, end + len(value["quote"]))
        kind = value_kind(name["name"], text[begin:end]) if name else None
        if kind is not None:
            spans.append(Span(begin, end, kind))
    return spans


def _end(text: str, begin: int, quote: str) -> int | None:
    """Return where the value ends: before the same quote with as many backslashes; None beyond the line."""
    at = begin
    while (at := text.find(quote, at, begin + 1024)) >= 0:
        run = len(text[begin:at]) - len(text[begin:at].rstrip("\\"))
        if run % 2 == 0:
            return None if "\n" in text[begin:at] else at
        at += 1
    return None
