r"""The row of a table of rules, and the fragments that patterns share.

Every pattern is linear in time, since

- a repeat is bounded, possessive, or the last thing in its pattern; none stands inside another;
- a pattern whose first repeat is long starts at a border (a look-behind of the same class), so that it is tried once
  for each run of characters and not once for each character.

No character class holds a double quote or a backslash, save between the two lines of a key block: a match never crosses
the end of a JSON string, and JSON that is given as text still parses afterwards.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_REDACTED = r"(?!\[redacted:)"
QUOTE = r"(?:\\{0,63}+[\"'])"  # with the escapes of the JSON strings in which it stands
BEFORE_QUOTE = rf"(?={QUOTE})"
LINE_BREAK = r"(?:\r?\n|\\{1,63}+(?:r\\{1,63}+)?n)"  # or as JSON writes it
BLANKS = rf"(?:\s|{LINE_BREAK}|\\{{1,63}}+t){{0,64}}+"
MIXED = r"(?=[A-Za-z_-]{0,40}[0-9])(?=[A-Z0-9_-]{0,40}[a-z])(?=[a-z0-9_-]{0,40}[A-Z])"  # no word, no hexadecimal digest

# Alphabets and groups of tokens, and what must stand in or behind them.
ALNUM, URL_SAFE, HEX, BASE64 = r"[A-Za-z0-9]", r"[A-Za-z0-9_-]", r"[0-9a-fA-F]", r"[A-Za-z0-9+/]"
WORD, LOWER, END = r"[A-Za-z0-9_]", r"[0-9a-z]", r"(?![A-Za-z0-9])"
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
GROUPS = r"[0-9A-Za-z]{8}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}"
MIXED_ALNUM = r"(?=[A-Za-z]{0,24}[0-9])(?=[A-Z0-9]{0,24}[a-z])(?=[a-z0-9]{0,24}[A-Z])"
MIXED_URL = r"(?=[A-Za-z_-]{0,32}[0-9])(?=[A-Z0-9_-]{0,32}[a-z])(?=[a-z0-9_-]{0,32}[A-Z])"
DIGIT, DIGITS = r"(?=[A-Za-z_-]{0,64}[0-9])", r"(?=(?:[A-Za-z]{0,16}[0-9]){3})"

DIGIT_NEAR = r"(?=[A-Za-z_.-]{0,20}[0-9])"
GLUED = ("AKIA", "ASIA", "AIza")  # that end with a letter, and are found behind one, too
_LONG_PREFIX = 4  # characters

# Ends of escapes: in JSON a line break is the two characters \n, in a URL a sign is three characters.
_ESCAPES = (r"\\[bfnrt]", r"\\u[0-9A-Fa-f]{4}", r"%[0-9A-F]{2}")


class Rule(NamedTuple):
    """What is redacted under which kind.

    `keywords`: one of them must occur before the pattern is tried.
    `pattern`: a regular expression (ASCII); its group `secret` is replaced, or else the whole match.
    `example` is redacted, `counter_example` is kept, each as a text of its own. There `<36>` stands for 36 random
    letters and digits, `<36x>` for hexadecimal digits, `<36d>` for digits, `<36u>` for capital letters and digits,
    `<36l>` for small letters and digits: so no scanner of repositories takes a table for a leak.
    """

    kind: str
    keywords: tuple[str, ...]
    pattern: str
    example: str
    counter_example: str


Row = tuple[str, str, str, str, str]  # kind, keywords (blanks between; `␣`: a blank), pattern, example, counter-example


def border_behind(width: int, characters: str = "A-Za-z0-9") -> str:
    """Return a border, to stand behind the `width` characters that it precedes: literals first are found faster."""
    back = f".{{{width}}}" if width else ""
    return rf"(?:(?<![{characters}]{back})|{'|'.join(f'(?<={escape}{back})' for escape in _ESCAPES)})"


BORDER = border_behind(0)  # no letter or digit before, or the end of an escape
BORDER_BEHIND_ONE = border_behind(1)  # a class of characters first is found much faster than a border


def rule(row: Row) -> Rule:
    """Return the rule of a row."""
    return Rule(row[0], tuple(_keywords(row)), *row[2:])


def token_rules(row: Row) -> list[Rule]:
    """Return a rule for each prefix of a token; `!`: a border stands before the prefix."""
    return _expanded(row, _border_or_letter)


def command_rules(row: Row) -> list[Rule]:
    """Return a rule for each command; `!`: it begins a word."""
    return _expanded(row, _word_behind)


def may_be_glued(prefix: str) -> bool:
    """Tell whether a token of this prefix is one behind a letter, too: seldom by chance, nor a part of a word."""
    return prefix in GLUED or (prefix[-1] in "_-" and len(prefix) >= _LONG_PREFIX) or prefix[-1] == "."


def _border_or_letter(prefix: str) -> str:
    border = border_behind(len(prefix), _dashes(prefix))
    if not may_be_glued(prefix):
        return border
    return rf"(?:{border}|(?<=[A-Za-z].{{{len(prefix)}}}){DIGIT_NEAR})"


def _expanded(row: Row, border: Callable[[str], str]) -> list[Rule]:
    rules: list[Rule] = []
    for written in _keywords(row):
        keyword = written.removeprefix("!")
        begin = re.escape(keyword) + (border(keyword) if keyword != written else "")
        rules.append(Rule(row[0], (keyword,), begin + row[2], row[3], row[4]))
    return rules


def _keywords(row: Row) -> list[str]:
    return [keyword.replace("␣", " ") for keyword in row[1].split()]


def _dashes(prefix: str) -> str:
    """Return what may not stand before a prefix: `sk-` ends words, too (`task-…`, but also `risk_sk-…`)."""
    return "A-Za-z0-9_-" if prefix == "sk-" else "A-Za-z0-9"


def _word_behind(word: str) -> str:
    """Return the beginning of a word, to stand behind it: also behind an escaped line break, and in a diff."""
    return (
        rf"(?:(?<![A-Za-z0-9_-].{{{len(word)}}})|(?<=\\[bfnrt].{{{len(word)}}})|(?<=^[-+].{{{len(word)}}})"
        rf"|(?<=\n[-+].{{{len(word)}}})|(?<=\\n[-+].{{{len(word)}}}))"
    )


@cache  # most rules are never needed
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern of a rule."""
    return re.compile(pattern, re.ASCII)
