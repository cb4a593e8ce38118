"""The parts of a detail page; each names the template that shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .shown_text import ShownText


@dataclass(frozen=True, slots=True)
class FieldsSection:
    """Names and values. `download`: the address of the bytes, "" for none."""

    template: ClassVar[str] = "fields.html"
    title: str
    rows: Sequence[tuple[ShownText, ShownText]]
    notes: Sequence[str] = ()
    download: str = ""


@dataclass(frozen=True, slots=True)
class TextSection:
    """A text as it stands: `prose`, or a body. `download`: the address of its bytes, "" for none."""

    template: ClassVar[str] = "text.html"
    title: str
    text: ShownText
    notes: Sequence[str] = ()
    download: str = ""
    prose: bool = False


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A frame of a stack trace. `own`: of the application, not of a library."""

    module: ShownText
    function: ShownText
    line: str
    own: bool


@dataclass(frozen=True, slots=True)
class ShownException:
    """`relation`: how it came to the one before; frames as Python prints them, the innermost last."""

    name: ShownText
    message: ShownText
    relation: str
    frames: Sequence[ShownFrame]
    note: str = ""


@dataclass(frozen=True, slots=True)
class StackSection:
    """A chain of exceptions, the one that was captured first, or the stack of a thread."""

    template: ClassVar[str] = "stack.html"
    title: str
    exceptions: Sequence[ShownException]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message of a conversation; `rest`: all of it as JSON, where its texts are not all of it."""

    number: int
    role: str
    texts: Sequence[ShownText]
    rest: ShownText | None


@dataclass(frozen=True, slots=True)
class ConversationSection:
    """Messages, the oldest first."""

    template: ClassVar[str] = "conversation.html"
    title: str
    messages: Sequence[ShownMessage]
    notes: Sequence[str] = field(default_factory=tuple)


Section = FieldsSection | TextSection | StackSection | ConversationSection
