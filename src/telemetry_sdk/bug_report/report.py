"""Assembles a report from canonical sections and cuts it to the size limits."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telemetry_sdk.exceptions import DraftError

from .blobs import Blobs
from .canonical_json import CleanJson, NoteCounts, array, dumps
from .conversation import Conversation
from .packed import PackedContent, pack
from .preview import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


SCHEMA = 1
MAX_COMPRESSED = 10 << 20  # bytes of the request body, the servers' limit
MAX_EXPANDED = 50 << 20  # bytes of that body before compression
DESCRIPTION, ATTACHMENTS = "description", "attachments"
OPTIONAL = ("environment", "recent_errors", "conversation", "older_sessions", "git", ATTACHMENTS)
_COMPUTED = frozenset(("parts", "notes", ATTACHMENTS))
TOO_LARGE = "the report is too large even without messages: shorten it, or leave out attachments"
KEPT_BLOBS = "blobs of base64 data, which were not searched for secrets"
LEFT_OUT_BLOBS = "blobs of base64 data left out because the report would be too large"
REPEATED_BLOBS = "blobs of base64 data that were identical to others, kept once"
_BASE64 = 0.77  # of its size is a blob's compressed
_MIN_CUT = 20  # each cut removes at least a 20th, so that few rounds are needed


@dataclass(slots=True)
class Report:
    """A report being assembled: sections and attachments by name, conversations (older ones oldest first)."""

    sections: dict[str, CleanJson]
    note_counts: NoteCounts = field(default_factory=Counter[str])
    attachments: dict[str, CleanJson] = field(default_factory=dict[str, CleanJson])
    older: list[Conversation] = field(default_factory=list[Conversation])
    conversation: Conversation | None = None
    blobs: Blobs = field(default_factory=Blobs)
    _included: set[int] = field(default_factory=set[int])  # numbers of blobs

    def fit_to_limits(self) -> PackedContent:
        """Return the content within both limits: the largest blobs go first, then the oldest messages.

        Never the description. Raises DraftError if that is not enough.
        """
        while True:
            self._included = set()
            packed = pack(self.content())
            over = _excess(packed)
            if over <= 0:
                return self._with_blobs(packed)
            self._cut(over)

    def content(self) -> Iterator[bytes]:
        """Yield the whole report as canonical JSON."""
        parts = dumps([part.to_json() for part in self.parts()])
        texts = {**self._texts(), "parts": iter((parts,)), "notes": iter((dumps(self.notes()),))}
        separator = b"{"
        for name in sorted(texts):
            yield separator + dumps(name) + b":"
            yield from texts[name]
            separator = b","
        yield b"}"

    def parts(self) -> list[Part]:
        """Return the description, the optional parts in a fixed order, and each attachment."""
        sizes = {name: sum(map(len, text)) for name, text in self._texts().items()}
        redactions = self._redactions()
        rows = [
            Part(name, sizes.get(name, 0), name in sizes, redactions.get(name, {})) for name in (DESCRIPTION, *OPTIONAL)
        ]
        files = self.attachments.items()
        return [
            *rows,
            *(Part(f"{ATTACHMENTS}/{n}", len(p.content), included=True, redactions=p.redactions) for n, p in files),
        ]

    def notes(self) -> list[str]:
        """Return one line for each change made to the data."""
        return [f"{note}: {count}" for note, count in sorted(self.note_counts.items()) if count]

    def leave_out(self, name: str) -> None:
        """Leave out a part. Raises DraftError for a name that is not an optional part."""
        kind, _, attachment = name.partition("/")
        if name == ATTACHMENTS:
            self.attachments.clear()
        elif kind == ATTACHMENTS and attachment in self.attachments:
            del self.attachments[attachment]
        elif name in OPTIONAL:
            self.sections.pop(name, None)
        else:
            raise DraftError(f"{name!r} is not a part that can be left out")

    def _texts(self) -> dict[str, Iterator[bytes]]:
        """Return the JSON of each section in pieces, by name."""
        written: set[int] = set()  # blobs; the current conversation comes before the older ones
        texts = {name: iter((section.content,)) for name, section in self.sections.items()}
        if self.conversation is not None:
            texts["conversation"] = self._conversation(self.conversation, written)
        if self.older:
            texts["older_sessions"] = self._older(written)
        if self.attachments:
            texts[ATTACHMENTS] = iter((array(self.attachments.values()).content,))
        return texts

    def _conversation(self, conversation: Conversation, written: set[int]) -> Iterator[bytes]:
        lines = (self.blobs.put_in(line, self._included, written) for line in conversation.messages)
        return conversation.to_json(lines)

    def _older(self, written: set[int]) -> Iterator[bytes]:
        separator = b"["
        for conversation in self.older:
            yield separator
            yield from self._conversation(conversation, written)
            separator = b","
        yield b"]"

    def _redactions(self) -> dict[str, Mapping[str, int]]:
        found: dict[str, Mapping[str, int]] = {name: section.redactions for name, section in self.sections.items()}
        if self.conversation is not None:
            found["conversation"] = dict(self.conversation.redactions)
        if self.older:
            found["older_sessions"] = dict(sum((older.redactions for older in self.older), Counter[str]()))
        if self.attachments:
            found[ATTACHMENTS] = array(self.attachments.values()).redactions
        return found

    def _with_blobs(self, packed: PackedContent) -> PackedContent:
        """Add the blobs for which there is room, the smallest first; `packed`: the content without them."""
        references = self.blobs.references(line for found in self._conversations() for line in found.messages)
        if not references:
            return packed
        chosen = self.blobs.smallest_first(references)
        while True:
            chosen = chosen[: _fitting([blob.size for blob in chosen], packed)]
            self._included = {blob.number for blob in chosen}
            self._note_blobs(references)
            whole = pack(self.content())
            if _excess(whole) <= 0:
                return whole
            if not chosen:  # the notes about the blobs are what is too much
                self._cut(_excess(whole))
            chosen = chosen[:-1]

    def _note_blobs(self, references: Mapping[int, int]) -> None:
        kept = len(self._included)
        self.note_counts[KEPT_BLOBS] = kept
        self.note_counts[LEFT_OUT_BLOBS] = len(references) - kept
        self.note_counts[REPEATED_BLOBS] = sum(references[number] - 1 for number in self._included)

    def _conversations(self) -> list[Conversation]:
        return [*self.older, *(() if self.conversation is None else (self.conversation,))]

    def _cut(self, size: int) -> None:
        conversations = self._conversations()
        size = max(size, sum(conversation.size for conversation in conversations) // _MIN_CUT)
        freed = 0
        for conversation in conversations:
            while conversation.messages and freed < size:
                freed += conversation.drop_oldest()
        if not freed:
            raise DraftError(TOO_LARGE)


def _excess(packed: PackedContent) -> int:
    """Return by how many bytes of the content it is over a limit; 0 or less if it is not."""
    if packed.expanded > MAX_EXPANDED:
        return packed.expanded - MAX_EXPANDED
    if len(packed.body) > MAX_COMPRESSED:
        return int(packed.size * (1 - MAX_COMPRESSED / len(packed.body))) + 1
    return 0


def _fitting(sizes: list[int], packed: PackedContent) -> int:
    """Return how many of the blobs, the smallest first, will probably fit beside the content."""
    count = total = 0
    for size in sizes:
        total += size
        if total > MAX_EXPANDED - packed.expanded or total * _BASE64 > MAX_COMPRESSED - len(packed.body):
            break
        count += 1
    return count


def parse_report(content: bytes) -> Report:
    """Return the report in `content`. Raises ValueError, KeyError, TypeError or AttributeError if it is not one."""
    document = json.loads(content)
    if document["schema"] != SCHEMA:
        raise ValueError("a report of another schema version")
    counts = {part["name"]: part["redactions"] for part in document["parts"]}

    def piece(name: str, value: object) -> CleanJson:
        return CleanJson(dumps(value), counts.get(name, {}))

    attachments = {a["name"]: piece(f"{ATTACHMENTS}/{a['name']}", a) for a in document.get(ATTACHMENTS, ())}
    sections = {name: piece(name, value) for name, value in document.items() if name not in _COMPUTED}
    return Report(sections, Counter(dict(_parse_notes(document["notes"]))), attachments)


def _parse_notes(notes: list[str]) -> Iterator[tuple[str, int]]:
    for note in notes:
        text, _, count = note.rpartition(": ")
        yield text, int(count)
