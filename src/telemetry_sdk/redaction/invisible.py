r"""What a reader does not see: terminal colours, zero-width and bidirectional characters; raw, and as JSON writes them.

A text is redacted as it is read. If that takes a secret out, the lines around it lose what is invisible in them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Redact = Callable[[str, Counter[str]], str]  # takes secrets out of a text and counts them

# JSON writes them as \u001b[31m, \u200b. An even number of backslashes before is no escape.
_CODES = (
    r"200[b-f]|206[0-9]|feff|00ad|180e|202[a-e]|034f|061c|fe0[0-9a-f]|115f|1160|3164|db40(?:\\{1,16}+udc[0-7][0-9a-f])"
)
_RAW = (
    "\u200b-\u200f\u2060-\u2069\ufeff\u00ad\u180e\u202a-\u202e\u034f\u061c\ufe00-\ufe0f\u115f\u1160\u3164"
    "\U000e0000-\U000e01ef"
)
_COLOUR = r"\[[0-9;:?]{0,32}[A-Za-z]"
_LINK = r"\][^\x07\x1b\n\"\\]{0,2048}"  # a terminal's link or title, up to its end
INVISIBLE = re.compile(
    rf"\x1b(?:{_COLOUR}|{_LINK}(?:\x07|\x1b\\)|[()][AB0])|\x9b[0-9;:?]{{0,32}}[A-Za-z]|[{_RAW}\x00-\x08\x7f]"
    rf"|\\{{1,16}}+(?:(?:u001[bB]|x1[bB]|033)(?:{_COLOUR}|{_LINK}\\{{1,16}}+(?:u0007|u001[bB]\\{{2,32}}+)|[()][AB0])"
    rf"|u009[bB][0-9;:?]{{0,32}}[A-Za-z]|u(?i:{_CODES}))"
)
_BLANKS = "\u00a0\u2000-\u200a\u202f\u205f\u3000"  # a reader sees a blank
_BLANK = re.compile(f"[{_BLANKS}]")
_SIGN = re.compile(f"[\x1b\x9b{_RAW}{_BLANKS}\x00-\x08\x7f]")
_ASCII_SIGN = re.compile(r"[\x00-\x08\x1b\x7f]")  # found much faster
_ESCAPED_SIGN = re.compile(rf"\\(?:u00[19][bB]|x1[bB]|033|u(?i:{_CODES}))")
_MOST = 64  # lines that are looked at together


@dataclass(frozen=True, slots=True)
class Visible:
    """A text as it is read; `shifts`: from which of its positions on how much was taken out before it."""

    text: str
    shifts: list[tuple[int, int]]

    def raw(self, at: int) -> int:
        """Return the position in the given text of a position in the visible one."""
        found = bisect_right(self.shifts, at, key=lambda shift: shift[0])
        return at + (self.shifts[found - 1][1] if found else 0)


def is_invisible_in(text: str) -> bool:
    """Tell whether a text holds something invisible."""
    sign = _ASCII_SIGN if text.isascii() else _SIGN
    return sign.search(text) is not None or ("\\" in text and _ESCAPED_SIGN.search(text) is not None)


def visible(text: str) -> Visible:
    """Return the text as it is read."""
    shifts: list[tuple[int, int]] = []
    pieces: list[str] = []
    done = length = 0
    for found in INVISIBLE.finditer(text) if is_invisible_in(text) else ():
        pieces.append(text[done : found.start()])
        length += found.start() - done
        done = found.end()
        shifts.append((length, done - length))
    pieces.append(text[done:])
    joined = "".join(pieces)
    return Visible(joined if joined.isascii() else _BLANK.sub(" ", joined), shifts)


def redact_invisible(text: str, redact: Redact, counts: Counter[str]) -> str:
    """Redact the lines that hold something invisible, together with the lines beside them."""
    if not is_invisible_in(text):
        return text
    lines = text.split("\n")
    for first, end in reversed(list(_groups(lines))):
        found: Counter[str] = Counter()
        read = [visible(line).text for line in lines[first:end]]
        clean = redact("\n".join(read), found)
        single = [redact(line, counts) for line in read]
        if clean != "\n".join(single):  # a secret over several lines
            counts.update(found)
            lines[first:end] = [clean]
            continue
        for number, (line, safe) in enumerate(zip(read, single, strict=True), first):
            if safe != line:
                lines[number] = safe
    return "\n".join(lines)


def _groups(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the first line and the end of each group: lines that hold something invisible, and those beside them."""
    first, end = 0, 0
    for number, line in enumerate(lines):
        if not is_invisible_in(line):
            continue
        if end and (number > end or number - first >= _MOST):
            yield first, end
            first = max(number - 1, end)
        elif not end:
            first = max(number - 1, 0)
        end = min(number + 2, len(lines))
    if end:
        yield first, end
