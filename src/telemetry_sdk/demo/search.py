"""Looking for planted strings in bytes, in every dress in which they could travel.

As they are, in JSON once and twice over (a bug report is JSON in JSON), percent-encoded, in base64 at each of its
three alignments, in hexadecimal; in lower and upper case.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .plant import Plant


@dataclass(frozen=True, slots=True)
class Haystack:
    """Bytes to search: their kind, their place; `secrets_only`: of a bug report, which may hold code."""

    kind: str
    place: str
    data: bytes
    secrets_only: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A plant that was found, and where."""

    plant: Plant
    place: str


class Needles:
    """All plants in all their dresses, made once."""

    def __init__(self, plants: Iterable[Plant]) -> None:
        self.plants = tuple(plants)
        self._dresses = {plant: (_folded(plant.text), _exact(plant.text)) for plant in self.plants}

    def find(self, haystacks: Iterable[Haystack]) -> list[Finding]:
        """Return every plant that is where it must not be, once for each place."""
        return [
            Finding(plant, haystack.place)
            for haystack in haystacks
            for plant in self._inside(haystack.data)
            if plant.kind == "secret" or not haystack.secrets_only
        ]

    def count(self, data: bytes) -> int:
        """Return how many different plants the bytes hold."""
        return sum(1 for _ in self._inside(data))

    def _inside(self, data: bytes) -> Iterator[Plant]:
        lower = data.lower()
        for plant, (folded, exact) in self._dresses.items():
            if any(dress in lower for dress in folded) or any(dress in data for dress in exact):
                yield plant


DRESSINGS: Mapping[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "in upper case": lambda text: text.upper().encode(),
    "in lower case": lambda text: text.lower().encode(),
    "as JSON": lambda text: json.dumps(text).encode(),
    "as JSON in JSON": lambda text: json.dumps(json.dumps(text, ensure_ascii=False)).encode(),
    "percent-encoded": lambda text: quote(text, safe="").encode(),
    "in base64": lambda text: base64.b64encode(text.encode()),
    "in hexadecimal": lambda text: text.encode().hex().encode(),
}
"""What the search is tried on before it is believed: a whole text, dressed by other code than the search's own."""


def expanded(data: bytes) -> bytes:
    """Return a zip's files one after the other; other bytes as they are."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        return b"\n".join(bundle.read(name) for name in bundle.namelist())


def _folded(text: str) -> frozenset[bytes]:
    """Return the dresses in which ASCII case does not matter, in lower case."""
    dresses: set[str] = set()
    for case in (text, text.lower(), text.upper()):
        for ascii_only in (True, False):
            once = json.dumps(case, ensure_ascii=ascii_only)[1:-1]
            dresses |= {once, *(json.dumps(once, ensure_ascii=deeper)[1:-1] for deeper in (True, False))}
        dresses |= {case, quote(case), quote(case, safe=""), quote_plus(case), case.encode().hex()}
    return frozenset(dress.encode().lower() for dress in dresses)


def _exact(text: str) -> frozenset[bytes]:
    """Return the base64 at each alignment, without the characters that the neighbours decide."""
    dresses: set[bytes] = set()
    for case in (text, text.lower(), text.upper()):
        for shift in range(3):
            padded = b"\0" * shift + case.encode()
            inner = base64.b64encode(padded)[-(-shift * 8 // 6) : len(padded) * 8 // 6]
            dresses |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return frozenset(dresses)
