"""Large blobs in messages, such as base64 images: identical ones are kept once, the largest go first.

While messages are read and redacted, a mark stands in the place of each blob; the report is written with the blobs for
which there is room, or with a note.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_KEPT = 13 << 20  # characters: as base64 they fill the compressed limit
_MEDIA = (  # how the base64 of images, PDF, archives, sound and video begins
    *(
        "iVBORw0KGgo",
        "/9j/",
        "R0lGOD",
        "UklGR",
        "JVBERi0",
        "SUkqA",
        "TU0AKg",
        "UEsDB",
        "H4sI",
        "T2dnUw",
        "SUQz",
        "//uQ",
    ),
    *("PHN2Zy", "PD94bWwg", "GkXfo", "AAAAIGZ0eX", "AAAAGGZ0eX", "AAAAHGZ0eX"),
)
_LEAST, _LEAST_UNKNOWN = 1024, 20_000  # characters; no private key is as long as the second
_RUN = re.compile(rb"(?<![A-Za-z0-9+/_=-])(?:[A-Za-z0-9+/_-]|\\/){%d,}+={0,2}" % _LEAST)
_DISTINCT, _SAMPLE = 16, 512  # characters that differ in the first ones: a ruler of dashes is no blob
_STEP, _PIECE = 900, 48  # bytes
_KEY_BEFORE, _NEAR = re.compile(rb"KEY|private", re.IGNORECASE), 256  # bytes before a run that may be a key


@dataclass(slots=True)
class Blob:
    """A blob that is kept."""

    number: int
    text: bytes

    @property
    def size(self) -> int:
        """Its characters."""
        return len(self.text)


class Blobs:
    """The blobs of a report's messages."""

    def __init__(self) -> None:
        self._by_hash: dict[bytes, Blob] = {}  # those that are kept, as in the others
        self._by_number: dict[int, Blob] = {}
        self._largest: list[tuple[int, int, bytes]] = []  # a heap of negative size, number and hash
        self._count = 0
        self._kept = 0  # characters
        self._nonce = os.urandom(6).hex().encode()
        self._mark = re.compile(rb"\xee\x80\x80%b\.(\d+)\.(\d+)\xee\x80\x81" % self._nonce)

    def take_out(self, line: bytes) -> bytes:
        """Return a line of JSON with a mark in the place of each blob."""
        return _RUN.sub(self._marked, line) if _may_hold_a_run(line) else line

    def references(self, lines: Iterable[bytes]) -> Counter[int]:
        """Return how often each blob is in these lines, by its number."""
        return Counter(int(found[1]) for line in lines for found in self._mark.finditer(line))

    def smallest_first(self, references: Mapping[int, int]) -> list[Blob]:
        """Return the referenced blobs that were kept."""
        found = [self._by_number[number] for number in references if number in self._by_number]
        return sorted(found, key=lambda blob: (blob.size, blob.number))

    def put_in(self, line: bytes, included: set[int], written: set[int]) -> bytes:
        """Return the line with its blobs: each included one once (`written`: those before), else notes."""

        def replacement(found: re.Match[bytes]) -> bytes:
            number = int(found[1])
            if number not in included:
                return b"[left out: base64 data, %b characters]" % found[2]
            if number in written:
                return b"[identical to the earlier base64 data of %b characters]" % found[2]
            written.add(number)
            return self._by_number[number].text

        return self._mark.sub(replacement, line)

    def _marked(self, found: re.Match[bytes]) -> bytes:
        text = found[0]
        before = found.string[max(0, found.start() - _NEAR) : found.start()]
        if not _is_blob(text) or _KEY_BEFORE.search(before):
            return text
        text = text.replace(b"\\/", b"/")
        return b"\xee\x80\x80%b.%d.%d\xee\x80\x81" % (self._nonce, self._add(text), len(text))

    def _add(self, text: bytes) -> int:
        """Return the number of a blob; one that was dropped before gets a new one."""
        digest = hashlib.sha256(text).digest()
        if (known := self._by_hash.get(digest)) is not None:
            return known.number
        number = self._count
        self._count += 1
        self._by_hash[digest] = self._by_number[number] = Blob(number, text)
        heapq.heappush(self._largest, (-len(text), number, digest))
        self._kept += len(text)
        while self._kept > MOST_KEPT:
            size, largest, digest = heapq.heappop(self._largest)
            self._kept += size
            del self._by_number[largest], self._by_hash[digest]
        return number


def _may_hold_a_run(line: bytes) -> bool:
    """Look at every `_STEP`th place: a run covers one. It is a hundred times as fast as the pattern."""
    places = range(0, len(line) - _PIECE, _STEP) if len(line) >= _LEAST else ()
    return any(b" " not in (piece := line[at : at + _PIECE]) and b'"' not in piece for at in places)


def _is_blob(text: bytes) -> bool:
    if text.startswith(tuple(begin.encode() for begin in _MEDIA)):
        return True
    return len(text) >= _LEAST_UNKNOWN and len(set(text[:_SAMPLE])) >= _DISTINCT
