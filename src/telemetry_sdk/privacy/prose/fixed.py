"""Whole texts that are decided by their form: fixed ones that stay, and forms that speak of a name and never stay."""

from __future__ import annotations

import re

_WHOLE = re.compile(
    r"(?:true|null|exit (?:code|status) \d{1,3}|(?:step|page) \d{1,5} of \d{1,5}|listening on port \d{1,5}"
    r"|cache (?:hit|miss)|everything up to date|already up to date|timeout|mit license|km/h|i/o error|a/b test)[.!]?",
    re.ASCII | re.IGNORECASE,
)
_AMBIGUOUS = r"(?:open|time|day|next|new|old|last|first|one|will|may|read|close|java|london|june)"
_FAILED = r"(?:not found|missing|invalid|denied|failed)"


def _form(hints: str, pattern: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Return what must stand in a text, one of it, before the pattern is tried: a look costs less than a search."""
    return tuple(hints.split("|")), re.compile(pattern, re.IGNORECASE)


_NEVER = (
    _form("not found|missing|invalid|denied|failed", rf"\b{_AMBIGUOUS}\b.*\b{_FAILED}\b"),
    _form("missing|invalid|denied|failed", rf"\b(?:missing|invalid|denied|failed)\b.*\b{_AMBIGUOUS}\b"),
    _form("was not found|is missing", r"\bthe [\w ]+ was not found\b|\bis missing\b"),
    _form("no |did you mean|my name is", r"\bno \w+ for the \w+|\bhas no \w+|\bdid you mean\b|\bmy name is\b"),
    _form("building|installed|compiling|renamed|moved", r"^(?:building|installed|compiling|renamed|moved) \S"),
    _form("if |for |with |of ", rf"\b(?:if|for|with|of) {_AMBIGUOUS}\b"),
    _form("page ", r"^page [a-z]"),
)
_LONG_NUMBERS = re.compile(r"(?<![\w.,:/+-])[0-9]{6,}(?![\w/:+-])|\b[0-9]{3,},? [0-9]{3,}\b")


def is_fixed(text: str) -> bool:
    """Tell whether the whole text is one of the fixed forms."""
    return _WHOLE.fullmatch(text) is not None


def is_about_a_name(text: str) -> bool:
    """Tell whether the text has a form in which messages name things, or a number that may identify."""
    lower = text.lower()
    if any(any(hint in lower for hint in hints) and pattern.search(text) for hints, pattern in _NEVER):
        return True
    return _LONG_NUMBERS.search(text) is not None
