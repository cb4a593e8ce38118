"""JSON Lines, also torn and spliced ones: what is not JSON is kept as text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telemetry_sdk.bug_report.canonical_json import NoteCounts

    from .decoding import DecodedFile

NOT_JSON = "not_json"  # the key of a text that is not JSON
_TRIES = 64  # places in a broken line where JSON may begin again
_DECODER = json.JSONDecoder()


_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ufffd]+")
_MARKS = 3  # characters that stand for a run of unreadable ones: as escapes they would take six times as much


class UnparsedText(dict[str, str]):
    """A text that is not JSON, as a message; runs of unreadable characters are shortened."""

    def __init__(self, text: str) -> None:
        super().__init__({NOT_JSON: _UNREADABLE.sub(lambda run: "\ufffd" * min(len(run[0]), _MARKS), text.strip())})


def read_lines(file: DecodedFile, longest: int, notes: NoteCounts) -> Iterator[Any]:
    """Yield the messages of a JSON Lines file."""
    for line in file.lines(longest):
        if line is None:
            notes["lines left out because each exceeds the size limit"] += 1
            yield {"left_out": "a line over the size limit"}
        elif text := line.strip():
            yield from parse_line(text, notes)


def parse_line(text: str, notes: NoteCounts) -> Iterator[Any]:
    """Yield the values of a line: one, unless lines were spliced."""
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        values = list(_values(text))
        notes["lines that are not JSON"] += 1
        yield from values


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON objects in a broken line, and the text between them."""
    at = begin = 0
    for _ in range(_TRIES):
        at = text.find('{"', at)
        if at < 0:
            break
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if before := text[begin:at].strip():
            yield UnparsedText(before)
        yield value
        at = begin = end
    if rest := text[begin:].strip():
        yield UnparsedText(rest)
