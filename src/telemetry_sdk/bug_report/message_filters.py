"""Leaves out what the user chose: messages, code blocks, tool output; each omission leaves a note in its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from telemetry_sdk.exceptions import DraftError

from .code_blocks import without_code
from .message_texts import ASSISTANT, SYSTEM, message_texts, role_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .canonical_json import NoteCounts

_NO_TEXT = "not known to be text of user, assistant or system"


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What to include: messages by their numbers (the first is 0), with or without code blocks and tool output.

    `cut_before`: the first message to include, `cut_after`: the last one, `leave_out`: others. Raises DraftError for
    anything but numbers of 0 or more, and for a first message behind the last one.
    """

    cut_before: int | None = None
    cut_after: int | None = None
    leave_out: tuple[int, ...] = ()
    without_code: bool = False
    without_tool_output: bool = False

    def __post_init__(self) -> None:
        for name, numbers in {
            "cut_before": (self.cut_before or 0,),
            "cut_after": (self.cut_after or 0,),
            "leave_out": self.leave_out,
        }.items():
            if any(type(number) is not int or number < 0 for number in numbers):
                raise DraftError(f"{name} must be the number of a message, 0 or more")
        if self.cut_after is not None and (self.cut_before or 0) > self.cut_after:
            raise DraftError("cut_before must not be above cut_after: no message would be included")

    def includes(self, number: int) -> bool:
        """Tell whether the message of this number is included."""
        before = self.cut_before is not None and number < self.cut_before
        after = self.cut_after is not None and number > self.cut_after
        return not (before or after or number in self.leave_out)

    @property
    def keeps_all(self) -> bool:
        """Whether the messages that are included stay as they are."""
        return not (self.without_code or self.without_tool_output)

    def next_included(self, number: int) -> int:
        """Return the first number from this one on whose message may be included."""
        number = max(number, self.cut_before or 0)
        while number in self.leave_out:
            number += 1
        return number

    def numbered(self, messages: Iterator[Any]) -> Iterator[Any]:
        """Yield the included ones of messages; what stands after the last one is not read."""
        for number, message in enumerate(messages):
            if self.cut_after is not None and number > self.cut_after:
                return
            if self.includes(number):
                yield message

    def uncut(self) -> MessageFilter:
        """Return the filter for another session, whose messages have other numbers."""
        return replace(self, cut_before=None, cut_after=None, leave_out=())

    def left_out(self, read: int) -> list[int]:
        """Return the numbers in `leave_out` that name one of the messages that were read; `read`: their count."""
        return sorted(number for number in set(self.leave_out) if number < read)

    def without_message(self, read: int) -> list[str]:
        """Return each choice whose number names no message of those that were read."""
        cuts = {"cut_before": self.cut_before, "cut_after": self.cut_after}
        found = [f"{name}={number}" for name, number in cuts.items() if number and number >= read]
        is_cut = self.cut_after is not None and self.cut_after < read  # what stands behind the cut is not read
        numbers = [] if is_cut else sorted(number for number in set(self.leave_out) if number >= read)
        return [*found, *(f"leave_out={number}" for number in numbers)]

    def notes(self, read: int) -> list[str]:
        """Return one line for each kind of content that is left out, of `read` messages."""
        lines: list[str] = []
        if self.cut_before:
            lines.append(f"messages before number {self.cut_before} were left out")
        if self.cut_after is not None and self.cut_after < read - 1:
            lines.append(f"messages after number {self.cut_after} were left out")
        if numbers := self.left_out(read):
            lines.append(f"messages were left out: {', '.join(map(str, numbers))}")
        if unknown := self.without_message(read):
            named = ", ".join(unknown)
            lines.append(f"no message with the number of {named} was read; messages read: {read}, from number 0 on")
        if self.without_code:
            lines.append("code blocks were left out")
        if self.without_tool_output:
            lines.append(f"tool output was left out, and all else that is {_NO_TEXT}")
        return lines


class ContentFilter:
    """Leaves out parts of one conversation's messages, which come in their order."""

    def __init__(self, chosen: MessageFilter, notes: NoteCounts) -> None:
        self._chosen = chosen
        self._notes = notes
        self._was_answered = False  # what agents put in as the system's text after that is output of tools

    def apply(self, message: Any, *, parsed: bool) -> Any:
        """Return the filtered message, which is plain data; `parsed` False: a text that is not JSON."""
        if self._chosen.without_tool_output:
            message = self._texts_only(message if parsed else None)
        elif self._chosen.without_code and not parsed:
            return {"left_out": "a line that is not JSON: its code cannot be recognised"}
        return without_code(message) if self._chosen.without_code else message

    def _texts_only(self, message: Any) -> dict[str, Any]:
        """Return the texts of user, assistant and system; all else is left out and counted."""
        texts = [pair for pair in message_texts(message) if not (pair[0] == SYSTEM and self._was_answered)]
        self._was_answered = self._was_answered or any(role == ASSISTANT for role, _ in texts)
        role = role_of(message)
        left_out = _count(message) - len(texts) - (role is not None)
        if left_out > 0:
            self._notes[f"values left out that are {_NO_TEXT}"] += left_out
        if not texts:
            return {"left_out": _NO_TEXT, **({"role": role} if role else {})}
        if len({role for role, _ in texts}) == 1:
            return {"role": texts[0][0], "content": "\n\n".join(text for _, text in texts)}
        return {"texts": [{"role": role, "content": text} for role, text in texts]}


def _count(value: Any) -> int:
    """Return how many values that are no container are in it."""
    if isinstance(value, dict):
        return sum(map(_count, cast("Mapping[Any, Any]", value).values()))
    return sum(map(_count, cast("Sequence[Any]", value))) if isinstance(value, list) else 1
