"""Applies the rules to a text: find candidates by keyword, match, replace.

No kind of secret is named here; the tables in `rules` name them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .command_lines import command_spans
from .keywords import KeywordTable, PrefixTable, WordEndTable
from .line_breaks import end_of_token, torn_token
from .rules import calls, cloud_tokens, commands, contexts, service_tokens, token_patterns, unmarked_tokens
from .rules.rule import Rule, command_rules, compiled, rule, token_rules
from .spans import Span, replaced

if TYPE_CHECKING:
    import re
    from collections import Counter
    from collections.abc import Iterable, Iterator

    from .keywords import Words

_PREFIXES = PrefixTable(made for row in (*cloud_tokens.ROWS, *service_tokens.ROWS) for made in token_rules(row))
_PATTERNS = KeywordTable(map(rule, token_patterns.ROWS))
_UNMARKED = [Rule(kind, (short,), pattern, *examples) for kind, short, pattern, *examples in unmarked_tokens.ROWS]
_CONTEXTS = KeywordTable(map(rule, contexts.ROWS))
_COMMANDS = WordEndTable(made for row in (*commands.ROWS, *calls.ROWS) for made in command_rules(row))


def apply_rules(text: str, words: Words, counts: Counter[str]) -> str:
    """Return the text without the secrets that the tables describe; count them by kind."""
    if words.runs:
        for candidate in _PREFIXES.candidates(words.runs):
            text = _applied(text, [candidate], counts)
            text = replaced(text, _torn_spans(text, candidate), counts)
        text = _applied(text, _PATTERNS.candidates(words.runs), counts)
        unmarked = [candidate for candidate in _UNMARKED if compiled(candidate.keywords[0]).search(words.runs)]
        text = _applied(text, unmarked, counts)
    text = _applied(text, _CONTEXTS.candidates(words.lower), counts)
    return replaced(text, command_spans(text, _COMMANDS.candidates(words)), counts)


def _applied(text: str, candidates: Iterable[Rule], counts: Counter[str]) -> str:
    for candidate in candidates:
        text = replaced(text, _spans(text, candidate.kind, compiled(candidate.pattern)), counts)
    return text


def _torn_spans(text: str, candidate: Rule) -> Iterator[Span]:
    (prefix,) = candidate.keywords
    if prefix in text and ("\n" in text or "\\n" in text):
        yield from _spans(text, candidate.kind, torn_token(prefix))


def _spans(text: str, kind: str, pattern: re.Pattern[str]) -> Iterator[Span]:
    """Yield what matches: the group `secret`, or the whole token with what a line break tore from it."""
    group = "secret" if "secret" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        start, end = match.span(group)
        yield Span(start + _inside_escape(text, start), end if group else end_of_token(text, end), kind)


def _inside_escape(text: str, start: int) -> int:
    r"""Return 1 if the character at `start` ends a JSON escape, as the n of `\npm_…` may do."""
    if start == 0 or text[start - 1] != "\\" or text[start] not in "bfnrt":
        return 0
    first = start
    while first and text[first - 1] == "\\":
        first -= 1
    return (start - first) % 2
