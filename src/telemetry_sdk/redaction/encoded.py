r"""Secrets in another encoding: with terminal colours or invisible characters in them, URL-encoded.

A piece in such an encoding is redacted decoded. If that takes a secret out, the piece is encoded anew without it; else
it stays as it is. (`urllib` is not loaded here: it belongs to the network.)
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
_ESCAPED_SIGN = re.compile(rf"\\(?:u001[bB]|x1[bB]|033|u(?i:{_CODES}))")

_URL_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_JSON_ESCAPE = re.compile(r"[bfnrt]|u[0-9A-Fa-f]{4}")
_ASCII_ESCAPE = re.compile(r"%(?:25){0,3}[0-7][0-9A-Fa-f]")  # what stands around a secret: : = / @ " & and blanks
_WORD_ENDS = " \n\r\t\"'\\<>`"
_REST_OF_WORD = re.compile(rf"[^{re.escape(_WORD_ENDS)}]{{0,16384}}+")
_LONGEST = 4096  # characters of a word before the escape that is looked for
_TO_ESCAPE = re.compile(r"[^A-Za-z0-9._~:/?&=@,\[\]-]+")  # the brackets are the mark's
_DEEPEST = 3  # URLs within URLs


def redact_invisible(text: str, redact: Redact, counts: Counter[str]) -> str:
    """Redact the lines that hold something invisible."""
    if not any(sign in text for sign in _SIGNS) and not _ESCAPED_SIGN.search(text):
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines):
        visible = _INVISIBLE.sub("", line)
        if visible != line:
            clean = redact(visible, counts)
            lines[number] = line if clean == visible else clean
    return "\n".join(lines)


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
