"""The report as JSON: sections in canonical form, put together, and cut until they fit the limits."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telemetry_sdk.encoders import bug_report as wire
from telemetry_sdk.exceptions import DraftError

from .canonical import Piece, Remarks, array, dumps
from .preview import Part
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = 1
MAX_COMPRESSED = 10 << 20  # bytes of the request's body; servers take no more
MAX_EXPANDED = 50 << 20  # bytes of that body before compression
DESCRIPTION, ATTACHMENTS = "description", "attachments"
OPTIONAL = ("environment", "recent_errors", "conversation", "older_sessions", "git", ATTACHMENTS)
_COMPUTED = frozenset(("parts", "notes", ATTACHMENTS))
_LEAST_CUT = 20  # at least one part in so many goes at once, so that cutting ends soon


@dataclass(slots=True)
class Report:
    """A report in the making: its sections by name, its attachments, its sessions (the oldest first)."""

    sections: dict[str, Piece]
    remarks: Remarks = field(default_factory=Counter[str])
    attachments: dict[str, Piece] = field(default_factory=dict[str, Piece])
    older: list[Session] = field(default_factory=list[Session])
    conversation: Session | None = None

    def fitted(self) -> bytes:
        """Return the content, within both limits: the oldest messages go, never the description.

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
        texts = {name: piece.content for name, piece in self._pieces().items()}
        texts["parts"] = dumps([part.to_json() for part in self.parts()])
        texts["notes"] = dumps(self.notes())
        rows = (dumps(name) + b":" + texts[name] for name in sorted(texts))
        return b"{" + b",".join(rows) + b"}"

    def parts(self) -> list[Part]:
        """Return the description, the optional parts in a fixed order, and each attachment."""
        pieces = self._pieces()
        rows = [_part(name, pieces.get(name)) for name in (DESCRIPTION, *OPTIONAL)]
        return [*rows, *(_part(f"{ATTACHMENTS}/{name}", piece) for name, piece in self.attachments.items())]

    def notes(self) -> list[str]:
        """Return the remarks as lines."""
        return [f"{remark}: {count}" for remark, count in sorted(self.remarks.items())]

    def take_out(self, name: str) -> None:
        """Take a part out. Raises DraftError for a name that is no optional part."""
        kind, _, attachment = name.partition("/")
        if name == ATTACHMENTS:
            self.attachments.clear()
        elif kind == ATTACHMENTS and attachment in self.attachments:
            del self.attachments[attachment]
        elif name in OPTIONAL:
            self.sections.pop(name, None)
        else:
            raise DraftError(f"{name!r} is no part that can be left out")

    def _pieces(self) -> dict[str, Piece]:
        pieces = dict(self.sections)
        if self.conversation is not None:
            pieces["conversation"] = self.conversation.piece()
        if self.older:
            pieces["older_sessions"] = array(session.piece() for session in self.older)
        if self.attachments:
            pieces[ATTACHMENTS] = array(self.attachments.values())
        return pieces

    def _cut(self, size: int) -> None:
        sessions = [*self.older, *(() if self.conversation is None else (self.conversation,))]
        size = max(size, sum(session.size for session in sessions) // _LEAST_CUT)
        freed = 0
        for session in sessions:
            while session.messages and freed < size:
                freed += session.drop_oldest()
        if not freed:
            raise DraftError("the report is too large even without messages: shorten it, or leave attachments out")


def reopened(content: bytes) -> Report:
    """Return a report that was made before. Raises ValueError, KeyError, TypeError, AttributeError if it is none."""
    document = json.loads(content)
    if document["schema"] != SCHEMA:
        raise ValueError("another version's report")
    counts = {part["name"]: part["redactions"] for part in document["parts"]}

    def piece(name: str, value: object) -> Piece:
        return Piece(dumps(value), counts.get(name, {}))

    attachments = {a["name"]: piece(f"{ATTACHMENTS}/{a['name']}", a) for a in document.get(ATTACHMENTS, ())}
    sections = {name: piece(name, value) for name, value in document.items() if name not in _COMPUTED}
    return Report(sections, Counter(dict(_remarks(document["notes"]))), attachments)


def _remarks(notes: list[str]) -> Iterator[tuple[str, int]]:
    for note in notes:
        remark, _, count = note.rpartition(": ")
        yield remark, int(count)


def _part(name: str, piece: Piece | None) -> Part:
    if piece is None:
        return Part(name, 0, included=False)
    return Part(name, len(piece.content), included=True, redactions=piece.redactions)
