"""Values without quotes behind a secret's name, and what else may stand there: expressions, types, words of prose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..spans import LINE_BREAK, Span
from .names import LEAST, MARK, is_phrase, secret_name, shape_of_value
from .values import ROW_OF_WORDS, is_placeholder, looks_made, names_one

if TYPE_CHECKING:
    from .mentions import Mention
    from .signs import Sign

_LONG_NUMBER = 16  # digits: shorter bare numbers are counts
_SAID = 6  # characters of a secret in prose: `the password is …`

# What is judged is bounded, for a run of characters may hold many names; what is taken is all of it.
BARE = re.compile(r"[^\s\"'`\\,;&<>(){}\[\]|]{1,2048}+")
STRANGE = re.compile(r"[0-9!@#$%^&*]")
LINE_END = re.compile(r"[ \t]{0,8}(?:\Z|[\r\n\";]|\\{1,63}+[nr\"])")
_BARE_SHELL = re.compile(r"[^\s\"'`\\]{1,2048}+")
_NUMBER = re.compile(r"-?\d[\d.eE+-]*+(?=[\s,}\]\\]|\Z)")
_EXPRESSION = re.compile(
    r"[A-Za-z_]\w*(?:(?:\.|->|::|\?\.)[A-Za-z_]\w*){0,16}[!?:]?|(?:[A-Z][a-z]+){1,2}-(?:[A-Z][a-z]+){1,3}"
)
_OF_PROSE = frozenset(("via", "and", "or", "is", "to", "for", "option", "flag", "argument", "on", "in", "from", "with"))
_GOES_ON = re.compile(
    r"(?:&(?![\w.-]{1,32}=)|[()])[^\s\"'`\\<>,;|\[\]]{4,512}+(?=[\s<]|\Z|\\{1,15}[nr\"])"
)  # signs in a password
_TYPE = re.compile(r"(?:[A-Z][a-z]+){2,6}|[A-Z][A-Z_]{2,32}")  # `SecretBytes`, `STRING`
_ELEMENT_ENDS = re.compile(rf"[^<\n\"\\]{{1,512}}(?:<|\]\]>|{LINE_BREAK}[ \t]{{0,32}}<)")
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
    if (words := row_of_words(mention, at)) is not None:
        return words
    if sign.written == ">" and not _ELEMENT_ENDS.match(text, at):
        return None
    tight = sign.written in {"", ">", ":-"} or (sign.written == "=" and text[sign.value_at - 1] == "=")
    in_query = text[mention.start - 1 : mention.start] in {"?", "&", ";"}
    shell = tight and sign.written in {"", "="} and mention.name.isupper() and not in_query
    characters = _BARE_SHELL if shell else BARE
    match = characters.match(text, at)
    if match is None or text.startswith(MARK, at) or _stands_for_one(match[0]):
        return None
    is_one = _may_be_bare(mention, sign, match, tight=tight)
    if not is_one or (mention.weak and not looks_made(mention.name, match[0], mention.kind)):
        return None
    end = match.end()
    while (rest := characters.match(text, end)) is not None:
        end = rest.end()
    goes_on = None if in_query else _GOES_ON.match(text, end)
    return Span(at, goes_on.end() if goes_on else end, mention.kind)


def _stands_for_one(value: str) -> bool:
    """Tell whether a value is a placeholder, a variable, a path, a word of prose, a secret's name."""
    return is_placeholder(value) or value.startswith(("$", "/", "./", "~")) or value in _OF_PROSE or names_one(value)


def row_of_words(mention: Mention, at: int) -> Span | None:
    """Return the words that stand under `mnemonic`, `passphrase` and the like."""
    words = ROW_OF_WORDS.match(mention.text, at) if is_phrase(mention.name) else None
    return Span(at, words.end(), mention.kind) if words else None


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
    return any(c.isdigit() for c in value) or (
        not _is_word_of_code(mention, value) and (tight or _stands_alone(mention, match.end()))
    )


def _is_word_of_code(mention: Mention, value: str) -> bool:
    """Tell whether letters alone are a place or a type, or too few for a token."""
    return "." in value or (mention.kind != "password" and len(value) < _LONG_NUMBER) or bool(_TYPE.fullmatch(value))


def _is_code(mention: Mention, sign: Sign, match: re.Match[str]) -> bool:
    """Tell whether an expression is a call, an index, a type, or its own name: `password=args.password`."""
    after = mention.text[match.end() : match.end() + 2]
    if sign.written != ">" and after[:1] in {"(", "[", "{", "<"} and after != "</":
        return True
    member = _MEMBER.split(match[0])[-1]
    return secret_name(member) is not None or member.lower() in mention.name.lower()


def _stands_alone(mention: Mention, end: int) -> bool:
    """Tell whether name and value fill their line, as in a settings file."""
    before = mention.text[max(0, mention.start - 64) : mention.start].rstrip(" \t\"'-")
    before = before.removesuffix("export").rstrip(" \t")
    opens = not before or before.endswith(("\n", "\r", "\\n", "\\r"))
    return opens and LINE_END.match(mention.text, end) is not None
