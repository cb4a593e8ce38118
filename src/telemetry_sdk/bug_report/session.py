"""A session's messages, read one by one; only as many of the newest are kept as the report may hold."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, TypeAlias

from telemetry_sdk.exceptions import DraftError

from .canonical import Piece, Remarks, array, cleaned, dumps
from .disk import opened
from .messages import without_code, without_tool_output

Transcript: TypeAlias = str | os.PathLike[str] | Iterable[Any]


class _NotJson(dict[str, str]):
    """A line that could not be parsed, as a message."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a conversation goes in: messages from `cut_before` on, with or without code and tool output."""

    cut_before: int | None = None
    without_code: bool = False
    without_tool_output: bool = False

    def __post_init__(self) -> None:
        cut: Any = self.cut_before
        if cut is not None and (isinstance(cut, bool) or not isinstance(cut, int) or cut < 0):
            raise DraftError("cut_before is the number of a message, 0 or more")

    def applied(self, message: Any) -> Any:
        """Return the message with what may stay of it."""
        if (self.without_code or self.without_tool_output) and isinstance(message, _NotJson):
            return {"left_out": "a line that is not JSON: what in it is code or tool output cannot be told"}
        if self.without_tool_output:
            message = without_tool_output(message)
        return without_code(message) if self.without_code else message

    def notes(self) -> list[str]:
        """Return a line for each choice that leaves something out."""
        lines: list[str] = []
        if self.cut_before:
            lines.append(f"messages before number {self.cut_before} were left out")
        if self.without_code:
            lines.append("code blocks were left out")
        if self.without_tool_output:
            lines.append("tool output was left out")
        return lines


@dataclass(slots=True)
class Session:
    """Messages, the oldest first, in at most `room` bytes; `dropped` older ones had to go."""

    room: int
    choice: Choice = field(default_factory=Choice)
    messages: deque[Piece] = field(default_factory=deque[Piece])
    size: int = 0
    dropped: int = 0

    def add(self, message: Piece) -> None:
        """Take the next message; the oldest go while there is no room."""
        self.messages.append(message)
        self.size += len(message.content) + 1
        while self.size > self.room:
            self.drop_oldest()

    def drop_oldest(self) -> int:
        """Let the oldest message go, and return its bytes."""
        size = len(self.messages.popleft().content) + 1
        self.size -= size
        self.dropped += 1
        return size

    def piece(self) -> Piece:
        """Return `{"messages": [...], "notes": [...]}`."""
        notes = self.choice.notes()
        if self.dropped:
            notes.append(f"the {self.dropped} oldest messages were left out: the report would be too large")
        messages = array(self.messages)
        return Piece(b'{"messages":' + messages.content + b',"notes":' + dumps(notes) + b"}", messages.redactions)


def read_session(transcript: Any, room: int, choice: Choice, remarks: Remarks) -> Session:
    """Read a transcript: the path of a JSON Lines file, or an iterable of messages. Raises DraftError."""
    session = Session(room, choice)
    start = choice.cut_before or 0
    for number, message in enumerate(_messages(transcript, room)):
        if number >= start:
            session.add(cleaned(choice.applied(message(remarks)), remarks))
    return session


_Message: TypeAlias = Callable[[Remarks], Any]


def _messages(transcript: Any, room: int) -> Iterator[_Message]:
    """Yield the messages, unparsed: those before the cut never are."""
    if isinstance(transcript, str | os.PathLike):
        with opened(transcript) as file:
            yield from _lines(file, room)
        return
    if isinstance(transcript, AsyncIterable):
        raise DraftError("a draft is made without waiting: collect the asynchronous transcript into a list first")
    if isinstance(transcript, bytes | bytearray | Mapping) or not isinstance(transcript, Iterable):
        raise DraftError("the transcript must be the path of a JSON Lines file, or an iterable of messages")
    for message in transcript:
        yield partial(_given, message)


def _lines(file: IO[bytes], longest: int) -> Iterator[_Message]:
    while line := file.readline(longest + 1):
        if len(line) > longest:
            while line and not line.endswith(b"\n"):
                line = file.readline(1 << 20)
            yield _too_long
        elif line.strip():
            yield partial(_parsed, line)


def _too_long(remarks: Remarks) -> Any:
    remarks["lines left out because one alone is over the limit"] += 1
    return {"left_out": "a line over the limit"}


def _given(message: Any, _: Remarks) -> Any:
    return message


def _parsed(line: bytes, remarks: Remarks) -> Any:
    """Parse a line; one that is not JSON is kept as text."""
    text = line.decode("utf-8-sig", "replace").strip()
    if "\ufffd" in text and b"\xef\xbf\xbd" not in line:
        remarks["lines with bytes that are not UTF-8, replaced"] += 1
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        remarks["lines that are not JSON"] += 1
        return _NotJson(not_json=text)
