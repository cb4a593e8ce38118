"""Assembles a report from canonical sections and cuts it to the size limits."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telemetry_sdk.encoders import bug_report as wire
from telemetry_sdk.exceptions import DraftError

from .canonical_json import CleanJson, NoteCounts, array, dumps
from .conversation import Conversation
from .preview import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = 1
MAX_COMPRESSED = 10 << 20  # bytes of the request body, the servers' limit
MAX_EXPANDED = 50 << 20  # bytes of that body before compression
DESCRIPTION, ATTACHMENTS = "description", "attachments"
OPTIONAL = ("environment", "recent_errors", "conversation", "older_sessions", "git", ATTACHMENTS)
_COMPUTED = frozenset(("parts", "notes", ATTACHMENTS))
_MIN_CUT = 20  # each cut removes at least a 20th, so that few rounds are needed


@dataclass(slots=True)
class Report:
    """A report being assembled: sections and attachments by name, conversations (older ones oldest first)."""

    sections: dict[str, CleanJson]
    note_counts: NoteCounts = field(default_factory=Counter[str])
    attachments: dict[str, CleanJson] = field(default_factory=dict[str, CleanJson])
    older: list[Conversation] = field(default_factory=list[Conversation])
    conversation: Conversation | None = None

    def fit_to_limits(self) -> bytes:
        """Return the content within both limits: the oldest messages are dropped, never the description.

        Raises DraftError if that is not enough.
        """
        while True:
            content = self.content()
            over = wire.expanded_size(content) - MAX_EXPANDED
            if over <= 0:
                compressed = len(wire.body(content))
                if compressed <= MAX_COMPRESSED:
                    return content
                over = int(len(content) * (1 - MAX_COMPRESSED / compressed)) + 1
            self._cut(over)

    def content(self) -> bytes:
        """Return the whole report as canonical JSON."""
        texts = {name: section.content for name, section in self._json_sections().items()}
        texts["parts"] = dumps([part.to_json() for part in self.parts()])
        texts["notes"] = dumps(self.notes())
        rows = (dumps(name) + b":" + texts[name] for name in sorted(texts))
        return b"{" + b",".join(rows) + b"}"

    def parts(self) -> list[Part]:
        """Return the description, the optional parts in a fixed order, and each attachment."""
        sections = self._json_sections()
        rows = [_part(name, sections.get(name)) for name in (DESCRIPTION, *OPTIONAL)]
        return [*rows, *(_part(f"{ATTACHMENTS}/{name}", piece) for name, piece in self.attachments.items())]

    def notes(self) -> list[str]:
        """Return one line for each change made to the data."""
        return [f"{note}: {count}" for note, count in sorted(self.note_counts.items())]

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

    def _json_sections(self) -> dict[str, CleanJson]:
        sections = dict(self.sections)
        if self.conversation is not None:
            sections["conversation"] = self.conversation.to_json()
        if self.older:
            sections["older_sessions"] = array(conversation.to_json() for conversation in self.older)
        if self.attachments:
            sections[ATTACHMENTS] = array(self.attachments.values())
        return sections

    def _cut(self, size: int) -> None:
        conversations = [*self.older, *(() if self.conversation is None else (self.conversation,))]
        size = max(size, sum(conversation.size for conversation in conversations) // _MIN_CUT)
        freed = 0
        for conversation in conversations:
            while conversation.messages and freed < size:
                freed += conversation.drop_oldest()
        if not freed:
            raise DraftError("the report is too large even without messages: shorten it, or leave out attachments")


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


def _part(name: str, piece: CleanJson | None) -> Part:
    if piece is None:
        return Part(name, 0, included=False)
    return Part(name, len(piece.content), included=True, redactions=piece.redactions)
