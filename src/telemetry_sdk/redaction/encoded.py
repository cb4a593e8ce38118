r"""Secrets in another encoding: URL-encoded, or with letters escaped as JSON may do (`\u0070assword`).

What is encoded is redacted decoded. If that takes a secret out, a word of a URL is encoded anew without it, escaped
letters are written plainly; else it stays as it is. (`urllib` is not loaded here: it belongs to the network.)
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .invisible import Redact

_ESCAPED_LETTER = re.compile(  # a letter, a digit, a sign that stands in names and tokens
    r"\\{1,15}+u00(3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|2[BbDdEeFf]|3[AaDd]|40)"
)
_URL_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_JSON_ESCAPE = re.compile(r"[bfnrt]|u[0-9A-Fa-f]{4}")
_ASCII_ESCAPE = re.compile(r"%(?:25){0,3}[0-7][0-9A-Fa-f]")  # what stands around a secret: : = / @ " & and blanks
_WORD_ENDS = " \n\r\t\"'\\<>`"
_REST_OF_WORD = re.compile(rf"[^{re.escape(_WORD_ENDS)}]{{0,16384}}+")
_LONGEST = 4096  # characters of a word before the escape that is looked for
_TO_ESCAPE = re.compile(r"[^A-Za-z0-9._~:/?&=@,\[\]-]+")  # the brackets are the mark's
_DEEPEST = 3  # URLs within URLs


def redact_escaped_letters(text: str, redact: Redact, counts: Counter[str]) -> str:
    """Redact a text in which JSON escapes letters that need no escape."""
    if not _ESCAPED_LETTER.search(text):
        return text
    plain = _ESCAPED_LETTER.sub(lambda escape: chr(int(escape[1], 16)), text)
    found: Counter[str] = Counter()
    clean = redact(plain, found)
    if clean == _ESCAPED_LETTER.sub(lambda escape: chr(int(escape[1], 16)), redact(text, Counter())):
        return text
    counts.update(found)
    return clean


def redact_url_encoded(text: str, redact: Redact, counts: Counter[str]) -> str:
    """Redact the words that hold `%2F` and the like: `password%3D…`, `https%3A%2F%2Fuser%3A…%40host`."""
    words = list(_encoded_words(text)) if "%" in text else []
    decoded = [_decoded(text[start:end]) for start, end in words]
    joined = "\n".join(decoded)
    if not words or redact(joined, Counter()) == joined:
        return text
    pieces: list[str] = []
    done = 0
    for (start, end), plain in zip(words, decoded, strict=True):
        clean = redact(plain, counts)
        if clean != plain:
            pieces += (text[done:start], _TO_ESCAPE.sub(lambda signs: _url_encoded(signs[0]), clean))
            done = end
    return "".join((*pieces, text[done:]))


def _encoded_words(text: str) -> Iterator[tuple[int, int]]:
    end = 0
    for escape in _ASCII_ESCAPE.finditer(text):
        if escape.start() < end:
            continue
        first = max(end, escape.start() - _LONGEST)
        start = max(first, *(text.rfind(mark, first, escape.start()) + 1 for mark in _WORD_ENDS))
        if text[start - 1 : start] == "\\" and (of_json := _JSON_ESCAPE.match(text, start)):
            start = of_json.end()
        rest = _REST_OF_WORD.match(text, escape.end())
        end = rest.end() if rest else escape.end()
        yield start, end


def _decoded(word: str) -> str:
    for _ in range(_DEEPEST):
        if "%" not in word:
            break
        word = _URL_ESCAPE.sub(
            lambda escapes: bytes.fromhex(escapes[0].replace("%", "")).decode(errors="replace"), word
        )
    return word


def _url_encoded(signs: str) -> str:
    return "".join(f"%{byte:02X}" for byte in signs.encode(errors="replace"))
