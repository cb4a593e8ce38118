"""Searches bytes for planted strings in every encoding in which they could travel, in lower and upper case."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .project import PlantedString


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes to search. `secrets_only`: part of a bug report, which may hold all but secrets."""

    kind: str
    name: str
    data: bytes
    secrets_only: bool = False


class StringSearch:
    """Finds planted strings; their encodings are computed once."""

    def __init__(self, strings: Iterable[PlantedString]) -> None:
        self._encodings = {planted: frozenset(_encodings(planted.text)) for planted in strings}
        self.count = len(self._encodings)

    def find(self, document: Document) -> list[PlantedString]:
        """Return the planted strings that the document holds and must not hold."""
        data = document.data.lower()
        looked_for = (planted for planted in self._encodings if planted.secret or not document.secrets_only)
        return [planted for planted in looked_for if any(encoded in data for encoded in self._encodings[planted])]


ENCODERS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "upper case": lambda text: text.upper().encode(),
    "JSON": lambda text: json.dumps(text).encode(),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text, ensure_ascii=False)).encode(),
    "percent-encoded": lambda text: quote(text, safe="").encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "hexadecimal": lambda text: text.encode().hex().encode(),
}
"""Encodes a whole text for the control: the search must find every planted string in each of these."""


def _encodings(text: str) -> Iterator[bytes]:
    """Yield a text in every encoding, in lower case (base64 too: what else is equal then is improbable)."""
    for case in (text, text.lower(), text.upper()):
        once = [json.dumps(case, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
        twice = [json.dumps(inner, ensure_ascii=ascii_only)[1:-1] for inner in once for ascii_only in (True, False)]
        for encoded in (case, *once, *twice, quote(case), quote(case, safe=""), quote_plus(case), case.encode().hex()):
            yield encoded.encode().lower()
        for shift in range(3):  # the alignment in base64, without the characters that the bytes around it decide
            padded = b"\0" * shift + case.encode()
            inner = base64.b64encode(padded)[-(-shift * 8 // 6) : len(padded) * 8 // 6].lower()
            yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))
