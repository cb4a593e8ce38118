"""Values in a text that their names give away: `DB_PASSWORD=…`, `"api_key": "…"`, `--token …`, `<password>…`.

Where a name stands: `mentions`; what binds it to a value: `signs`; how the value is written: `quoted`,
`bare`, `lower_lines`; a value that stands beside its name, or in its column: `pairs`, `columns`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..spans import BLANKS, OPENING, Span, end_of_quoted
from .bare import BARE, LINE_END, bare_value, json_number, row_of_words, said_value
from .columns import column_values, inserted_values
from .loose import loose_value
from .lower_lines import lower_lines
from .mentions import mention_at, mentions
from .names import INNER_NAMES
from .pairs import paired_value
from .quoted import (
    after_fallback,
    ends_text,
    in_quotes,
    listed_values,
    made_value,
    mapped_values,
    next_values,
    quoted_value,
    wrapped_value,
)
from .signs import sign_after

if TYPE_CHECKING:
    from .mentions import Mention
    from .signs import Sign

_INNER = re.compile(  # `{"password": {"value": "…"}}`
    rf"\{{[^{{}}\[\]]{{0,512}}?(?P<quote>\\{{0,15}}+[\"'])(?:{'|'.join(INNER_NAMES)})(?P=quote)"
    rf"{BLANKS}:{BLANKS}(?=\\{{0,15}}+[\"'])"
)
_IN_BRACKETS = re.compile(r"\[(?P<value>[^\s\"'\\\[\]]{6,512})\]")
_ARGUMENT_END = re.compile(r"\\{0,63}+[\"'`](?:>>)?[ \t]{0,8}(?:[)\]},;.]|\Z|[\r\n\"]|\\{1,63}+[nr\"])")
_CELL_END = re.compile(
    r"(?:\*\*|`|\\{0,63}[\"'])?[ \t]{0,64}(?:\Z|[|\u2502\u2503,;\r\n\"]|\\{1,63}+(?:[nrt\"]|u250[23]))"
)


def named_secrets(text: str, hints: str, *, is_json: bool) -> list[Span]:
    """Return the values to take out of a text, in order and apart; `hints`: its words in small letters."""
    spans: list[Span] = []
    done = 0
    for start, end in mentions(text, hints):
        if start < done:
            continue
        mention = mention_at(text, start, end, is_json=is_json)
        for span in _values(mention) if mention is not None else ():
            if span.start >= done:
                spans.append(span)
                done = span.end
    return spans


def _values(mention: Mention) -> list[Span]:
    sign = sign_after(mention)
    spans = [] if sign is None else _behind(mention, sign)
    if spans or (sign is None and mention.weak) or (sign is not None and not sign.weak and sign.written != "is"):
        return spans
    pair = paired_value(mention)
    if pair is not None:
        return [pair]
    columns = column_values(mention) or inserted_values(mention)
    loose = None if columns else loose_value(mention)
    return columns if loose is None else [loose]


def _behind(mention: Mention, sign: Sign) -> list[Span]:
    """Return the values behind the sign; a list and a block of lines hold several."""
    if sign.written in {":", "=", ":=", "=>"}:
        lower = lower_lines(mention, sign)
        if lower is not None:
            return lower
        if mention.text[sign.value_at : sign.value_at + 1] in {"[", "("} and (listed := _list(mention, sign)):
            return listed
        if mention.text[sign.value_at : sign.value_at + 1] == "{" and mention.name[-1:] in {"s", "S"}:
            return mapped_values(mention, sign, sign.value_at)
        if bare := _IN_BRACKETS.match(mention.text, sign.value_at):  # Go's `map[X-Api-Key:[…]]`
            made = made_value(mention, *bare.span("value"))
            return [] if made is None else [made]
    value = _weak(mention, sign) if sign.weak else _value(mention, sign)
    return [] if value is None else [value, *next_values(mention, sign, value.end)]


def _list(mention: Mention, sign: Sign) -> list[Span]:
    return listed_values(mention, sign, sign.value_at)


def _value(mention: Mention, sign: Sign) -> Span | None:
    text, at = mention.text, after_fallback(mention.text, sign.value_at)
    if text[at : at + 1] == "{" and (inner := _INNER.match(text, at)):
        at = inner.end()
    opening = OPENING.match(text, at)
    if sign.written == "is":
        at = opening.end() if opening else at
        return row_of_words(mention, at) or said_value(mention, at)
    if opening is not None:
        return _quoted(mention, sign, opening.end(), opening["quote"])
    if sign.written == ",":
        return None
    if sign.close and sign.written == ":":
        return json_number(mention, at, sign.close)
    return wrapped_value(mention, sign, at) or bare_value(mention, sign, at)


def _quoted(mention: Mention, sign: Sign, at: int, quote: str) -> Span | None:
    if ends_text(mention, sign, at, quote):
        return None
    end = end_of_quoted(mention.text, at, quote, is_json=mention.is_json)
    return bare_value(mention, sign, at) if end is None else quoted_value(mention, at, end)


def _weak(mention: Mention, sign: Sign) -> Span | None:
    """Judge a value behind a weak sign: a call, a row of a table, a blank."""
    found = in_quotes(mention, sign, sign.value_at)
    if found is None and sign.written != "(":
        bare = BARE.match(mention.text, sign.value_at)
        found = bare.span() if bare else None
    if found is None:
        return None
    ends = {"(": _ARGUMENT_END, "|": _CELL_END}.get(sign.written, LINE_END if sign.fills_line else None)
    return made_value(mention, *found) if ends is None or ends.match(mention.text, found[1]) else None
