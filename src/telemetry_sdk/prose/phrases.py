"""Fixed phrases that may stay where the text around them goes: they are the system's own words and hold no data."""

from __future__ import annotations

import re
from functools import cache

from .word_list import lines

MARK = "<…>"
LONGEST = 48  # characters of a text that may be one phrase
_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,5}(?![0-9])", re.ASCII)
_WORD = re.compile(r"[^\s:;(>]+")  # what stands between these stands by itself: `x.not found`, `/no such file` do not
_LIGHT = " \t\r\n:;,.!()"  # what may stand between two phrases and is not worth a mark
_STATUS = re.compile(r"(?:HTTP )?[1-5][0-9][0-9]")
_AFTER = frozenset(("", *" \t\r\n:;,.!)<"))


def skeleton(text: str, *, cut: bool = False) -> str:
    """Return the fixed phrases of a text, in order, with one mark for whatever stands between them.

    `cut`: something follows the text that is not looked at.
    """
    if _phrases().keys().isdisjoint(_words(text)):
        return MARK
    pieces: list[str] = []
    done = 0
    for start, end in _found(text):
        _add_gap(pieces, text[done:start])
        pieces.append(text[start:end])
        done = end
    _add_gap(pieces, text[done:])
    if (cut or not pieces) and pieces[-1:] != [MARK]:
        pieces.append(MARK)
    return " ".join(pieces)


def is_phrase(text: str) -> bool:
    """Tell whether the whole text is one fixed phrase or remark, with a full stop or an exclamation mark or none."""
    if len(text) > LONGEST or not text.isascii():
        return False
    whole = _whole()
    lower = text.lower()
    phrase = lower if lower in whole or not lower.endswith((".", "!")) else lower[:-1]
    return phrase in whole or _NUMBER.sub("#", phrase) in whole


def _add_gap(pieces: list[str], gap: str) -> None:
    gap = gap.strip(_LIGHT)
    if _STATUS.fullmatch(gap):
        pieces.append(gap)
    elif gap and pieces[-1:] != [MARK]:
        pieces.append(MARK)


def _words(text: str) -> list[str]:
    """Return the words as `_WORD` finds them, but faster."""
    return text.lower().replace(":", " ").replace(";", " ").replace("(", " ").replace(">", " ").split()


def _found(text: str) -> list[tuple[int, int]]:
    """Return where the fixed phrases stand; of two that begin at one word the longer one."""
    phrases = _phrases()
    found: list[tuple[int, int]] = []
    done = 0
    for word in _WORD.finditer(text):
        start = word.start()
        if start >= done and (candidates := phrases.get(word[0].lower())):
            done = _end_of_phrase(text, start, candidates)
            if done:
                found.append((start, done))
    return found


def _end_of_phrase(text: str, start: int, candidates: tuple[str, ...]) -> int:
    for phrase in candidates:
        end = start + len(phrase)
        if text[start:end].lower() == phrase and text[end : end + 1] in _AFTER and text[start:end].isascii():
            return end
    return 0


@cache
def _phrases() -> dict[str, tuple[str, ...]]:
    """Return the phrases in lower case by their first word, longest first."""
    by_first: dict[str, list[str]] = {}
    for line in lines("phrases.txt"):
        phrase = line.lower()
        by_first.setdefault(phrase.split()[0], []).append(phrase)
    return {first: tuple(sorted(phrases, key=len, reverse=True)) for first, phrases in by_first.items()}


@cache
def _whole() -> frozenset[str]:
    return frozenset([*(line.lower() for line in lines("phrases.txt")), *lines("remarks.txt")])
