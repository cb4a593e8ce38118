"""Judges values: what may be the value of a secret's name, and what can be none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..rules.names import SHORT_NAMES
from ..rules.placeholders import PLACEHOLDERS
from ..spans import MARK, Span
from .lookup import holds_words, required_value, secret_name

if TYPE_CHECKING:
    from .matches import NameMatch

SHORTEST = 4  # characters of a secret that is no password; digits of a PIN
_SHORTEST_TOKEN = 8  # characters: a language model's token is a word
_SHORTEST_NUMBER = 10  # digits of a secret that is no password: shorter ones are counts
_SHORTEST_RANDOM = 6  # characters of a value that a weak sign gives away

_PLACEHOLDER = re.compile("|".join(pattern for pattern, _ in PLACEHOLDERS))
_PATH_BEGINS = re.compile(r"/|~(?:[a-z_][a-z0-9_-]{0,31})?(?:/|\Z)|\.{1,2}(?:[/\w]|\Z)|[A-Za-z]:\\")
_NO_PATH = re.compile(r"[+=!#$%^&*?|]")  # a path holds few of them
_PARTS = re.compile(r"[A-Z]?[a-z]{2,}|[a-z]|[A-Z]+|[0-9]+")  # words, and what stands between
_IDENTIFIER = re.compile(r"[a-z]{1,24}(?:_[a-z]{1,24}){1,4}_[0-9]{1,3}")  # code's: `function_name_12`
_NO_SECRET = re.compile(  # algorithms, encodings, versions, constants, numbers with a unit
    r"(?i:(?:hmac-?)?(?:sha|md|aes|rsa|hs|rs|es|ps|utf|latin|iso|cp|base|ed|p|int|uint|float|u|i|f|http|tls|ssl|oauth|v)"
    r"-?[0-9_/.-]{1,8}[a-z0-9]{0,4})|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[v0-9][0-9.]{0,32}[a-z%]{0,4}|0x[0-9A-Fa-f]{1,16}"
)
_WITH_DIGIT_OR_SIGN = re.compile(
    r"(?:\{[a-z0-9]{3,12}\})?(?=[^A-Za-z]*+[A-Za-z])(?=[^0-9!@#$%^&*~]*+[0-9!@#$%^&*~])[^\s<>(){}\[\]|]{6,512}"
    r"(?:\{[a-z]{2,12}\})?"
)
ROW_OF_WORDS = re.compile(r"[a-z]{3,10}(?:[ ][a-z]{3,10}){2,23}+(?![A-Za-z])")
_HYPHENATED = re.compile(r"[a-z]{4,10}(?:-[a-z]{4,10}){3,7}")  # a passphrase in one word
_WORDS_ONLY = re.compile(r"[A-Za-z][A-Za-z _.:?!-]{0,64}")
_SENTENCE = re.compile(
    r"[A-Z][^0-9]{0,200}? (?:the|is|are|a|an|your|must|to|not|has|be|in|of|for|with|from|can|at) .{0,400}"
    r"|(?:is|must|should|has|needs?|may) .{3,200}"
    r"|[^0-9]{0,200}?\b(?:must|should|can't|cannot|isn't|required|invalid|incorrect)[ .].{0,200}",
    re.DOTALL,
)


def value_kind(name: str, value: Any) -> str | None:
    """Return the kind of secret that the value of this name is, or None: no such name, no such value."""
    if not name or isinstance(value, bool) or not isinstance(value, str | int):
        return None
    kind = "password" if name.lower() in SHORT_NAMES else secret_name(name)
    if kind is None:
        return None
    if isinstance(value, int):
        least = SHORTEST if kind == "password" else _SHORTEST_NUMBER
        form = required_value(name)
        return kind if len(str(abs(value))) >= least and (form is None or form.fullmatch(str(value))) else None
    return kind if may_be_secret(name, value, kind) else None


def is_placeholder(value: str) -> bool:
    """Whether a value stands for one, or is one of the words that code and forms put in its place."""
    return _PLACEHOLDER.fullmatch(value.strip()) is not None


def is_path(value: str) -> bool:
    """Whether a value is the path of a file: its segments can be read, unlike base64 that begins with `/`."""
    if not _PATH_BEGINS.match(value):
        return False
    if _NO_PATH.search(value):
        return False
    longest = max(value.split("/"), key=len)
    return not any(map(_is_random, (longest, value.replace("/", ""))))


def _is_random(text: str) -> bool:
    """Tell whether small and capital letters and digits change as often as by chance."""
    if len(text) < _SHORTEST_TOKEN or text.islower() or text.isupper():
        return False
    return len(_PARTS.findall(text)) > len(text) / 4 + 1  # in base64 a part has 2 characters, in words 4


def names_one(value: str) -> bool:
    """Whether a value is the name of a secret itself: a label, another key, a reference."""
    return _WORDS_ONLY.fullmatch(value) is not None and any(
        secret_name(word.strip(".:?!")) for word in value.split(" ")
    )


def may_be_secret(name: str, value: str, kind: str) -> bool:
    """Whether a quoted value of this name may be a secret."""
    if _is_none(name, value):
        return False
    form = required_value(name)
    if form is not None:
        return form.fullmatch(value) is not None
    if name.lower() in SHORT_NAMES:
        return len(value) >= SHORTEST and not is_path(value)
    if kind == "password":
        return True
    return _is_no_word(value) if name.lower() == "token" else len(value) >= SHORTEST


def looks_random(name: str, value: str, kind: str) -> bool:
    """Whether a value looks like a secret by itself, too: letters with digits or signs, no word of code.

    Asked where the separator between name and value is weak: a call, a row of a table, a blank.
    """
    if (holds_words(name) and ROW_OF_WORDS.fullmatch(value)) or (_HYPHENATED.fullmatch(value) and not names_one(value)):
        return True
    if (
        len(value) < _SHORTEST_RANDOM
        or not _WITH_DIGIT_OR_SIGN.fullmatch(value)
        or not may_be_secret(name, value, kind)
    ):
        return False
    if is_path(value) or _NO_SECRET.fullmatch(value) or _IDENTIFIER.fullmatch(value):
        return False
    return name.lower() not in value.lower() and secret_name(value) is None


def _is_none(name: str, value: str) -> bool:
    """Tell whether a value is none: empty, redacted, the name again, a placeholder, a label, a sentence."""
    if not value.strip() or value[0].isspace() or value.startswith(MARK) or value.lower() == name.lower():
        return True
    return is_placeholder(value) or names_one(value) or _SENTENCE.fullmatch(value) is not None


def _is_no_word(value: str) -> bool:
    """Tell whether a value is neither a language model's token nor an identifier of code."""
    has_digit = any(c.isdigit() for c in value)
    long = len(value) >= _SHORTEST_TOKEN and (has_digit or len(value) >= 2 * _SHORTEST_TOKEN)
    return long and not _IDENTIFIER.fullmatch(value)


def judged(name: NameMatch, start: int, end: int, *, random: bool = False) -> Span | None:
    """Return the value from `start` to `end`, if it may be a secret; `random`: if it looks like one by itself, too."""
    judge = looks_random if random or name.weak else may_be_secret
    return Span(start, end, name.kind) if judge(name.name, name.text[start:end], name.kind) else None
