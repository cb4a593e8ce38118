"""Finds the values that names give away: `DB_PASSWORD=…`, `"api_key": "…"`, `--token …`, `<password>…`.

First what a separator binds to the name; then a value that stands beside its name, in its column, or some words behind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .columns import column_values, inserted_values
from .lines_below import values_below
from .matches import name_matches
from .pairs import paired_value
from .prose import value_some_words_behind
from .quoted import ends_text, in_quotes, items, skip_to_value, value_behind_arrow, value_in_call
from .quotes import OPENING, end_of_quoted
from .separators import separator_after
from .unquoted import LINE_END, UNQUOTED, json_number, unquoted_value, value_in_prose
from .values import judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..spans import Span
    from .matches import NameMatch
    from .separators import SeparatorMatch

_ASSIGNING = frozenset((":", "=", ":=", "=>"))
_IN_BRACKETS = re.compile(r"\[(?P<value>[^\s\"'\\\[\]]{6,512})\]")  # `map[X-Api-Key:[…]]`
_ENDS = {  # of a value in a call, in a cell
    "(": re.compile(r"\\{0,63}+[\"'`](?:>>)?[ \t]{0,8}(?:[)\]},;.]|\Z|[\r\n\"]|\\{1,63}+[nr\"])"),
    "|": re.compile(
        r"(?:\*\*|`|\\{0,63}[\"'])?[ \t]{0,64}(?:\Z|[|\u2502\u2503,;\r\n\"]|\\{1,63}+(?:[nrt\"]|u250[23]))"
    ),
}


def named_values(text: str, words: str, *, is_json: bool) -> Iterator[Span]:
    """Yield the values of secrets' names in a text, in order and apart; `words`: its words in lower case."""
    done = 0
    for name in name_matches(text, words, is_json=is_json):
        for span in _values(name) if name.start >= done else ():
            if span.start >= done:
                yield span
                done = span.end


def _values(name: NameMatch) -> list[Span]:
    separator = separator_after(name)
    spans = _behind(name, separator) if separator else []
    if spans or (name.weak if separator is None else not separator.weak and separator.sign != "is"):
        return spans
    for find in (paired_value, column_values, inserted_values, value_some_words_behind):
        found = find(name)
        if found:
            return found if isinstance(found, list) else [found]
    return []


def _behind(name: NameMatch, separator: SeparatorMatch) -> list[Span]:
    """Return the values behind the separator; a list and a block of lines hold several."""
    if separator.sign in _ASSIGNING and (several := _several(name, separator)) is not None:
        return several
    value = _weak_value(name, separator) if separator.weak else _value(name, separator)
    next_value = value_behind_arrow(name, separator, value.end) if value else None
    return [span for span in (value, next_value) if span]


def _several(name: NameMatch, separator: SeparatorMatch) -> list[Span] | None:
    """Return the values on the lines below, of a list or of an object; None if there is none of these."""
    at = separator.value_at
    if (below := values_below(name, separator)) is not None:
        return below
    opens = name.text[at : at + 1]
    if opens == "{":
        return items(name, separator, at) or None
    if opens in {"[", "("} and (listed := items(name, separator, at)):
        return listed
    bare = _IN_BRACKETS.match(name.text, at)
    span = judged(name, *bare.span("value"), random=True) if bare else None
    return ([span] if span else []) if bare else None


def _value(name: NameMatch, separator: SeparatorMatch) -> Span | None:
    at = skip_to_value(name.text, separator.value_at)
    opening = OPENING.match(name.text, at)
    if separator.sign == "is":
        return value_in_prose(name, opening.end() if opening else at)
    if opening is not None:
        return _quoted(name, separator, opening.end(), opening["quote"])
    if separator.sign == ",":
        return None
    if separator.close and separator.sign == ":":
        return json_number(name, at, separator.close)
    return value_in_call(name, separator, at) or unquoted_value(name, separator, at)


def _quoted(name: NameMatch, separator: SeparatorMatch, at: int, quote: str) -> Span | None:
    if ends_text(name, separator, at, quote):
        return None
    end = end_of_quoted(name.text, at, quote, is_json=name.is_json)
    return unquoted_value(name, separator, at) if end is None else judged(name, at, end)


def _weak_value(name: NameMatch, separator: SeparatorMatch) -> Span | None:
    """Judge a value behind a weak separator: a call, a row of a table, a blank."""
    found = in_quotes(name, separator, separator.value_at)
    if found is None and separator.sign != "(":
        bare = UNQUOTED.match(name.text, separator.value_at)
        found = bare.span() if bare else None
    if found is None:
        return None
    ends = LINE_END if separator.ends_line else _ENDS.get(separator.sign)
    return judged(name, *found, random=True) if ends is None or ends.match(name.text, found[1]) else None
