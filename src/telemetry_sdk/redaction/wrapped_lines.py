r"""Secrets in lines that a terminal wrapped at 80, 100, 120, … characters, raw or in JSON text (`\n`).

Such lines are redacted as one line. If that takes a secret out, they are given as one line; else they stay.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .encoded import Redact

_WIDTHS = frozenset((80, 100, 120, 132, 160))
_NARROWEST = min(_WIDTHS)
_MOST = 32  # lines that are looked at as one
_BREAKS = ("\\\\n", "\\n", "\n")  # in JSON within JSON, in JSON, raw; the deepest first
_ENDS = re.compile(r"[A-Za-z0-9_+/=.:-]\Z")
_BEGINS = re.compile(r"[A-Za-z0-9_+/=.-]")


def redact_wrapped(text: str, redact: Redact, counts: Counter[str]) -> str:
    """Redact the groups of wrapped lines, each read as one line."""
    for line_break in _BREAKS:
        if line_break in text:
            text = _redact_groups(text, line_break, redact, counts)
    return text


def _redact_groups(text: str, line_break: str, redact: Redact, counts: Counter[str]) -> str:
    lines = text.split(line_break)
    torn = [at for at, size in enumerate(map(len, lines)) if size >= _NARROWEST and _length(lines[at]) in _WIDTHS]
    if not torn:
        return text
    done = 0
    pieces: list[str] = []
    for first, last in _groups(lines, torn):
        head, begin = _after_quote(lines[first])
        end, tail = _before_quote(lines[last])
        group = [begin, *lines[first + 1 : last], end]
        found: Counter[str] = Counter()
        clean = redact("".join(group), found)
        if found and clean != redact(line_break.join(group), Counter()).replace(line_break, ""):
            counts.update(found)
            pieces += (*lines[done:first], head + clean + tail)
            done = last + 1
    return line_break.join((*pieces, *lines[done:])) if done else text


def _length(line: str) -> int:
    return len(line) - line.rfind('"') - 1


def _groups(lines: list[str], torn: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of each group that reads on."""
    after = 0
    for first in torn:
        width, last = _length(lines[first]), first
        if first < after:
            continue
        while last + 1 < len(lines) and last - first < _MOST and _reads_on(lines, last, first, width):
            last += 1
        if last > first:
            after = last + 1
            yield first, last


def _reads_on(lines: list[str], at: int, first: int, width: int) -> bool:
    """Tell whether a line is as wide as the terminal, and the next goes on in the middle of a word."""
    if at > first and len(lines[at]) != width:
        return False
    return _ENDS.search(lines[at]) is not None and _BEGINS.match(lines[at + 1]) is not None


def _after_quote(line: str) -> tuple[str, str]:
    cut = line.rfind('"') + 1
    return line[:cut], line[cut:]


def _before_quote(line: str) -> tuple[str, str]:
    cut = line.find('"')
    if cut < 0:
        return line, ""
    while cut and line[cut - 1] == "\\":
        cut -= 1
    return line[:cut], line[cut:]
