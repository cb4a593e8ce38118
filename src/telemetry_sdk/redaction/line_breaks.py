r"""Tokens that a line break tears: terminals and mail break long lines, JSON writes the break as `\n`."""

from __future__ import annotations

import re
from functools import cache

from .rules.rule import BORDER

_BREAK = r"(?:\\?\r?\n[ \t>|]{0,12}|\\{1,15}+(?:r\\{1,15}+)?n[ \t]{0,12})"
_REST = r"[A-Za-z0-9_-]"
# Letters of both sizes and digits, or a long row of hexadecimal digits; not a name, a date, a file.
_RANDOM = (
    rf"(?:(?={_REST}{{0,200}}[0-9])(?={_REST}{{0,200}}[a-z])(?={_REST}{{0,200}}[A-Z])|(?=[0-9a-f]{{16}}))"
    r"(?!\d{4}-\d\d-\d\d)"
)
_END = r"={0,2}+(?![A-Za-z0-9_./(\[{:@=-])"
_CONTINUED = re.compile(rf"{_BREAK}{_RANDOM}{_REST}{{6,4096}}+{_END}")
_IN_URL = re.compile(r"(?:%(?:2[BbFf]|3[Dd])[A-Za-z0-9_-]{0,4096}+){1,64}+")  # signs of base64
_NARROWEST = 40  # characters: no terminal breaks lines that are shorter


def end_of_token(text: str, end: int) -> int:
    """Return where a token ends that was found up to `end`: it may go on URL-encoded, or on the next line."""
    if text[end : end + 1] == "%" and (rest := _IN_URL.match(text, end)):
        return rest.end()
    if text[end : end + 1] not in {"\n", "\r", "\\"}:
        return end
    line = max(text.rfind("\n", 0, end), text.rfind("\\n", 0, end), -1)
    if end - line <= _NARROWEST:
        return end
    match = _CONTINUED.match(text, end)
    return match.end() if match else end


@cache
def torn_token(prefix: str) -> re.Pattern[str]:
    """Return the pattern of a token that is torn so soon behind its prefix that what is left is none."""
    return re.compile(rf"{BORDER}{re.escape(prefix)}[A-Za-z0-9_-]{{0,64}}+{_BREAK}{_RANDOM}{_REST}{{12,4096}}+{_END}")
