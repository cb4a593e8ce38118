"""How the patterns of secrets are built.

Rules of the tables, which keep every pattern linear:

- a repeat is bounded, possessive, or the last thing in its pattern; none stands inside another;
- a pattern whose first repeat is long starts at a border (a look-behind of the same class), so that it is
  tried once for each run of characters and not once for each character;
- no class holds a double quote or a backslash, save between a PEM's two marks: a match never crosses the
  end of a JSON string, and JSON that is given as text still parses afterwards.

The group `secret` is what goes; without it the whole match does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A border: no letter or digit before, or the end of an escape: in JSON a line break is the two characters \n, in a
# URL a sign is three.
_BACK = (r"\\[bfnrt]", r"\\u[0-9A-Fa-f]{4}", r"%[0-9A-F]{2}")
NOT_DONE = r"(?!\[redacted:)"
QUOTE = r"(?:\\{0,15}+[\"'])"  # with the escapes of the JSON strings in which it stands
AT_QUOTE = rf"(?={QUOTE})"
EDGE = rf"(?:(?<![A-Za-z0-9])|{'|'.join(f'(?<={back})' for back in _BACK)})"

START = (  # of a word, also behind an escaped line break, and in a diff
    r"(?:(?<![A-Za-z0-9_-])|(?<=\\[bfnrt])|(?<=^[-+])|(?<=\n[-+])|(?<=\\n[-+]))"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of secret. `hints`: substrings, one of which every match holds (lower case for kinds in context)."""

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def kind(name: str, hints: str, pattern: str, flags: int = 0) -> Kind:
    """Return a kind; `hints` are separated by blanks."""
    return Kind(name, tuple(hints.split()), re.compile(pattern, flags | re.ASCII))


def edge_before(width: int, characters: str = "A-Za-z0-9") -> str:
    """Return the border, to stand after the `width` characters that it precedes: literals first are found faster."""
    back = f".{{{width}}}"
    return rf"(?:(?<![{characters}]{back})|{'|'.join(f'(?<={escape}{back})' for escape in _BACK)})"


EDGE_BEHIND_ONE = edge_before(1)  # a class of characters first is found much faster than a border
MIXED = r"(?=[A-Za-z_-]{0,40}[0-9])(?=[A-Z0-9_-]{0,40}[a-z])(?=[a-z0-9_-]{0,40}[A-Z])"  # no word, no hexadecimal digest


def token(name: str, prefix: str, rest: str) -> Kind:
    """Return a kind whose prefix gives it away; `!` before the prefix: a border stands before it."""
    plain = prefix.removeprefix("!")
    dashed = "A-Za-z0-9_-" if plain == "sk-" else "A-Za-z0-9"  # `task-…`, but also `risk_sk-…`
    edge = edge_before(len(plain), dashed) if plain != prefix else ""
    return kind(name, plain, re.escape(plain) + edge + rest)
