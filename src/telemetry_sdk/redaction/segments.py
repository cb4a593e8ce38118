"""Cuts a long text into segments, where no secret can stand across the cut.

The cuts depend on the text alone, never on its chunks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

LEAST = 8_192  # characters: passes are repeated over the segments with secrets only
MOST = 262_144  # a line of this length is cut between two words
_BLOCK = 20_480  # characters: the longest key block that is looked for, and a little
_NEAR = 200  # characters before a cut in which no name of a secret may stand, unless something closes there

_NAMES = re.compile(r"pass|pwd|secret|token|key|cred|auth|login|bearer|basic|cookie|curl|--$", re.IGNORECASE)
_GAP = re.compile(r"[\s,;](?=[\s\"'\[{(]?[^\s,;]*\Z)")
_CLOSED = frozenset("}]).;!?\n")
_RUN_END = re.compile(r"[A-Za-z0-9_+/=-]{16}\Z")


def segments(chunks: Iterable[str]) -> Iterator[str]:
    """Yield the text of the chunks in segments of 8,192 to 262,144 characters (the last one may be shorter)."""
    waiting: list[str] = []
    size = 0
    need = LEAST
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size <= need:
            continue
        rest = yield from _complete_segments("".join(waiting))
        waiting, size = [rest], len(rest)
        need = max(LEAST, 2 * size)  # the search starts over: seldom enough that it stays linear
        need = min(need, MOST) if size < MOST else size
    rest = yield from _complete_segments("".join(waiting))  # the last chunks were not searched yet
    if rest:
        yield rest


def _complete_segments(text: str) -> Generator[str, None, str]:
    """Yield the segments that end in this text; return the rest."""
    begin = 0
    while (cut := _cut(text, begin)) is not None:
        yield text[begin:cut]
        begin = cut
    return text[begin:]


def _cut(text: str, begin: int) -> int | None:
    """Return where the segment that begins here ends, or None if the text is too short to tell."""
    at = text.find("\n", begin + LEAST)
    while 0 <= at < begin + MOST:
        if _is_safe(text, begin, at):
            return at + 1
        at = text.find("\n", at + 1)
    if len(text) - begin <= MOST:
        return None
    gap = _GAP.search(text, begin + MOST - _NEAR, begin + MOST)
    return gap.end() if gap else begin + MOST


def _is_safe(text: str, begin: int, at: int) -> bool:
    """Tell whether neither a key block nor a name with its value can go on behind the line break at `at`."""
    if text[at - 1] not in _CLOSED and (
        _RUN_END.search(text, max(begin, at - 16), at) or _NAMES.search(text, max(begin, at - _NEAR), at)
    ):
        return False
    first = max(begin, at - _BLOCK)
    opened = max(text.rfind("-----BEGIN ", first, at), text.rfind("Private-Lines", first, at))
    return opened < 0 or text.find("-----END ", opened, at) >= 0
