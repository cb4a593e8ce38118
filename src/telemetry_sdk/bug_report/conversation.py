"""Reads the messages of a conversation one by one; keeps as many of the newest as the report may hold."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, TypeAlias

from telemetry_sdk._internal.budget import Budget
from telemetry_sdk.exceptions import DraftError
from telemetry_sdk.redaction.neighbours import Neighbours

from .canonical_json import CleanJson, NoteCounts, array, dumps, plain, redacted
from .message_filters import MessageFilter
from .report_files import open_regular_file

FILE_NODES = 5_000_000  # values of the large messages of a file: 50 MiB of JSON hold no more
SHARED_NODES = 100_000  # of objects, which may link to each other: some seconds

Transcript: TypeAlias = str | os.PathLike[str] | Iterable[Any]


class _UnparsedLine(dict[str, str]):
    """A line that is not JSON, as a message."""


@dataclass(slots=True)
class Conversation:
    """Messages, oldest first, of at most `max_bytes` in total; `dropped` counts the older ones removed for that."""

    max_bytes: int
    message_filter: MessageFilter = field(default_factory=MessageFilter)
    messages: deque[CleanJson] = field(default_factory=deque[CleanJson])
    size: int = 0
    dropped: int = 0

    def add(self, message: CleanJson) -> None:
        """Append a message; drop the oldest while the total exceeds `max_bytes`."""
        self.messages.append(message)
        self.size += len(message.content) + 1
        while self.size > self.max_bytes:
            self.drop_oldest()

    def drop_oldest(self) -> int:
        """Drop the oldest message and return its size in bytes."""
        size = len(self.messages.popleft().content) + 1
        self.size -= size
        self.dropped += 1
        return size

    def to_json(self) -> CleanJson:
        """Return `{"messages": [...], "notes": [...]}`."""
        notes = self.message_filter.notes()
        if self.dropped:
            notes.append(f"the {self.dropped} oldest messages were left out: the report would be too large")
        messages = array(self.messages)
        return CleanJson(b'{"messages":' + messages.content + b',"notes":' + dumps(notes) + b"}", messages.redactions)


def read_conversation(
    transcript: Any, max_bytes: int, message_filter: MessageFilter, notes: NoteCounts
) -> Conversation:
    """Read a transcript: the path of a JSON Lines file, or an iterable of messages. Raises DraftError."""
    conversation = Conversation(max_bytes, message_filter)
    apart = frozenset(map(id, transcript)) if isinstance(transcript, list | tuple) else frozenset[int]()
    is_file = isinstance(transcript, str | os.PathLike)
    whole, neighbours = Budget(FILE_NODES if is_file else SHARED_NODES), Neighbours()
    for number, message in enumerate(_messages(transcript, max_bytes)):
        if message_filter.includes(number):
            given = message(notes)
            copy = plain(given, notes, Budget(whole=whole, apart=apart))
            kept = message_filter.apply(copy, notes, parsed=not isinstance(given, _UnparsedLine))
            conversation.add(redacted(kept, notes, neighbours))
    return conversation


_Message: TypeAlias = Callable[[NoteCounts], Any]


def _messages(transcript: Any, max_line: int) -> Iterator[_Message]:
    """Yield the messages as functions that parse them: those before the cut are never parsed."""
    if isinstance(transcript, str | os.PathLike):
        with open_regular_file(transcript) as file:
            yield from _lines(file, max_line)
        return
    if isinstance(transcript, AsyncIterable):
        raise DraftError("an asynchronous transcript cannot be read here: collect it into a list first")
    if isinstance(transcript, bytes | bytearray | Mapping) or not isinstance(transcript, Iterable):
        raise DraftError("the transcript must be the path of a JSON Lines file, or an iterable of messages")
    for message in transcript:
        yield partial(_as_given, message)


def _lines(file: IO[bytes], max_line: int) -> Iterator[_Message]:
    while line := file.readline(max_line + 1):
        if len(line) > max_line:
            while line and not line.endswith(b"\n"):
                line = file.readline(1 << 20)
            yield _too_long
        elif line.strip():
            yield partial(_parsed, line)


def _too_long(notes: NoteCounts) -> Any:
    notes["lines left out because each exceeds the size limit"] += 1
    return {"left_out": "a line over the size limit"}


def _as_given(message: Any, _: NoteCounts) -> Any:
    return message


def _parsed(line: bytes, notes: NoteCounts) -> Any:
    """Parse a line; one that is not JSON is kept as text."""
    text = line.decode("utf-8-sig", "replace").strip()
    if "\ufffd" in text and b"\xef\xbf\xbd" not in line:
        notes["lines with bytes that are not UTF-8, replaced"] += 1
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        notes["lines that are not JSON"] += 1
        return _UnparsedLine(not_json=text)
