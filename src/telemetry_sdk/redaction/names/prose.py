"""Values some words behind a secret's name; the last that is tried.

A value must look random, and only words of prose may stand between.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..rules.prose import ANNOUNCING, BEFORE_ROW_OF_WORDS, BELONGING, BETWEEN, NEXT_LINES, NO_VALUES, USED
from .lookup import required_value
from .unquoted import LINE_END, row_of_words
from .values import judged

if TYPE_CHECKING:
    from ..spans import Span
    from .matches import NameMatch

_MOST = 8  # words between a name and its value
_LONGEST = 200  # characters of a line before the name
_OPENS = r"(?:[*_(<\[]|\\{0,63}+[\"'`]){0,3}+"
_NEXT_WORD = re.compile(
    rf"[ \t]{{1,32}}{_OPENS}(?P<word>[^\s\"'`\\<>(){{}}\[\]|,;]{{1,200}}+)(?P<ends>(?:'[a-z]{{1,2}}|[)\]>*_]){{0,2}})"
)
_NAME_ENDS = re.compile(r"(?:['\u2019]s|\\{0,63}\"|[`'*]{1,2})?\??")
_SIGNS = re.compile(r"[:=]|->|=>")
_BETWEEN = re.compile(BETWEEN)
_NO_VALUE = re.compile(NO_VALUES)
_DIGEST = re.compile(r"[0-9A-Fa-f-]{8,}")
_DIGIT = re.compile("[0-9]")
_USED = re.compile(USED)
_PLAIN = re.compile(r"[A-Za-z0-9!@#$%^&*~]+")
_NEXT_LINES = tuple((re.compile(row.line_begins), re.compile(row.after)) for row in NEXT_LINES)


def value_some_words_behind(name: NameMatch) -> Span | None:
    """Return the value that stands some words behind the name, on its line or alone on the next."""
    if name.weak:
        return None
    ends = _NAME_ENDS.match(name.text, name.end)
    at = ends.end() if ends else name.end
    previous = ""
    for _ in range(_MOST):
        found = _NEXT_WORD.match(name.text, at)
        if found is None:
            break
        if (span := _judged_word(name, found, previous)) is not None:
            return span
        if not _BETWEEN.fullmatch(found["word"]):
            break
        previous = ":" if _SIGNS.search(found["word"]) else found["word"].lower()
        at = found.end()
    return _on_next_line(name)


def _judged_word(name: NameMatch, found: re.Match[str], previous: str) -> Span | None:
    start = found.start("word")
    value = found["word"].rstrip(".:?_*")
    end = start + len(value)
    announced = previous in ANNOUNCING or (previous == "" and _DIGIT.search(value) is not None and _used(name))
    form = required_value(name.name) if announced else None
    if form is not None and form.fullmatch(value):
        return name.span(start, end)
    is_opened = name.text[start - 1] in {'"', "'", "`"}
    if (is_opened or previous in BEFORE_ROW_OF_WORDS) and (words := row_of_words(name, start)) is not None:
        return words
    is_near = announced or (previous == "" and name.kind == "password")
    if (
        previous in BELONGING
        or _NO_VALUE.fullmatch(value)
        or (not announced and _DIGEST.fullmatch(value))
        or (not is_near and "_" in value)
    ):
        return None
    if is_near or _PLAIN.fullmatch(value) or LINE_END.match(name.text, end):
        return judged(name, start, end, random=True)
    return None


def _used(name: NameMatch) -> bool:
    """Tell whether the words before the name say that it is used: `use the token …`, `with my API key …`."""
    return _USED.search(name.text[max(0, name.start - 48) : name.start]) is not None


def _on_next_line(name: NameMatch) -> Span | None:
    """Return what stands alone on the next line: what a command prints, an answer, what an interpreter shows."""
    text = name.text
    begin = max(text.rfind(mark, max(0, name.start - _LONGEST), name.start) for mark in ("\n", "\\n", '"')) + 1
    for line_begins, after in _NEXT_LINES:
        found = after.match(text, name.end)
        if found is not None and line_begins.match(text, begin):
            return judged(name, *found.span("value"), random=True)
    return None
