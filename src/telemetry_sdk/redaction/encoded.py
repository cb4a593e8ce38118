"""Secrets in the writing of URLs: `password%3D…`, `https%3A%2F%2Fuser%3A…%40host`, up to three deep.

A word with `%2F` and the like is looked at as it reads. If it holds a secret, it is written anew without it; else it
stays as it is. (`urllib` is not loaded here: it belongs to the network.)
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .hidden import Redact

_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_JSON_ESCAPE = re.compile(r"[bfnrt]|u[0-9A-Fa-f]{4}")
_HIDES = re.compile(r"%(?:25){0,3}[0-7][0-9A-Fa-f]")  # what stands around a secret: : = / @ " & and blanks
_ENDS = " \n\r\t\"'\\<>`"
_REST = re.compile(rf"[^{re.escape(_ENDS)}]{{0,16384}}+")
_LONGEST = 4096  # characters of a word before the sign that is looked for
_WRITTEN = re.compile(r"[^A-Za-z0-9._~:/?&=@,\[\]-]+")  # the brackets are the mark's
_DEEPEST = 3  # URLs within URLs


def decoded(text: str, redact: Redact, counts: Counter[str]) -> str:
    """Return the text, with those words without secrets that hold one in the writing of URLs."""
    words = _words(text) if "%" in text else []
    reads = [_reads(text[start:end]) for start, end in words]
    joined = "\n".join(reads)
    if not words or redact(joined, Counter()) == joined:
        return text
    pieces: list[str] = []
    done = 0
    for (start, end), plain in zip(words, reads, strict=True):
        redacted = redact(plain, counts)
        if redacted != plain:
            pieces += (text[done:start], _WRITTEN.sub(lambda signs: _write(signs[0]), redacted))
            done = end
    return "".join((*pieces, text[done:]))


def _words(text: str) -> list[tuple[int, int]]:
    """Return where words stand that hold such a sign."""
    words: list[tuple[int, int]] = []
    end = 0
    for sign in _HIDES.finditer(text):
        if sign.start() < end:
            continue
        first = max(end, sign.start() - _LONGEST)
        start = max(first, *(text.rfind(mark, first, sign.start()) + 1 for mark in _ENDS))
        if text[start - 1 : start] == "\\" and (escape := _JSON_ESCAPE.match(text, start)):
            start = escape.end()
        rest = _REST.match(text, sign.end())
        end = rest.end() if rest else sign.end()
        words.append((start, end))
    return words


def _reads(word: str) -> str:
    for _ in range(_DEEPEST):
        if "%" not in word:
            break
        word = _ESCAPE.sub(lambda escapes: bytes.fromhex(escapes[0].replace("%", "")).decode(errors="replace"), word)
    return word


def _write(signs: str) -> str:
    return "".join(f"%{byte:02X}" for byte in signs.encode(errors="replace"))
