"""Looking for planted strings in what is left of a text."""

from __future__ import annotations

import html
import re
import unicodedata
import urllib.parse

_INVISIBLE = re.compile(r"\x1b\[[0-9;]*m|[\u200b-\u200f\u2060\ufeff\u00ad]")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")


def plainest(text: str) -> str:
    """Return a text without escapes, colours and invisible characters, in lower case."""
    text = _INVISIBLE.sub("", text)
    text = _UNICODE.sub(lambda match: chr(int(match[1], 16)), text.replace("\\/", "/"))
    text = html.unescape(urllib.parse.unquote_plus(text)).replace("\n", "").replace("\\n", "")
    return unicodedata.normalize("NFKC", text).casefold()
