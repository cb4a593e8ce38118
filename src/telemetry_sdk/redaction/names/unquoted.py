"""Values without quotes, and what else may stand there: expressions, types, words of prose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..rules.rule import LINE_BREAK
from ..spans import MARK, Span
from .lookup import holds_words, required_value, secret_name
from .values import ROW_OF_WORDS, SHORTEST, is_path, is_placeholder, looks_random, names_one, value_kind

if TYPE_CHECKING:
    from .matches import NameMatch
    from .separators import SeparatorMatch

_LONG_NUMBER = 16  # digits: shorter bare numbers are counts
_BEGIN_PATHS = ("/", "./", "~")
_SHORTEST_IN_PROSE = 6  # characters of a secret in prose: `the password is …`

# What is judged is bounded, for a run of characters may hold many names; what is taken is all of it.
UNQUOTED = re.compile(r"[^\s\"'`\\,;&<>(){}\[\]|]{1,2048}+")
DIGIT_OR_SIGN = re.compile(r"[0-9!@#$%^&*]")
LINE_END = re.compile(r"[ \t]{0,8}(?:\Z|[\r\n\";]|\\{1,63}+[nr\"])")
_IN_SHELL = re.compile(r"[^\s\"'`\\]{1,2048}+")
_NUMBER = re.compile(r"-?\d[\d.eE+-]*+(?=[\s,}\]\\]|\Z)")
_EXPRESSION = re.compile(
    r"[A-Za-z_]\w*(?:(?:\.|->|::|\?\.)[A-Za-z_]\w*){0,16}[!?:]?|(?:[A-Z][a-z]+){1,2}-(?:[A-Z][a-z]+){1,3}"
)
_WORDS_OF_PROSE = frozenset(
    ("via", "and", "or", "is", "to", "for", "option", "flag", "argument", "on", "in", "from", "with")
)
_SIGNS_AND_MORE = re.compile(  # signs in a password
    r"(?:&(?![\w.-]{1,32}=)|[()])[^\s\"'`\\<>,;|\[\]]{4,512}+(?=[\s<]|\Z|\\{1,63}[nr\"])"
)
_TYPE = re.compile(r"(?:[A-Z][a-z]+){2,6}|[A-Z][A-Z_]{2,32}")  # `SecretBytes`, `STRING`
_ELEMENT_ENDS = re.compile(rf"[^<\n\"\\]{{1,512}}(?:<|\]\]>|{LINE_BREAK}[ \t]{{0,32}}<)")
_MEMBER = re.compile(r"\.|->|::")


def value_in_prose(name: NameMatch, at: int) -> Span | None:
    """Judge a value in prose: `my password is …`; words are none."""
    if (words := row_of_words(name, at)) is not None:
        return words
    match = UNQUOTED.match(name.text, at)
    if match is None or len(match[0]) < _SHORTEST_IN_PROSE or not DIGIT_OR_SIGN.search(match[0]):
        return None
    return None if is_placeholder(match[0]) or name.text.startswith(MARK, at) else name.span(at, match.end())


def row_of_words(name: NameMatch, at: int) -> Span | None:
    """Return the words that stand under `mnemonic`, `passphrase` and the like."""
    words = ROW_OF_WORDS.match(name.text, at) if holds_words(name.name) else None
    return name.span(at, words.end()) if words else None


def json_number(name: NameMatch, at: int, quote: str) -> Span | None:
    """Return a number of JSON: the mark stands in quotes like the key's, so that it still parses."""
    number = _NUMBER.match(name.text, at)
    if number is None or value_kind(name.name, int(number[0]) if number[0].isdecimal() else number[0]) is None:
        return None
    return Span(number.start(), number.end(), name.kind, quote)


def unquoted_value(name: NameMatch, separator: SeparatorMatch, at: int) -> Span | None:
    """Judge a value without (closed) quotes."""
    text = name.text
    if (words := row_of_words(name, at)) is not None:
        return words
    if separator.sign == ">" and not _ELEMENT_ENDS.match(text, at):
        return None
    tight = separator.sign in {" ", ">", ":-"} or (separator.sign == "=" and text[separator.value_at - 1] == "=")
    in_query = text[name.start - 1 : name.start] in {"?", "&", ";"}
    in_shell = tight and separator.sign in {" ", "="} and name.name.isupper() and not in_query
    characters = _IN_SHELL if in_shell else UNQUOTED
    match = characters.match(text, at)
    if match is None or text.startswith(MARK, at) or _stands_for_one(match[0]):
        return None
    is_one = _may_be_secret(name, separator, match, tight=tight)
    if not is_one or (name.weak and not looks_random(name.name, match[0], name.kind)):
        return None
    end = match.end()
    while (rest := characters.match(text, end)) is not None:
        end = rest.end()
    more = None if in_query else _SIGNS_AND_MORE.match(text, end)
    return name.span(at, more.end() if more else end)


def _stands_for_one(value: str) -> bool:
    """Tell whether a value is a placeholder, a variable, a path, a word of prose, a secret's name."""
    return (
        is_placeholder(value)
        or value.startswith("$")
        or value in _WORDS_OF_PROSE
        or (value.startswith(_BEGIN_PATHS) and is_path(value))
        or names_one(value)
    )


def _may_be_secret(name: NameMatch, separator: SeparatorMatch, match: re.Match[str], *, tight: bool) -> bool:
    """Tell whether an unquoted value may be a secret, rather than an expression, a type or a word of prose."""
    value = match[0]
    form = required_value(name.name)
    if form is not None:
        return form.fullmatch(value) is not None
    if value.isdecimal():
        return len(value) >= (SHORTEST if name.kind == "password" else _LONG_NUMBER)
    if not _EXPRESSION.fullmatch(value):
        return len(value) >= SHORTEST
    if _is_code(name, separator, match):
        return False
    return any(c.isdigit() for c in value) or (
        not _is_word_of_code(name, value) and (tight or _fills_line(name, match.end()))
    )


def _is_word_of_code(name: NameMatch, value: str) -> bool:
    """Tell whether letters alone are a member or a type, or too few for a token."""
    return "." in value or (name.kind != "password" and len(value) < _LONG_NUMBER) or bool(_TYPE.fullmatch(value))


def _is_code(name: NameMatch, separator: SeparatorMatch, match: re.Match[str]) -> bool:
    """Tell whether an expression is a call, an index, a type, or its own name: `password=args.password`."""
    after = name.text[match.end() : match.end() + 2]
    if separator.sign != ">" and after[:1] in {"(", "[", "{", "<"} and after != "</":
        return True
    member = _MEMBER.split(match[0])[-1]
    return secret_name(member) is not None or member.lower() in name.name.lower()


def _fills_line(name: NameMatch, end: int) -> bool:
    """Tell whether name and value fill their line, as in a settings file."""
    before = name.text[max(0, name.start - 64) : name.start].rstrip(" \t\"'-")
    before = before.removesuffix("export").rstrip(" \t")
    begins = not before or before.endswith(("\n", "\r", "\\n", "\\r"))
    return begins and LINE_END.match(name.text, end) is not None
