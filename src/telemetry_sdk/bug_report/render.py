"""A report as text that a person reads: sections, messages with their roles, everything that is in it."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from .message_texts import role_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FIRST = ("description", "conversation", "older_sessions", "recent_errors", "environment", "git", "attachments")
_ABOVE = ("parts", "notes")  # shown by the preview's summary
_INDENT = "  "
_CONVERSATION, _OLDER = "conversation", "older_sessions"


def visible(text: str) -> str:
    """Return a text with what a terminal obeys, or a reader does not see, shown as an escape."""
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def render_report(report: Mapping[str, Any]) -> str:
    """Return every section of a report that the summary does not show, the description and the conversation first."""
    names = [*(name for name in _FIRST if name in report), *(name for name in report if name not in (*_FIRST, *_ABOVE))]
    return "".join(f"{line}\n" for name in names for line in _section(name, report[name]))


def _section(name: str, value: Any) -> Iterator[str]:
    yield f"== {visible(name)} =="
    if name == _CONVERSATION:
        yield from _conversation(value)
    elif name == _OLDER:
        for number, session in enumerate(value):
            yield f"-- session {number} --"
            yield from _conversation(session)
    else:
        yield from _lines(value, "")
    yield ""


def _conversation(value: Mapping[str, Any]) -> Iterator[str]:
    for note in value.get("notes", ()):
        yield f"[{visible(note)}]"
    for number, message in zip(_numbers(value), value.get("messages", ()), strict=False):
        yield f"-- message {number}: {visible(role_of(message) or 'unknown role')} --"
        yield from _lines(message, "")
    for name in value:
        if name not in {"notes", "messages", "first", "left_out"}:
            yield f"-- {visible(name)} --"
            yield from _lines(value[name], "")


def _numbers(conversation: Mapping[str, Any]) -> Iterator[int]:
    """Yield the numbers of the messages, as they were counted in the transcript."""
    left_out = set(conversation.get("left_out", ()))
    return (number for number in count(conversation.get("first", 0)) if number not in left_out)


def _lines(value: Any, indent: str) -> Iterator[str]:
    """Yield a value: strings as they read, objects and lists indented below their keys."""
    if isinstance(value, dict):
        for key, item in cast("Mapping[str, Any]", value).items():
            yield from _entry(f"{visible(key)}:", item, indent)
    elif isinstance(value, list):
        for item in cast("Sequence[Any]", value):
            yield from _entry("-", item, indent)
    else:
        for line in _scalar(value):
            yield indent + line


def _entry(label: str, item: Any, indent: str) -> Iterator[str]:
    lines = [] if isinstance(item, dict | list) else _scalar(item)
    if len(lines) == 1:
        yield f"{indent}{label} {lines[0]}"
        return
    yield f"{indent}{label}"
    yield from _lines(item, indent + _INDENT)


def _scalar(value: Any) -> list[str]:
    if not isinstance(value, str):
        return [json.dumps(value)]
    return [visible(line.replace("\t", "    ")) for line in value.split("\n")]


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
