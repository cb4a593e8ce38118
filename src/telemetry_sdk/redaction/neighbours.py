"""Strings that follow each other in a structure: several may hold a key's lines, or a name and its value."""

from __future__ import annotations

import re
from collections import Counter

from .key_blocks import KeyBlocks
from .text import redact_text

_LONGEST = 200  # characters of a last line that may announce a value, and of the first line of the next string
_ANNOUNCES = re.compile(r"(?:[:=?]|\bis|\bare)\s*\Z")
_SHORT, _MOST_KNOWN = 40, 10_000  # characters of a text that is remembered, and how many are
_NEAR = 8  # strings between, under other keys: a role, a time


class Neighbours:
    """Redacts the strings of a structure, or of the messages of a session, in their order."""

    def __init__(self) -> None:
        self._keys = KeyBlocks()
        self._announced: dict[str, str] = {}  # by the key under which it stands: the last line of the last string
        self._since = 0
        self._known: set[str] = set()  # short texts without secrets, such as keys and roles: they are repeated

    def redact(self, text: str, key: str) -> tuple[str, dict[str, int]]:
        """Return a string without its secrets; `key`: the key under which it stands, or its list."""
        clean, counts = self._redacted(text)
        line = self._announced.pop(key, None)
        if line is not None:
            clean, counts = _below(line, clean, counts)
        self._since += 1
        if self._since > _NEAR:
            self._announced.clear()
        last = text[-_LONGEST:].rstrip().rpartition("\n")[2]
        if _ANNOUNCES.search(last):
            self._announced[key] = f"{last[:-1]}:" if last.endswith("?") else last
            self._since = 0
        return clean, counts

    def _redacted(self, text: str) -> tuple[str, dict[str, int]]:
        if text in self._known and not self._keys.is_open:
            return text, {}
        clean, counts = redact_text(text, self._keys)
        if len(text) <= _SHORT and not counts and len(self._known) < _MOST_KNOWN:
            self._known.add(text)
        return clean, counts


def _below(line: str, text: str, counts: dict[str, int]) -> tuple[str, dict[str, int]]:
    """Redact the first line of a text as it reads below a line."""
    first, rest = text[:_LONGEST].partition("\n")[0], ""
    rest = text[len(first) :]
    above = redact_text(line)[0]
    both, found = redact_text(f"{above}\n{first}")
    if not found or not both.startswith(f"{above}\n"):
        return text, counts
    return both[len(above) + 1 :] + rest, dict(Counter(counts) + Counter(found))
