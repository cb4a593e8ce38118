"""Values whose name stands beside them as a member of the same thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..rules.pairs import BEFORE_NAME, ELEMENTS, VALUE_BEFORE, VALUE_NEXT
from ..spans import Span
from .quotes import CLOSED_ALREADY, OPENING, end_of_quoted
from .unquoted import UNQUOTED
from .values import value_kind

if TYPE_CHECKING:
    from .matches import NameMatch

_NEAR = 240  # characters in which name and value stand
_LONGEST_BEFORE = 64  # characters before the name, in which `name:` or the like must stand
_DEEP = "\\" * 15  # before a quote of JSON four levels deep
_BEFORE_NAME = re.compile(BEFORE_NAME)
_VALUE_NEXT = re.compile(VALUE_NEXT)
_VALUE_BEFORE = re.compile(VALUE_BEFORE)
_FORM, _ELEMENT = (re.compile(element.after) for element in ELEMENTS)


def paired_value(name: NameMatch) -> Span | None:
    """Return the value that this name names, where both stand beside each other as members of one thing."""
    before = name.text[max(0, name.start - _LONGEST_BEFORE) : name.start]
    if _DEEP in before:
        before = name.text[max(0, name.start - 2 * _LONGEST_BEFORE) : name.start]
    named = _BEFORE_NAME.search(before)
    if named is None:
        return None
    begins = name.start - len(before) + named.start()
    return _element(name, _FORM) or _next(name) or _before(name, begins) or _element(name, _ELEMENT)


def _element(name: NameMatch, pattern: re.Pattern[str]) -> Span | None:
    found = pattern.match(name.text, name.end)
    return _judged(name, *found.span("value")) if found else None


def _next(name: NameMatch) -> Span | None:
    found = _VALUE_NEXT.match(name.text, name.end, name.end + _NEAR)
    if found is None:
        return None
    opening = OPENING.match(name.text, found.end())
    if opening is None:
        bare = None if found["close"] else UNQUOTED.match(name.text, found.end())
        return _judged(name, *bare.span()) if bare else None
    if found["close"] is None and CLOSED_ALREADY.match(name.text, opening.end()):
        return None  # its quote closes the text around it: `"value=": 1`
    end = end_of_quoted(name.text, opening.end(), opening["quote"], is_json=name.is_json)
    return None if end is None else _judged(name, opening.end(), end)


def _before(name: NameMatch, begins: int) -> Span | None:
    """Return a value that stands before its name: `{"value": "…", "name": "DB_PASSWORD"}`."""
    first = max(0, begins - _NEAR)
    found = _VALUE_BEFORE.search(name.text[first:begins])
    if found is None or (found["close"] is None and CLOSED_ALREADY.match(name.text, first + found.start("value"))):
        return None
    return _judged(name, first + found.start("value"), first + found.end("value"))


def _judged(name: NameMatch, start: int, end: int) -> Span | None:
    kind = value_kind(name.name, name.text[start:end])
    return None if kind is None else Span(start, end, kind)
