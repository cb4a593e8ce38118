"""The conversations of a bug report, message by message."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from telemetry_sdk.bug_report.message_texts import message_texts, role_of

from ..plain_json import as_list, as_number, as_object, as_text
from .sections import ConversationSection, ShownMessage
from .shown_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 500_000  # of one conversation that are shown
LONGEST = 8_000  # characters of one text
ROLE = 40  # characters
FIELDS = 2  # of a message that has a role and a text only


def conversation_section(title: str, value: Any) -> ConversationSection:
    """Return the newest messages of `{"first", "left_out", "messages", "notes"}` that fit."""
    conversation = as_object(value)
    messages = as_list(conversation.get("messages"))
    numbers = _numbers(conversation)
    numbered = [(next(numbers), message) for message in messages]
    found: list[ShownMessage] = []
    budget = MOST_CHARACTERS
    for number, message in reversed(numbered):
        if budget <= 0:
            break
        found.append(_message(number, message))
        budget -= LONGEST // 8 + len(as_text(message))
    notes = [as_text(note)[:LONGEST] for note in as_list(conversation.get("notes"))[:100]]
    if len(found) < len(messages):
        notes.append(f"The newest {len(found):,} of {len(messages):,} messages are shown.")
    return ConversationSection(title, found[::-1], notes)


def _message(number: int, message: Any) -> ShownMessage:
    plain = as_object(message)
    only_text = all(isinstance(value, str) for value in plain.values())
    texts = [text for _, text in message_texts(message)] or ([plain.get("content", "")] if only_text else [])
    rest = None if texts and only_text and len(plain) <= FIELDS else shown(as_text(message), LONGEST)
    role = role_of(message) or "unknown role"
    return ShownMessage(number, role[:ROLE], [shown(text, LONGEST) for text in texts if text], rest)


def _numbers(conversation: dict[str, Any]) -> Iterator[int]:
    """Yield the numbers of the messages, as they were counted in the transcript."""
    left_out = {number for number in as_list(conversation.get("left_out")) if type(number) is int}
    return (number for number in count(as_number(conversation.get("first"))) if number not in left_out)
