"""Turns a transcript's bytes into text: UTF-8 or UTF-16, with or without a byte order mark, without NUL characters."""

from __future__ import annotations

import codecs
import io
from typing import IO, TYPE_CHECKING

from telemetry_sdk.exceptions import DraftError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telemetry_sdk.bug_report.canonical_json import NoteCounts

HEAD = 1 << 16  # bytes that are looked at first
_SAMPLE = 4096  # bytes of them that tell the encoding
_UTF16_SHARE = 0.3  # of the high bytes, which are NUL in text of Latin script
_LONG = 1 << 20  # characters that are read at once of what is passed over
_DATABASE = b"SQLite format 3\0"


class DecodedFile:
    """A file as text. `notes` counts what was replaced."""

    def __init__(self, file: IO[bytes], notes: NoteCounts) -> None:
        head = file.read(HEAD)
        if head.startswith(_DATABASE):
            raise DraftError("the transcript is a database: export the session as JSON or text")
        file.seek(0)
        encoding = _encoding(head)
        self._notes = notes
        errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
        self._text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="\n")
        self.head = head.decode(encoding, errors="ignore").replace("\0", "")

    def read(self, size: int) -> str:
        """Return the next characters, "" at the end."""
        return self.clean(self._text.read(size))

    def lines(self, longest: int) -> Iterator[str | None]:
        """Yield the lines without their ends; None for one of more than `longest` characters."""
        while line := self._text.readline(longest + 1):
            if len(line) <= longest:
                yield self.clean(line.rstrip("\r\n"))
                continue
            while line and not line.endswith("\n"):
                line = self._text.readline(_LONG)
            yield None

    def clean(self, text: str) -> str:
        """Return the text without NUL characters, and with a mark for each byte that is no text."""
        if "\0" in text:
            self._notes["NUL characters removed"] += text.count("\0")
            text = text.replace("\0", "")
        try:
            text.encode()
        except UnicodeEncodeError:
            self._notes["lines with bytes that are not UTF-8, replaced"] += 1
            return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return text

    def detach(self) -> None:
        """Leave the file to whoever opened it."""
        self._text.detach()


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:_SAMPLE]
    low, high = sample[::2].count(0), sample[1::2].count(0)
    if high > _UTF16_SHARE * len(sample) / 2 and not low:
        return "utf-16-le"
    if low > _UTF16_SHARE * len(sample) / 2 and not high:
        return "utf-16-be"
    return "utf-8-sig"
