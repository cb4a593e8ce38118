"""A conversation: as many of the newest messages as the report may hold, cleaned."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.budget import Budget
from telemetry_sdk.redaction.neighbours import Neighbours

from .canonical_json import CleanJson, dumps, plain, redacted
from .message_filters import ContentFilter
from .message_store import MessageStore
from .transcripts.json_lines import UnparsedText
from .transcripts.source import is_file, read_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .blobs import Blobs
    from .canonical_json import NoteCounts
    from .message_filters import MessageFilter

FILE_NODES = 5_000_000  # values of the large messages of a file: 50 MiB of JSON hold no more
SHARED_NODES = 100_000  # of objects, which may link to each other: some seconds
MOST_COMPRESSED = 12 << 20  # bytes of the messages that are cleaned: a fifth above the report's limit
GROWTH = 4096  # bytes by which a message may grow beyond half its size when it is cleaned


class Conversation:
    """Clean messages, the oldest first, with marks in the place of blobs.

    `first`: the number of the first message; `dropped`: how many older ones were dropped for the limit.
    """

    def __init__(self, message_filter: MessageFilter) -> None:
        self.messages = MessageStore()
        self.redactions: Counter[str] = Counter()
        self.dropped = 0
        self.first = 0
        self._filter = message_filter

    @property
    def size(self) -> int:
        """The bytes of all messages, without blobs."""
        return self.messages.size

    def add(self, message: CleanJson) -> None:
        """Append a message."""
        self.messages.append(message.content)
        self.redactions.update(message.redactions)

    def drop_oldest(self) -> int:
        """Drop the oldest message and return its size in bytes."""
        before = self.messages.size
        self.messages.pop_oldest()
        self.skip(1)
        return before - self.messages.size

    def skip(self, count: int) -> None:
        """Count the oldest messages as dropped."""
        self.dropped += count
        for _ in range(count):
            self.first = self._filter.next_included(self.first + 1)

    def begin(self) -> None:
        """Note the number of the first message."""
        self.first = self._filter.next_included(0)

    def to_json(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield `{"first": ..., "left_out": [...], "messages": [...], "notes": [...]}` of the finished messages."""
        yield b'{"first":%d,"left_out":%b,"messages":[' % (self.first, dumps(sorted(set(self._filter.leave_out))))
        separator = b""
        for line in lines:
            yield separator + line
            separator = b","
        yield b'],"notes":' + dumps(self.notes()) + b"}"

    def notes(self) -> list[str]:
        """Return one line for each kind of content that is left out."""
        notes = self._filter.notes()
        if self.dropped:
            notes.append(f"the {self.dropped} oldest messages were left out: the report would be too large")
        return notes


def read_conversation(
    transcript: Any,
    max_bytes: int,
    message_filter: MessageFilter,
    blobs: Blobs,
    notes: NoteCounts,
    check: Callable[[], None],
) -> Conversation:
    """Read a transcript: its newest messages of at most `max_bytes`, cleaned. Raises DraftError.

    `check` is called for each message and raises if the work is to end.
    """
    window, conversation = MessageStore(), Conversation(message_filter)
    conversation.begin()
    reader = _MessageReader(transcript, message_filter, notes)
    for line in reader.lines(transcript, max_bytes):
        check()
        window.append(_of_size(blobs.take_out(line), max_bytes, notes))
        while window.size > max_bytes or window.compressed > MOST_COMPRESSED:
            window.pop_oldest()
            conversation.skip(1)
    neighbours = Neighbours()
    while window.count:
        check()
        line = window.pop_oldest()
        conversation.add(_bounded(redacted(reader.plain(line), notes, neighbours), len(line), notes))
    while conversation.size > max_bytes:
        conversation.drop_oldest()
    return conversation


class _MessageReader:
    """Turns messages into lines of JSON: filtered, not redacted yet."""

    def __init__(self, transcript: Any, message_filter: MessageFilter, notes: NoteCounts) -> None:
        self._is_file = is_file(transcript)
        self._counts_later = self._is_file and message_filter.keeps_all  # most messages of a large file are dropped
        self._filter = message_filter
        self._content = ContentFilter(message_filter, notes)
        self._notes = notes
        self._whole = Budget(FILE_NODES if self._is_file else SHARED_NODES)
        is_sequence = isinstance(transcript, list | tuple)
        self._apart = frozenset(map(id, transcript)) if is_sequence else frozenset[int]()

    def lines(self, transcript: Any, longest: int) -> Iterator[bytes]:
        """Yield the messages that are included."""
        messages = self._filter.numbered(read_messages(transcript, longest, self._notes))
        for message in messages:
            if self._counts_later and (line := _dumped(message)):
                yield line
            else:
                value = plain(message, self._notes, self._budget())
                yield dumps(self._content.apply(value, parsed=not isinstance(message, UnparsedText)))

    def plain(self, line: bytes) -> Any:
        """Return a message of the window as plain data."""
        value = json.loads(line)
        return plain(value, self._notes, self._budget()) if self._counts_later else value

    def _budget(self) -> Budget:
        return Budget(whole=self._whole, apart=self._apart)


def _dumped(value: Any) -> bytes:
    """Return JSON on one line as it was parsed; b"" if it is nested too deep for that."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    except RecursionError:
        return b""


def _of_size(line: bytes, most: int, notes: NoteCounts) -> bytes:
    """Return a line, or a note in its place if it is too long by itself: JSON may escape each of its characters."""
    if len(line) <= most // 2:
        return line
    notes["messages left out because each exceeds the size limit"] += 1
    return dumps({"left_out": "a message over the size limit"})


def _bounded(message: CleanJson, size: int, notes: NoteCounts) -> CleanJson:
    """Return a message, or a note in its place if cleaning made it much larger: it would cost other messages."""
    if len(message.content) <= size + size // 2 + GROWTH:
        return message
    notes["messages left out because they grew when they were cleaned"] += 1
    return CleanJson(dumps({"left_out": "a message that grew when it was cleaned"}), message.redactions)
