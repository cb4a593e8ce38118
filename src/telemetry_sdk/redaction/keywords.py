"""Keywords: which rules can match a text at all.

They are looked up in the distinct words of a text, which are a third of it, since most texts hold no secret of most
kinds; only the rules whose keyword occurs are tried on the text.
"""

from __future__ import annotations

import re
import string
from functools import cached_property
from typing import TYPE_CHECKING

from .rules.rule import GLUED, may_be_glued

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .rules.rule import Rule

_SIGNS = b"\"'(),;[]{<\\"  # stand around words; no keyword holds one of these
_AS_BLANKS = bytes.maketrans(_SIGNS, b" " * len(_SIGNS))
_LINE_BREAKS = ("\\n", "\\t", "\\r")  # in JSON text a line break is the two characters \n
_SLASH = re.compile(r"\\+/")  # JSON may write / as \/
_LONG = 12  # characters: shorter than every token; but a line break may tear one
_RUN = re.compile(r"[A-Za-z0-9_.+/=~$%:-]{12,}")
_BEHIND_ESCAPE = re.compile(r"(?<![^ ])(?:u[0-9A-Fa-f]{4})([A-Za-z0-9_.+/=~$%:-]{8,})")  # a letter that JSON escapes
_ALNUMS = re.compile(r"[A-Za-z0-9]+")
_WORD_END = re.compile(r"[^\w\s](\w++)(?= )", re.ASCII)  # the command in `/usr/bin/tar`, `next=tar`, `-tar`
_HEAD, _TAIL = 3, 2
_TAILS = re.compile(r"[A-Za-z0-9]{2}(?=[_.-])")
_CHARACTERS = string.digits + string.ascii_letters


class Words:
    """The distinct words of a text.

    `joined`: in no order, a blank before and behind each; `lower`: the same in lower case; `runs`: the long ones, of
    which every token is a part, a tenth of most texts.
    """

    def __init__(self, text: str) -> None:
        self._has_escapes = "\\u" in text
        if "\\" in text:
            for line_break in _LINE_BREAKS:
                text = text.replace(line_break, "  ")
            if "\\/" in text:
                text = _SLASH.sub("/", text)
        self._words = set(text.encode(errors="replace").translate(_AS_BLANKS).split())  # bytes: three times as fast
        self.joined = f" {b' '.join(self._words).decode('latin-1')} "
        self.lower = self.joined.lower()

    @cached_property
    def runs(self) -> str:
        """The runs of characters of tokens in the long words, a blank between them."""
        long = b" ".join([word for word in self._words if len(word) >= _LONG])
        runs = " ".join(_RUN.findall(long.decode("latin-1")))
        return f"{runs} {' '.join(_BEHIND_ESCAPE.findall(runs))}" if self._has_escapes else runs

    def ends(self, known: Mapping[bytes, str]) -> set[str]:
        """Return which of these words stand alone, or are the last part of a word."""
        return {*(known[word] for word in known.keys() & self._words), *_WORD_END.findall(self.joined)}


class KeywordTable:
    """Rules whose keywords stand anywhere in a word."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._by_keyword: dict[str, list[int]] = {}
        for number, rule in enumerate(self._rules):
            for keyword in rule.keywords:
                self._by_keyword.setdefault(keyword, []).append(number)

    def candidates(self, words: str) -> list[Rule]:
        """Return the rules one of whose keywords occurs, in their order."""
        present = [numbers for keyword, numbers in self._by_keyword.items() if keyword in words]
        return [self._rules[number] for number in sorted({number for numbers in present for number in numbers})]


class PrefixTable:
    """Rules of tokens, each with a prefix as its keyword; looked up by the beginnings of words first, which are few."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_head: dict[str, list[tuple[tuple[int, int], str, Rule]]] = {}
        self._by_tail: dict[str, list[tuple[tuple[int, int], str, Rule]]] = {}
        for number, rule in enumerate(rules):
            (prefix,) = rule.keywords
            for head in _heads(prefix):
                self._by_head.setdefault(head, []).append(((-len(prefix), number), prefix, rule))  # sorted so
            if may_be_glued(prefix) and prefix not in GLUED:
                self._by_tail.setdefault(_ALNUMS.findall(prefix)[-1][-_TAIL:], []).append(
                    ((-len(prefix), number), prefix, rule)
                )

    def candidates(self, runs: str) -> list[Rule]:
        """Return the rules whose prefix occurs, those of longer prefixes first, then in their order."""
        heads = {word[:_HEAD] for word in _ALNUMS.findall(runs)} & self._by_head.keys()
        found = {entry for head in heads for entry in self._by_head[head] if entry[1] in runs}
        tails = {word[-_TAIL:] for word in _TAILS.findall(runs)} & self._by_tail.keys()
        found.update(entry for tail in tails for entry in self._by_tail[tail] if entry[1] in runs)
        found.update(entry for prefix in GLUED if prefix in runs for entry in self._by_head[prefix[:_HEAD]])
        return [rule for _, _, rule in sorted(found)]


class WordEndTable:
    """Rules each with one keyword at the end of a word; looked up by the last parts of words first."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_end: dict[str, list[tuple[str, Rule]]] = {}
        for rule in rules:
            first = rule.keywords[0].split(" ", 1)[0]
            end = _WORD_END.search(f" -{first} ")
            self._by_end.setdefault(end[1] if end else "", []).append((first, rule))
        self._known = {end.encode(): end for end in self._by_end}

    def candidates(self, words: Words) -> list[Rule]:
        """Return the rules whose keyword occurs; one that ends with a sign may stand anywhere in a word."""
        ends = {"", *(words.ends(self._known) & self._by_end.keys())}
        return [rule for end in ends for keyword, rule in self._by_end.get(end, ()) if keyword in words.joined]


def _heads(prefix: str) -> Iterator[str]:
    """Yield how the first word of such a token may begin: three characters, or the whole of a shorter word."""
    word = _ALNUMS.match(prefix)
    head = word[0][:_HEAD] if word else ""
    if len(head) < _HEAD and head == prefix:  # the word goes on behind the prefix: `SK` and digits
        yield from (head + character for character in _CHARACTERS)
    yield head
