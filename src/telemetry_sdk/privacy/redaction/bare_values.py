"""Values without quotes behind a secret's name, and what else may stand there: expressions, types, words of prose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .names import LEAST, MARK, is_phrase, secret_name, shape_of_value
from .spans import Span
from .values import is_placeholder

if TYPE_CHECKING:
    from .mentions import Mention
    from .signs import Sign

_LONG_NUMBER = 16  # digits: shorter bare numbers are counts
_SAID = 6  # characters of a secret in prose: `the password is …`

BARE = re.compile(r"[^\s\"'`\\,;&<>(){}\[\]|]+")
STRANGE = re.compile(r"[0-9!@#$%^&*]")
LINE_END = re.compile(r"[ \t]{0,8}(?:\Z|[\r\n\";]|\\{1,63}+[nr\"])")
_BARE_SHELL = re.compile(r"[^\s\"'`\\]+")
_ROW_OF_WORDS = re.compile(r"[a-z]{3,10}(?:[ ][a-z]{3,10}){2,23}+(?![A-Za-z])")
_NUMBER = re.compile(r"-?\d[\d.eE+-]*+(?=[\s,}\]\\]|\Z)")
_EXPRESSION = re.compile(r"[A-Za-z_]\w*(?:(?:\.|->|::|\?\.)[A-Za-z_]\w*){0,16}")
_MEMBER = re.compile(r"\.|->|::")


def said_value(mention: Mention, at: int) -> Span | None:
    """Judge a value in prose: `my password is …`; words are none."""
    match = BARE.match(mention.text, at)
    if match is None or len(match[0]) < _SAID or not STRANGE.search(match[0]) or is_placeholder(match[0]):
        return None
    return None if mention.text.startswith(MARK, at) else Span(at, match.end(), mention.kind)


def json_number(mention: Mention, at: int, quote: str) -> Span | None:
    """Take a number out of JSON: the mark stands in quotes like the key's, so that it still parses."""
    number = _NUMBER.match(mention.text, at)
    if number is None or mention.kind != "password" or len(number[0]) < LEAST:
        return None
    return Span(number.start(), number.end(), mention.kind, quote)


def bare_value(mention: Mention, sign: Sign, at: int) -> Span | None:
    """Judge a value without (closed) quotes."""
    text = mention.text
    if is_phrase(mention.name) and (words := _ROW_OF_WORDS.match(text, at)):
        return Span(at, words.end(), mention.kind)
    tight = sign.written in {"", ">", ":-"} or (sign.written == "=" and text[sign.value_at - 1] == "=")
    in_query = text[mention.start - 1 : mention.start] in {"?", "&", ";"}
    shell = tight and sign.written in {"", "="} and mention.name.isupper() and not in_query
    match = (_BARE_SHELL if shell else BARE).match(text, at)
    if match is None or text.startswith(MARK, at) or is_placeholder(match[0]):
        return None
    if match[0].startswith(("$", "/", "./", "~")) or not _may_be_bare(mention, sign, match, tight=tight):
        return None
    return Span(at, match.end(), mention.kind)


def _may_be_bare(mention: Mention, sign: Sign, match: re.Match[str], *, tight: bool) -> bool:
    """Tell whether a bare value may be a secret, rather than an expression, a type or a word of prose."""
    value = match[0]
    shape = shape_of_value(mention.name)
    if shape is not None:
        return shape.fullmatch(value) is not None
    if value.isdecimal():
        return len(value) >= (LEAST if mention.kind == "password" else _LONG_NUMBER)
    if not _EXPRESSION.fullmatch(value):
        return len(value) >= LEAST
    if _is_code(mention, sign, match):
        return False
    if any(c.isdigit() for c in value):
        return True
    return "." not in value and (tight or _stands_alone(mention, match.end()))


def _is_code(mention: Mention, sign: Sign, match: re.Match[str]) -> bool:
    """Tell whether an expression is a call, an index, a type, or its own name: `password=args.password`."""
    if sign.written != ">" and mention.text[match.end() : match.end() + 1] in {"(", "[", "{", "<"}:
        return True
    member = _MEMBER.split(match[0])[-1]
    return secret_name(member) is not None or member.lower() in mention.name.lower()


def _stands_alone(mention: Mention, end: int) -> bool:
    """Tell whether name and value fill their line, as in a settings file."""
    before = mention.text[max(0, mention.start - 64) : mention.start].rstrip(" \t\"'-")
    before = before.removesuffix("export").rstrip(" \t")
    opens = not before or before.endswith(("\n", "\r", "\\n", "\\r"))
    return opens and LINE_END.match(mention.text, end) is not None
