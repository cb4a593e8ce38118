"""Values in quotes: alone, in a list, in an object, in a call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..rules.names import INNER_NAMES
from ..rules.rule import BLANKS
from .quotes import CLOSED_ALREADY, OPENING, end_of_quoted
from .values import judged

if TYPE_CHECKING:
    from ..spans import Span
    from .matches import NameMatch
    from .separators import SeparatorMatch

_MOST = 64  # items of a list
_QUOTE = r"\\{0,63}+[\"'`]"
_BEFORE_VALUE = re.compile(  # `os.getenv("X") or "…"`, a type and its value, an element in an element
    r"[A-Za-z_][\w.]{0,64}+(?:\([^()\n]{0,100}+\)|\[[^\[\]\n]{0,100}+\])?"
    rf"[ \t]{{0,4}}(?:or|\|\||\?\?|\?:)[ \t]{{0,4}}(?={_QUOTE})|!!(?:str|binary)[ ]|string\(\d{{1,5}}\)[ ]"
    rf"|qq?[{{\[(]|{BLANKS}<[Vv]alue>"
    r"|[rRbBfFuU]{0,2}+(?P<third>\\{0,63}+[\"'])(?P=third)(?=(?P=third))"  # two of three quotes
)
_INNER = re.compile(  # `{"password": {"value": "…"}}`
    rf"\{{(?:[^{{}}\[\]]{{0,512}}?(?P<quote>\\{{0,63}}+[\"'])(?:{'|'.join(INNER_NAMES)}|\d{{1,4}})(?P=quote)|\d{{1,4}})"
    rf"{BLANKS}:{BLANKS}(?=\\{{0,63}}+[\"'])"
)
_CALL = re.compile(  # `SecretStr("…")`, `os.getenv("X", "…")`
    r"(?:new[ ]|\[\])?[A-Za-z_][\w.:]{0,64}+(?:<[^<>\n]{0,40}>)?\("
    rf"(?:\\{{0,63}}+[\"'][A-Za-z0-9_.-]{{1,64}}\\{{0,63}}+[\"'],[ ]?)?(?:default[ ]?=[ ]?)?(?={_QUOTE})"
)
_CALL_ENDS = re.compile(rf"{_QUOTE}[ \t]{{0,4}}[),\]]")
_ARROW = re.compile(rf"{_QUOTE}[ \t]{{1,4}}->[ \t]{{1,4}}(?={_QUOTE})")
_OPENS = re.compile(rf"[\[({{]{BLANKS}(?={_QUOTE})")
_COLON = re.compile(rf"{_QUOTE}{BLANKS}(?::|=>){BLANKS}")
_COMMA = re.compile(rf"{_QUOTE}{BLANKS},{BLANKS}")


def skip_to_value(text: str, at: int) -> int:
    """Return where the value begins: behind `os.getenv("X") or`, in the object that stands in its place, or `at`."""
    before = _BEFORE_VALUE.match(text, at)
    at = before.end() if before else at
    inner = _INNER.match(text, at) if text[at : at + 1] == "{" else None
    return inner.end() if inner else at


def in_quotes(name: NameMatch, separator: SeparatorMatch, at: int) -> tuple[int, int] | None:
    """Return the start and the end of a value whose quote opens here, and closes."""
    opening = OPENING.match(name.text, at)
    if opening is None or ends_text(name, separator, opening.end(), opening["quote"]):
        return None
    end = end_of_quoted(name.text, opening.end(), opening["quote"], is_json=name.is_json)
    return None if end is None else (opening.end(), end)


def ends_text(name: NameMatch, separator: SeparatorMatch, at: int, quote: str) -> bool:
    """Tell whether a quote ends the text that holds the name, and opens no value: `"enter a password:", …`."""
    return quote != separator.close and CLOSED_ALREADY.match(name.text, at) is not None


def value_in_call(name: NameMatch, separator: SeparatorMatch, at: int) -> Span | None:
    """Judge a value in a call: `SecretStr("…")`; most calls take other things."""
    call = _CALL.match(name.text, at)
    found = in_quotes(name, separator, call.end()) if call else None
    return judged(name, *found, random=True) if found and _CALL_ENDS.match(name.text, found[1]) else None


def value_behind_arrow(name: NameMatch, separator: SeparatorMatch, end: int) -> Span | None:
    """Judge what stands behind a value and an arrow: `"old" -> "new"`."""
    arrow = _ARROW.match(name.text, end)
    found = in_quotes(name, separator, arrow.end()) if arrow else None
    return judged(name, *found) if found else None


def _is_inner(key: str) -> bool:
    """Tell whether a value of this key is named by what stands above it, as in an object in the place of a value."""
    return key in INNER_NAMES or key.isdecimal()


def items(name: NameMatch, separator: SeparatorMatch, at: int) -> list[Span]:
    """Return the values of a list, `"passwords": ["…", "…"]`, or of an object, `PASSWORDS = {"ann": "…"}`.

    An object of a name in the singular holds them under keys that are numbers, or words for a value.
    """
    is_object = name.text[at : at + 1] == "{"
    spans: list[Span] = []
    begin = _OPENS.match(name.text, at)
    for _ in range(_MOST):
        found = in_quotes(name, separator, begin.end()) if begin else None
        is_inner = True
        if found and is_object:
            is_inner = _is_inner(name.text[slice(*found)])
            colon = _COLON.match(name.text, found[1])
            found = in_quotes(name, separator, colon.end()) if colon else None
        if found is None:
            break
        is_value = is_inner or name.name[-1:] in {"s", "S"}
        if is_value and (span := judged(name, *found, random=not is_inner)) is not None:
            spans.append(span)
        begin = _COMMA.match(name.text, found[1])
    return spans
