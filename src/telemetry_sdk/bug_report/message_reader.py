"""Turns the messages of a transcript into lines of JSON: filtered, not redacted yet, as many as the budget permits."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.budget import Budget

from .canonical_json import dumps, plain
from .message_filters import ContentFilter
from .transcripts.json_lines import UnparsedText
from .transcripts.source import is_file, read_messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .canonical_json import NoteCounts
    from .context import ReportContext
    from .message_filters import MessageFilter

FILE_NODES = 5_000_000  # values of the large messages of a file: 50 MiB of JSON hold no more
FILE_SECONDS = 1800.0  # for a file that grows while it is read
SHARED_NODES = 100_000  # of objects, which may link to each other: some seconds
MOST_MESSAGES = 1_000_000  # of an iterable, which may have no end
MOST_READ = 1 << 30  # bytes of their lines
MOST_KEPT = 100_000  # newest messages of an iterable: cleaning them takes some seconds more than reading
_END = "transcripts whose end was left out because"


class LateMessageError(Exception):
    """An iterable yields no message in time."""


class MessageReader:
    """Reads one transcript."""

    def __init__(
        self, transcript: Any, message_filter: MessageFilter, notes: NoteCounts, context: ReportContext
    ) -> None:
        self._transcript = transcript
        self._is_file = is_file(transcript)
        self._counts_later = self._is_file and message_filter.keeps_all  # most messages of a large file are dropped
        self._filter = message_filter
        self._content = ContentFilter(message_filter, notes)
        self._notes = notes
        self._check = context.check
        self.count = 0  # of the messages that were read, also of those that are not included
        is_sequence = type(transcript) in {list, tuple}  # has an end, which is worth more than its beginning
        self._apart = frozenset(map(id, transcript)) if is_sequence else frozenset[int]()
        seconds = FILE_SECONDS if self._is_file else context.walk_seconds
        most, size = (sys.maxsize, sys.maxsize) if self._is_file or is_sequence else (MOST_MESSAGES, MOST_READ)
        self.most_kept = sys.maxsize if self._is_file or is_sequence else MOST_KEPT
        self._reading = Budget(most, size, seconds=seconds, clock=context.monotonic)
        self._whole = Budget(
            FILE_NODES if self._is_file else SHARED_NODES,
            seconds=None if self._is_file else seconds,
            clock=context.monotonic,
        )

    def lines(self, longest: int) -> Iterator[bytes]:
        """Yield the messages that are included. `longest`: characters of a file's line."""
        for message in self._filter.numbered(self._messages(longest)):
            if not (self._counts_later and (line := _dumped(message))):
                value = plain(message, self._notes, self._budget())
                line = dumps(self._content.apply(value, parsed=not isinstance(message, UnparsedText)))
            if not self._reading.spend_size(len(line)):
                self._notes[f"{_END} it is too large"] += 1
                return
            yield line

    def plain(self, line: bytes) -> Any:
        """Return a message of the window as plain data."""
        value = json.loads(line)
        return plain(value, self._notes, self._budget()) if self._counts_later else value

    def _messages(self, longest: int) -> Iterator[Any]:
        """Yield the messages until the budget is spent, those too that are not included."""
        messages = iter(read_messages(self._transcript, longest, self._notes))
        while True:
            self._check()
            try:
                message = next(messages)
            except StopIteration:
                return
            except LateMessageError:
                break
            if not self._reading.spend():
                break
            self.count += 1
            yield message
        self._check()
        late = self._reading.is_late or not self._reading.is_spent
        self._notes[f"{_END} {'reading it took too long' if late else 'it has too many messages'}"] += 1

    def _budget(self) -> Budget:
        return Budget(whole=self._whole, apart=self._apart)


def _dumped(value: Any) -> bytes:
    """Return JSON on one line as it was parsed; b"" if it is nested too deep for that."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    except RecursionError:
        return b""
