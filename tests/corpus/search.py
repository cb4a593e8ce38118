"""Looking for planted strings in what is left of a text."""

from __future__ import annotations

import html
import re
import unicodedata
import urllib.parse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plants import Plants

_INVISIBLE = re.compile(r"\x1b\[[0-9;]*m|[\u200b-\u200f\u2060\ufeff\u00ad]")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
WINDOW = 8  # characters in a row of a planted string: as few give it away


def plainest(text: str) -> str:
    """Return a text without escapes, colours and invisible characters, in lower case."""
    text = _INVISIBLE.sub("", text)
    text = _UNICODE.sub(lambda match: chr(int(match[1], 16)), text.replace("\\/", "/"))
    text = html.unescape(urllib.parse.unquote_plus(text)).replace("\n", "").replace("\\n", "")
    return unicodedata.normalize("NFKC", text).casefold()


def survivors(clean: str, plants: Plants) -> list[str]:
    """Return the planted strings of which something is left."""
    left = plainest(clean)
    found = [plant for plant in plants.strange() if any(window in left for window in _windows(plainest(plant)))]
    words = set(re.findall(r"[a-z]+", left))
    return found + [word for word in plants.words() if word in words]


def _windows(plant: str) -> set[str]:
    if len(plant) <= WINDOW:
        return {plant}
    return {plant[at : at + WINDOW] for at in range(len(plant) - WINDOW + 1)}
