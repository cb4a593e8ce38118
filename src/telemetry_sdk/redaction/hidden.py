r"""Secrets in which something invisible stands: colours of a terminal, characters without width.

A line that holds such is looked at without it. If a secret comes to light, the line is given without the invisible
and without the secret; else it stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    Redact = Callable[[str, Counter[str]], str]  # takes secrets out of a text and counts them

# Raw, and as JSON writes them: \u001b[31m, \u200b. An even number of backslashes before is no escape.
_CODES = r"200[b-f]|2060|206[1-4]|feff|00ad|180e|202[a-e]|206[6-9]|034f"
_RAW = (
    "\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u180e\u202a\u202b\u202c\u202d\u202e\u034f"
)
_COLOUR = r"\[[0-9;:?]{0,32}[A-Za-z]"
_INVISIBLE = re.compile(
    rf"\x1b{_COLOUR}|[{_RAW}\x00-\x08\x7f]|\\{{1,16}}+(?:(?:u001[bB]|x1[bB]|033){_COLOUR}|u(?i:{_CODES}))"
)
_SIGNS = ("\x1b", "\x00", "\x08", "\x7f", *_RAW)
_WRITTEN = re.compile(rf"\\(?:u001[bB]|x1[bB]|033|u(?i:{_CODES}))")


def uncovered(text: str, redact: Redact, counts: Counter[str]) -> str:
    """Return the text, with those lines without secrets in which something invisible covered one."""
    if not any(sign in text for sign in _SIGNS) and not _WRITTEN.search(text):
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines):
        bare = _INVISIBLE.sub("", line)
        if bare != line:
            clean = redact(bare, counts)
            lines[number] = line if clean == bare else clean
    return "\n".join(lines)
