"""Secrets in the writing of URLs: `password%3D…`, `https%3A%2F%2Fuser%3A…%40host`, up to three deep.

A word with `%2F` and the like is looked at as it reads. If it holds a secret, it is written anew without it; else it
stays as it is. (`urllib` is not loaded here: it belongs to the network.)
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .hidden_secrets import Redact

_WORD = re.compile(r"[^\s\"'\\<>`]{6,}+")
_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_WRITTEN = re.compile(r"[^A-Za-z0-9._~:/?&=@,\[\]-]+")  # the brackets are the mark's
_DEEPEST = 3  # URLs within URLs


def decoded(text: str, redact: Redact, counts: Counter[str]) -> str:
    """Return the text, with those words without secrets that hold one in the writing of URLs."""
    if "%" not in text or not _ESCAPE.search(text):
        return text
    reads = {word: _reads(word) for word in _WORD.findall(text) if _ESCAPE.search(word)}
    joined = "\n".join(reads.values())
    if not reads or redact(joined, Counter()) == joined:
        return text

    def clean(match: re.Match[str]) -> str:
        plain = reads.get(match[0])
        if plain is None or (redacted := redact(plain, counts)) == plain:
            return match[0]
        return _WRITTEN.sub(lambda signs: _write(signs[0]), redacted)

    return _WORD.sub(clean, text)


def _reads(word: str) -> str:
    for _ in range(_DEEPEST):
        if "%" not in word:
            break
        word = _ESCAPE.sub(lambda escapes: bytes.fromhex(escapes[0].replace("%", "")).decode(errors="replace"), word)
    return word


def _write(signs: str) -> str:
    return "".join(f"%{byte:02X}" for byte in signs.encode(errors="replace"))
