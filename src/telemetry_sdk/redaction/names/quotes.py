"""Quotes, also in JSON within JSON, where they have backslashes before them."""

from __future__ import annotations

import re

_LONGEST = 8192  # characters of a quoted value; above that its quote is taken for unclosed

OPENING = re.compile(r"(?:[rRbBfFuUN]{1,2}|@|<<)?(?P<quote>\\{0,63}+[\"'`])")
CLOSED_ALREADY = re.compile(r"(?:\s|\\{1,63}+[nrt])*+(?:[,:;)}\]]|\\{0,63}+[\"'`]|\Z)")


def end_of_quoted(text: str, at: int, quote: str, *, is_json: bool) -> int | None:
    """Return where a quoted value ends, before the backslashes of its closing quote; None: it is not closed.

    In JSON within JSON the quotes of depth d have 2^d - 1 backslashes. A quote closes the value if, pairs
    taken away, as many stand before it as before the opening one; fewer, and it ends an outer text.
    """
    depth, mark = len(quote) - 1, quote[-1]
    limit = min(len(text), at + _LONGEST)
    for stop in ("\n", '"') if is_json and mark != '"' else ("\n",):
        found = text.find(stop, at, limit)
        limit = limit if found < 0 else found
    found = text.find(mark, at, limit)
    while found >= 0:
        run = _backslashes(text, at, found)
        if run % (2 * depth + 2) == depth:
            three = text[at - 3 : at] == text[found : found + 3] == "'''"
            if three or mark != "'" or depth or found == at or text[found + 1 : found + 2] != "'":
                return found - depth
            found += 1  # SQL and YAML write a quote within quotes twice
        elif any(run % (2 * outer + 2) == outer for outer in range(depth)):
            return found - run
        found = text.find(mark, found + 1, limit)
    return None


def _backslashes(text: str, lowest: int, at: int) -> int:
    first = at
    while first > lowest and text[first - 1] == "\\":
        first -= 1
    return at - first
