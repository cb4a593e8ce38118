"""Values in quotes behind a secret's name: alone, in a list, in a call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..spans import BLANKS, CLOSED_ALREADY, OPENING, Span, end_of_quoted
from .values import looks_made, may_be_secret

if TYPE_CHECKING:
    from .mentions import Mention
    from .signs import Sign

_MOST = 64  # items of a list
_QUOTE = r"\\{0,63}+[\"'`]"
_FALLBACK = re.compile(  # `os.getenv("X") or "…"`
    r"[A-Za-z_][\w.]{0,64}+(?:\([^()\n]{0,100}+\)|\[[^\[\]\n]{0,100}+\])?"
    rf"[ \t]{{0,4}}(?:or|\|\||\?\?|\?:)[ \t]{{0,4}}(?={_QUOTE})|!!(?:str|binary)[ ]|string\(\d{{1,5}}\)[ ]"
    rf"|qq?[{{\[(]|{BLANKS}<[Vv]alue>"
)
_WRAPPER = re.compile(  # `SecretStr("…")`, `os.getenv("X", "…")`
    r"(?:new[ ]|\[\])?[A-Za-z_][\w.:]{0,64}+(?:<[^<>\n]{0,40}>)?\("
    rf"(?:\\{{0,63}}+[\"'][A-Za-z0-9_.-]{{1,64}}\\{{0,63}}+[\"'],[ ]?)?(?:default[ ]?=[ ]?)?(?={_QUOTE})"
)
_WRAPPED = re.compile(rf"{_QUOTE}[ \t]{{0,4}}[),\]]")
_ARROW = re.compile(rf"{_QUOTE}[ \t]{{1,4}}->[ \t]{{1,4}}(?={_QUOTE})")
_LIST = re.compile(rf"[\[(]{BLANKS}(?={_QUOTE})")
_OBJECT = re.compile(rf"\{{{BLANKS}(?={_QUOTE})")
_COLON = re.compile(rf"{_QUOTE}{BLANKS}(?::|=>){BLANKS}")
_COMMA = re.compile(rf"{_QUOTE}{BLANKS},{BLANKS}")


def after_fallback(text: str, at: int) -> int:
    """Return where the value begins behind `os.getenv("X") or`, or `at`."""
    fallback = _FALLBACK.match(text, at)
    return fallback.end() if fallback else at


def in_quotes(mention: Mention, sign: Sign, at: int) -> tuple[int, int] | None:
    """Return the place of a value whose quote opens here, and closes."""
    opening = OPENING.match(mention.text, at)
    if opening is None or ends_text(mention, sign, opening.end(), opening["quote"]):
        return None
    end = end_of_quoted(mention.text, opening.end(), opening["quote"], is_json=mention.is_json)
    return None if end is None else (opening.end(), end)


def ends_text(mention: Mention, sign: Sign, at: int, quote: str) -> bool:
    """Tell whether a quote ends the text that holds the name, and opens no value: `"enter a password:", …`."""
    return quote != sign.close and CLOSED_ALREADY.match(mention.text, at) is not None


def quoted_value(mention: Mention, start: int, end: int) -> Span | None:
    """Return the value, if it may be a secret."""
    value = mention.text[start:end]
    judge = looks_made if mention.weak else may_be_secret
    return Span(start, end, mention.kind) if judge(mention.name, value, mention.kind) else None


def made_value(mention: Mention, start: int, end: int) -> Span | None:
    """Return the value, if it looks like a secret by itself, too."""
    value = mention.text[start:end]
    return Span(start, end, mention.kind) if looks_made(mention.name, value, mention.kind) else None


def wrapped_value(mention: Mention, sign: Sign, at: int) -> Span | None:
    """Judge a value in a call: `SecretStr("…")`; most calls take other things."""
    wrapper = _WRAPPER.match(mention.text, at)
    found = in_quotes(mention, sign, wrapper.end()) if wrapper else None
    return made_value(mention, *found) if found is not None and _WRAPPED.match(mention.text, found[1]) else None


def next_values(mention: Mention, sign: Sign, end: int) -> list[Span]:
    """Return what stands behind a value and an arrow: `"old" -> "new"`."""
    arrow = _ARROW.match(mention.text, end)
    found = in_quotes(mention, sign, arrow.end()) if arrow else None
    span = quoted_value(mention, *found) if found else None
    return [] if span is None else [span]


def mapped_values(mention: Mention, sign: Sign, at: int) -> list[Span]:
    """Return the values of an object that has the name of several secrets: `PASSWORDS = {"ann": "…"}`."""
    spans: list[Span] = []
    begin = _OBJECT.match(mention.text, at)
    for _ in range(_MOST):
        key = in_quotes(mention, sign, begin.end()) if begin is not None else None
        colon = _COLON.match(mention.text, key[1]) if key is not None else None
        found = in_quotes(mention, sign, colon.end()) if colon is not None else None
        if found is None:
            break
        if (span := made_value(mention, *found)) is not None:
            spans.append(span)
        begin = _COMMA.match(mention.text, found[1])
    return spans


def listed_values(mention: Mention, sign: Sign, at: int) -> list[Span]:
    """Return the strings of a list: `"passwords": ["…", "…"]`."""
    spans: list[Span] = []
    begin = _LIST.match(mention.text, at)
    for _ in range(_MOST):
        found = in_quotes(mention, sign, begin.end()) if begin is not None else None
        if found is None:
            break
        if (span := quoted_value(mention, *found)) is not None:
            spans.append(span)
        begin = _COMMA.match(mention.text, found[1])
    return spans
