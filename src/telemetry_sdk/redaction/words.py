"""The words of a text, each once: what they do not hold, the text does not, and they are a third of it.

Most texts hold no secret of most kinds; that is told here, and only what may be there is looked for in the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SIGNS = b"\"'(),;[]{<\\"  # stand around words; no hint holds one of these
_AS_BLANKS = bytes.maketrans(_SIGNS, b" " * len(_SIGNS))
_BREAKS = ("\\n", "\\t", "\\r")  # in JSON text a line break is the two characters \n
_END = re.compile(r"[/=|]([\w-]+)(?= )")
_CHANGED = re.compile(r" [-+](\w[\w-]+)(?= )")  # in a diff
_SLASH = re.compile(r"\\+/")  # JSON may write / as \/


class Words(NamedTuple):
    """The words of a text: `text` in no order, a blank before and behind each, ASCII as it is; `each` by itself."""

    text: str
    lower: str
    each: set[bytes]


def words_of(text: str) -> Words:
    """Return the distinct words of a text."""
    if "\\" in text:
        for line_break in _BREAKS:
            text = text.replace(line_break, "  ")
        if "\\/" in text:
            text = _SLASH.sub("/", text)
    words = set(text.encode(errors="replace").translate(_AS_BLANKS).split())  # bytes: three times as fast
    text = f" {b' '.join(words).decode('latin-1')} "
    return Words(text, text.lower(), words)


def ends_of(words: str) -> set[str]:
    """Return the ends of words: the command in `/usr/bin/mysql`, `next=mysql`, `|mysql`."""
    return {*_END.findall(words), *_CHANGED.findall(words)}
