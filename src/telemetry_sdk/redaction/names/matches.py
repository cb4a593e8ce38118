"""Finds the names in a text that give away what stands beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..rules.names import NEED_A_WORD_BEFORE, SEARCHED, SEARCHED_NOT_ASCII, SHORT_NAMES, WORDS_BEFORE
from ..spans import MARK, Span
from .lookup import is_weak, secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_NAME = 64
LONGEST_BEFORE = 96  # characters of a line that are looked at before a name

_WORDS = {keyword: re.compile(word) for keyword, word in SEARCHED}  # one by one is faster than all in one pattern
_NOT_ASCII = tuple(map(re.compile, SEARCHED_NOT_ASCII))
_ESCAPED = tuple(  # as JSON writes them: `\u043f…`
    (f"u{ord(word[0]):04x}", re.compile("".join(rf"\\{{1,15}}+u{ord(sign):04x}" for sign in word)))
    for name in SEARCHED_NOT_ASCII
    for word in {name, name.capitalize()}
)
_REST_OF_NAME = re.compile(r"(?:\\{1,15}+u00f1)?[A-Za-z0-9_ñ]{0,40}+(?:-[A-Za-z0-9_]{1,40}+){0,4}+")
_WORD_BEFORE = re.compile(
    rf"(?:(?:(?<![A-Za-z])|(?<=\\[nrt]))(?i:{'|'.join(WORDS_BEFORE)}) |[A-Za-z0-9_-]{{1,32}}\.)\Z"
)
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
_ESCAPE = re.compile(r"[bfnrt]|u[0-9A-Fa-f]{4}")  # in JSON text a line break is the two characters \n
_CODE_POINT = re.compile(r"\\+u([0-9a-f]{4})")
_PATH = re.compile(r"(?:[A-Za-z0-9_-]{1,32}\.){1,6}\Z")  # `spring.datasource.password`
_LINE_BEGINS = re.compile(r".*(?:[\r\n\"]|\\[nr])|(?<!.)", re.DOTALL)


@dataclass(frozen=True)
class NameMatch:
    """A secret's name in a text, from `start` to `end`, and the kind of secret that it gives away."""

    text: str
    start: int
    end: int
    name: str
    kind: str
    is_json: bool
    weak: bool = False  # the name is one of other things, too: its value must look random

    @cached_property
    def line_before(self) -> str | None:
        """What stands before the (dotted) name on its line or in its JSON string; None if that is long."""
        before = self.text[max(0, self.start - LONGEST_BEFORE) : self.start]
        begin = _LINE_BEGINS.match(before)
        if begin is None or (begin.end() == 0 and self.start > LONGEST_BEFORE):
            return None
        return _PATH.sub("", before[begin.end() :])

    def span(self, start: int, end: int) -> Span:
        """Return the span of a value of this name."""
        return Span(start, end, self.kind)


def name_matches(text: str, words: str, *, is_json: bool) -> Iterator[NameMatch]:
    """Yield the names of secrets in a text, in order; `words`: its words in lower case."""
    done = 0
    for start, end in _found_words(text, words):
        if start < done:
            continue
        rest = _REST_OF_NAME.match(text, end)
        done = rest.end() if rest else end
        match = _name_at(text, start, done, is_json=is_json)
        if match is not None:
            yield match


def _found_words(text: str, words: str) -> list[tuple[int, int]]:
    """Return where words stand that may belong to a secret's name, in order."""
    lower = text.lower()
    if len(lower) != len(text):  # one letter, the dotted capital I, grows: positions must not shift
        lower = text.replace("\u0130", "I").lower()
    patterns = [word for keyword, word in _WORDS.items() if keyword in words]
    if "\\u" in lower:
        patterns += [word for keyword, word in _ESCAPED if keyword in words]
    if not lower.isascii():
        patterns += _NOT_ASCII
    return sorted(found.span() for pattern in patterns for found in pattern.finditer(lower))


def _name_at(text: str, word: int, end: int, *, is_json: bool) -> NameMatch | None:
    """Return the name that this word belongs to, if it is a secret's."""
    start = _start_of_name(text, word)
    name, kind = _kind_of(text, start, end)
    if kind is None or text.endswith(MARK, 0, start):  # a mark's own word
        return None
    weak = is_weak(name) and text[start - 1 : start] not in {";", '"', "'"}
    return NameMatch(text, start, end, name, kind, is_json, weak)


def _kind_of(text: str, start: int, end: int) -> tuple[str, str | None]:
    """Return the name at this place, and the kind of secret that it gives away."""
    name = text[start:end].strip("-").rstrip("0123456789")
    if name.lower() in NEED_A_WORD_BEFORE and (before := _WORD_BEFORE.search(text[max(0, start - 33) : start])):
        name = before[0] + name
    if name.lower() in SHORT_NAMES:
        return name, "password"
    if "\\" in name:
        name = _CODE_POINT.sub(lambda escape: chr(int(escape[1], 16)), name)
    return name, secret_name(name)


def _start_of_name(text: str, word: int) -> int:
    before = text[max(0, word - _LONGEST_NAME) : word]
    start = word - len(before) + len(before.rstrip(_NAME_CHARACTERS))
    escape = _ESCAPE.match(text, start) if text[start - 1 : start] == "\\" else None
    return min(word, escape.end()) if escape else start
