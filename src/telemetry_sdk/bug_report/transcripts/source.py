"""Picks how a transcript is read: a file by what is in it, or messages that are given."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from telemetry_sdk.bug_report.report_files import open_regular_file
from telemetry_sdk.exceptions import DraftError

from .decoding import DecodedFile
from .json_document import LIST_KEYS, begins_document, read_document
from .json_lines import read_lines
from .text_messages import read_text

if TYPE_CHECKING:
    from telemetry_sdk.bug_report.canonical_json import NoteCounts

Transcript: TypeAlias = str | os.PathLike[str] | Iterable[Any]

_LOOKED_AT = 20  # lines of a file that tell its format


def read_messages(transcript: Any, longest: int, notes: NoteCounts) -> Iterator[Any]:
    """Yield the messages of a transcript; lines of more than `longest` characters are left out. Raises DraftError."""
    if is_file(transcript):
        with open_regular_file(transcript) as file:
            decoded = DecodedFile(file, notes)
            try:
                yield from _read_file(decoded, longest, notes)
            finally:
                decoded.detach()
        return
    if isinstance(transcript, AsyncIterable):
        raise DraftError("an asynchronous transcript is read by draft_bug_report_async only")
    if isinstance(transcript, bytes | bytearray | Mapping) or not isinstance(transcript, Iterable):
        raise DraftError("the transcript must be the path of a file (JSON Lines, JSON or text), or messages")
    yield from transcript


def is_file(transcript: Any) -> bool:
    """Tell whether a transcript is a file's path."""
    return isinstance(transcript, str | os.PathLike)


def _read_file(file: DecodedFile, longest: int, notes: NoteCounts) -> Iterator[Any]:
    lines = [line.strip() for line in file.head.split("\n") if line.strip()][:_LOOKED_AT]
    if _is_document(file.head, lines):
        return read_document(file, longest, notes)
    if _is_json_lines(lines):
        return read_lines(file, longest, notes)
    return read_text(file, longest)


def _is_document(head: str, lines: list[str]) -> bool:
    """Tell whether a file is one JSON document: pretty-printed, or one line that holds several messages."""
    if not lines or lines[0][0] not in "[{":
        return False
    if len(lines) == 1:
        return _holds_messages(lines[0])
    if _parsed(lines[0]) is not None:
        return False
    second = head[head.find("\n") + 1 :].lstrip("\r\n")
    return len(lines[0]) <= len("[{") or second[:1] in {" ", "\t"} or begins_document(lines[0])


def _holds_messages(line: str) -> bool:
    value = _parsed(line)
    if value is None:  # longer than what was looked at, or torn
        return begins_document(line)
    return isinstance(value, list) or any(isinstance(value.get(key), list) for key in LIST_KEYS)


def _is_json_lines(lines: list[str]) -> bool:
    """Tell whether most of the first lines are JSON, or begin like it."""
    return bool(lines) and 2 * sum(line[0] in "[{" for line in lines) >= len(lines)


def _parsed(line: str) -> Any:
    """Return the list or object of a line, None if it holds none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list | dict) else None
