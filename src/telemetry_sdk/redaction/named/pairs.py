"""Values whose name stands beside them: `{"name": "DB_PASSWORD", "value": "…"}`, plists, a form's parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..spans import BLANKS, CLOSED_ALREADY, LINE_BREAK, OPENING, Span, end_of_quoted
from .bare import BARE
from .values import value_kind

if TYPE_CHECKING:
    from .mentions import Mention

_NEAR = 240  # characters in which name and value stand
_QUOTE = r"\\{0,15}+[\"']"
_NAMES = re.compile(  # what stands before the name
    rf"(?:(?<![A-Za-z])(?i:[a-z]{{0,16}}(?:name|key|variable|header|field|id|type))(?:{_QUOTE})?\s{{0,8}}[:=]\s{{0,8}}"
    rf"(?:{_QUOTE})?|(?P<tag><(?i:key|name|param-name|dt|t[dh])>)|variable {_QUOTE})"
    r"(?:[A-Za-z0-9_-]{1,32}[./:]){0,6}\Z"
)
_ANY = rf"(?:{_QUOTE}[^\"'\\\n]{{0,64}}{_QUOTE}|[\w-]{{1,32}}+)"
_OTHERS = rf"(?:[,;]?{BLANKS}(?:{_QUOTE})?[A-Za-z][\w-]{{0,32}}(?:{_QUOTE})?[ ]{{0,8}}[:=][ ]?{_ANY}){{0,4}}?"
_VALUE_NEXT = re.compile(
    rf"(?:{_QUOTE})?(?: \{{)?{_OTHERS}[,;]?{BLANKS}(?P<key>{_QUOTE})?(?<![A-Za-z])(?:[a-z]{{1,16}}:)?"
    rf"(?i:[a-z]{{0,16}}value|secret|data|default|content)"
    rf"(?P<close>{_QUOTE})?[ \t]{{0,8}}[:=][ \t]{{0,8}}"
)
_VALUE_BEFORE = re.compile(
    rf"(?i:value)(?P<close>{_QUOTE})?\s{{0,8}}[:=]\s{{0,8}}(?P<quote>{_QUOTE})(?P<value>[^\"'\\\n]{{1,200}})(?P=quote)"
    rf"{BLANKS},?{BLANKS}(?:{_QUOTE})?\Z"
)
_ELEMENT_NEXT = re.compile(
    rf"(?:</(?i:key|name|param-name|dt|t[dh])>{BLANKS}<(?i:string|value|param-value|data|dd|td)>"
    rf"|{_QUOTE}[^<>\n]{{0,120}}(?<!/)>(?:{BLANKS}<(?i:value)>)?|(?:>{BLANKS}<(?i:value)>))(?P<value>[^<\"\\\n]{{1,512}})<"
)
_FORM_NEXT = re.compile(
    rf"{_QUOTE}(?:{LINE_BREAK}[A-Za-z-]{{1,40}}: [^\n\r\\\"]{{0,100}}){{0,4}}{LINE_BREAK}{{2}}"
    rf"(?P<value>[^\s\"'\\]{{1,512}})(?={LINE_BREAK})"
)


def paired_value(mention: Mention) -> Span | None:
    """Return the value that this name names, where both stand beside each other as members of one thing."""
    before = mention.text[max(0, mention.start - 64) : mention.start]
    named = _NAMES.search(before)
    if named is None:
        return None
    if named["tag"]:
        return _element(mention)
    begins = mention.start - len(before) + named.start()
    return _form(mention) or _next(mention) or _before(mention, begins) or _element(mention)


def _group(mention: Mention, found: re.Match[str] | None) -> Span | None:
    return None if found is None else _judged(mention, *found.span("value"))


def _judged(mention: Mention, start: int, end: int) -> Span | None:
    kind = value_kind(mention.name, mention.text[start:end])
    return None if kind is None else Span(start, end, kind)


def _element(mention: Mention) -> Span | None:
    """Read `<key>password</key> <string>…`, `<string name="password">…`."""
    return _group(mention, _ELEMENT_NEXT.match(mention.text, mention.end))


def _form(mention: Mention) -> Span | None:
    """Read a form's part: `name="password"`, an empty line, the value."""
    return _group(mention, _FORM_NEXT.match(mention.text, mention.end))


def _next(mention: Mention) -> Span | None:
    found = _VALUE_NEXT.match(mention.text, mention.end, mention.end + _NEAR)
    if found is None:
        return None
    opening = OPENING.match(mention.text, found.end())
    if opening is None:
        bare = None if found["close"] else BARE.match(mention.text, found.end())
        return _judged(mention, *bare.span()) if bare else None
    if found["close"] is None and CLOSED_ALREADY.match(mention.text, opening.end()):
        return None  # its quote closes the text around it: `"value=": 1`
    end = end_of_quoted(mention.text, opening.end(), opening["quote"], is_json=mention.is_json)
    return None if end is None else _judged(mention, opening.end(), end)


def _before(mention: Mention, begins: int) -> Span | None:
    """Read a value that stands before its name: `{"value": "…", "name": "DB_PASSWORD"}`."""
    first = max(0, begins - _NEAR)
    found = _VALUE_BEFORE.search(mention.text[first:begins])
    if found is None or (found["close"] is None and CLOSED_ALREADY.match(mention.text, first + found.start("value"))):
        return None
    return _judged(mention, first + found.start("value"), first + found.end("value"))
