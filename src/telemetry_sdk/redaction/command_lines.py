"""Applies the rules of commands, also to lists of arguments: `["tool", "-u", "root", "-p…"]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .rules.rule import compiled
from .spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .rules.rule import Rule

_BETWEEN = re.compile(r"\\{0,63}[\"'],\s{0,16}\\{0,63}[\"']")
_LIST = re.compile(r"[\"'][^\"'\n\\]{1,64}(?:\\{0,63}[\"'],\s{0,16}\\{0,63}[\"'][^\"'\n\\]{0,256}){1,32}+")


def command_spans(text: str, candidates: Iterable[Rule]) -> list[Span]:
    """Return where commands and calls give a secret, in order."""
    return sorted(span for rule in candidates for find in (_in_lines, _in_lists) for span in find(text, rule))


def _in_lines(text: str, rule: Rule) -> Iterator[Span]:
    """Yield what matches where the command stands: that is found much faster than a pattern."""
    pattern = compiled(rule.pattern)
    for at in _positions(text, rule.keywords[0]):
        match = pattern.match(text, at)
        if match is not None and _is_secret(match["secret"]):
            yield Span(*match.span("secret"), rule.kind)


def _in_lists(text: str, rule: Rule) -> Iterator[Span]:
    first = rule.keywords[0].split(" ", 1)[0]
    for at in (*_positions(text, f'"{first}'), *_positions(text, f"'{first}")):
        items = _LIST.match(text, at)
        match = compiled(rule.pattern).match(_BETWEEN.sub(" ", items[0])[1:]) if items else None
        start = text.find(match["secret"], at, items.end()) if items and match and _is_secret(match["secret"]) else -1
        if match is not None and start >= 0:
            yield Span(start, start + len(match["secret"]), rule.kind)


def _is_secret(value: str) -> bool:
    from .names.values import is_placeholder, names_one  # patterns that most texts do not need

    return not is_placeholder(value) and not names_one(value)


def _positions(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))
