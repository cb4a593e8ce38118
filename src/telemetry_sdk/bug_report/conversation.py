"""A conversation: as many of the newest messages as the report may hold, cleaned."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from telemetry_sdk.redaction.neighbours import Neighbours

from .canonical_json import CleanJson, dumps, redacted
from .message_reader import MessageReader
from .message_store import MessageStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .blobs import Blobs
    from .canonical_json import NoteCounts
    from .context import ReportContext
    from .message_filters import MessageFilter

MOST_COMPRESSED = 12 << 20  # bytes of the messages that are cleaned: a fifth above the report's limit
GROWTH = 4096  # bytes by which a message may grow beyond half its size when it is cleaned


class Conversation:
    """Clean messages, the oldest first, with marks in the place of blobs.

    `first`: the number of the first message; `dropped`: how many older ones were dropped for the `limit`; `read`: how
    many messages the transcript has, as far as it was read.
    """

    def __init__(self, message_filter: MessageFilter) -> None:
        self.messages = MessageStore()
        self.redactions: Counter[str] = Counter()
        self.dropped = 0
        self.limit = "the report would be too large"
        self.first = 0
        self.read = 0
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
        yield b'{"first":%d,"left_out":%b,"messages":[' % (self.first, dumps(self._filter.left_out(self.read)))
        separator = b""
        for line in lines:
            yield separator + line
            separator = b","
        yield b'],"notes":' + dumps(self.notes()) + b"}"

    def notes(self) -> list[str]:
        """Return one line for each kind of content that is left out."""
        notes = self._filter.notes(self.read)
        if self.dropped:
            notes.append(f"the {self.dropped} oldest messages were left out: {self.limit}")
        return notes


def read_conversation(
    transcript: Any,
    max_bytes: int,
    message_filter: MessageFilter,
    blobs: Blobs,
    notes: NoteCounts,
    context: ReportContext,
) -> Conversation:
    """Read a transcript: its newest messages of at most `max_bytes`, cleaned. Raises DraftError."""
    window, conversation = MessageStore(), Conversation(message_filter)
    conversation.begin()
    reader = MessageReader(transcript, message_filter, notes, context)
    for line in reader.lines(max_bytes):
        window.append(_of_size(blobs.take_out(line), max_bytes, notes))
        while window.size > max_bytes or window.compressed > MOST_COMPRESSED or window.count > reader.most_kept:
            if window.count > reader.most_kept:
                conversation.limit = f"of an iterable at most {reader.most_kept:,} are kept"
            window.pop_oldest()
            conversation.skip(1)
    conversation.read = reader.count
    if unknown := message_filter.without_message(reader.count):
        notes["numbers of messages to leave out or to cut at that name no message"] += len(unknown)
    neighbours = Neighbours()
    while window.count:
        context.check()
        line = window.pop_oldest()
        conversation.add(_bounded(redacted(reader.plain(line), notes, neighbours), len(line), notes))
    while conversation.size > max_bytes:
        conversation.drop_oldest()
    return conversation


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
