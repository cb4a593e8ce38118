"""Whole texts that are decided by their form: fixed ones that stay, and forms that speak of a name and never stay."""

from __future__ import annotations

import re

_WHOLE = re.compile(
    r"(?:true|null|exit (?:code|status) \d{1,3}|(?:step|page) \d{1,5} of \d{1,5}|listening on port \d{1,5}"
    r"|cache (?:hit|miss)|everything up to date|already up to date|timeout|mit license|km/h|i/o error|a/b test)[.!]?",
    re.ASCII | re.IGNORECASE,
)
_AMBIGUOUS = r"(?:open|time|day|next|new|old|last|first|one|will|may|read|close|java|london|june)"
_NEVER = re.compile(
    rf"\b{_AMBIGUOUS}\b.*\b(?:not found|missing|invalid|denied|failed)\b"
    rf"|\b(?:missing|invalid|denied|failed)\b.*\b{_AMBIGUOUS}\b"
    r"|\bthe [\w ]+ was not found\b|\bis missing\b|\bno \w+ for the \w+|\bhas no \w+|\bdid you mean\b|\bmy name is\b"
    r"|^(?:building|installed|compiling|renamed|moved) \S"
    rf"|\b(?:if|for|with|of) {_AMBIGUOUS}\b|^page [a-z]",
    re.IGNORECASE,
)
_LONG_NUMBERS = re.compile(r"(?<![\w.,:/+-])[0-9]{6,}(?![\w/:+-])|\b[0-9]{3,},? [0-9]{3,}\b")


def is_fixed(text: str) -> bool:
    """Tell whether the whole text is one of the fixed forms."""
    return _WHOLE.fullmatch(text) is not None


def is_about_a_name(text: str) -> bool:
    """Tell whether the text has a form in which messages name things, or a number that may identify."""
    return _NEVER.search(text) is not None or _LONG_NUMBERS.search(text) is not None
