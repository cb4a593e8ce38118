"""Values whose name stands beside them in an object: `{"name": "DB_PASSWORD", "value": "…"}`, `key="…" value="…"`."""

from __future__ import annotations

import re

from .named_values import CLOSED_ALREADY, Span
from .names import value_kind

_QUOTE = r"\\{0,15}+[\"']"
_KEY = rf"(?i:name|key|variable|header|field){_QUOTE}?\s{{0,8}}[:=]\s{{0,8}}"
_NAME = rf"{_KEY}(?P<quote>{_QUOTE})(?P<name>[A-Za-z0-9_.-]{{1,96}})(?P=quote)"
_NAMED_BEFORE = re.compile(rf"{_NAME}\s{{0,64}},?\s{{0,64}}(?:{_QUOTE})?\Z")
_NAMED_AFTER = re.compile(rf"\s{{0,64}},?\s{{0,64}}(?:{_QUOTE})?(?<![A-Za-z0-9_]){_NAME}")
_VALUE = re.compile(rf"(?i:value)(?P<close>{_QUOTE})?\s{{0,8}}[:=]\s{{0,8}}(?P<quote>\\{{0,15}}+[\"'])")
_ENDS = re.compile(r"\\*+[\"'\n]")
_NEAR = 240  # characters in which the name stands


def paired_secrets(text: str, words: str) -> list[Span]:
    """Return the values to take out of a text, in order and apart from each other."""
    spans: list[Span] = []
    if "value" not in words:
        return spans
    for value in _VALUE.finditer(text):
        begin = value.end()
        end = _end(text, begin, value["quote"])
        if end is None or (value["close"] is None and CLOSED_ALREADY.match(text, begin)):
            continue  # not closed, or its quote closes the text around it: `"value=": 1`
        near = text[max(0, value.start() - _NEAR) : value.start()]
        name = _NAMED_BEFORE.search(near) or _NAMED_AFTER.match(text, end + len(value["quote"]))
        if name is None or name["quote"] != value["quote"]:
            continue  # the quote that ends the JSON text around such a fragment: `"name=\"PASSWORD\" value="`
        kind = value_kind(name["name"], text[begin:end])
        if kind is not None:
            spans.append(Span(begin, end, kind))
    return spans


def _end(text: str, begin: int, quote: str) -> int | None:
    """Return where the value ends: before the same quote with as many backslashes.

    None beyond the line, or beyond a double quote with fewer backslashes: that one ends the JSON text around it.
    """
    limit = min(len(text), begin + 1024)
    for found in _ENDS.finditer(text, begin, limit):
        run, mark = len(found[0]) - 1, found[0][-1]
        depth = len(quote) - 1
        if mark == quote[-1] and run % (2 * depth + 2) == depth:
            return found.end() - len(quote)
        if mark == "\n" or (mark == '"' and (quote[-1] != '"' or run < depth)):
            return None
    return None
