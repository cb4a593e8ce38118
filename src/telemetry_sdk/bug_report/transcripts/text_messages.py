"""Plain text and Markdown: split into messages where a line names a role, else into paragraphs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .decoding import DecodedFile

_LONGEST = 1 << 18  # characters of a message: a longer one goes on in another of the same role
_PARAGRAPHS = 1 << 14  # characters after which a text without roles is split at a blank line
_ROLES = {
    **dict.fromkeys(("user", "human", "you", "me", "prompt", "question"), "user"),
    **dict.fromkeys(("assistant", "ai", "claude", "gemini", "chatgpt", "response", "answer"), "assistant"),
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("tool", "tools", "function", "observation", "output", "tool result", "tool output"), "tool"),
}
_NAMES = "|".join(sorted(_ROLES, key=len, reverse=True))
_ROLE_LINE = re.compile(
    rf"(?:#{{1,6}}\s+|\*\*|__|\[|<)?\W{{0,3}}(?P<role>{_NAMES})(?:\*\*|__|\])?(?P<colon>:)?(?:\*\*|__)?(?P<text>.*)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"[ \t>]{0,16}(?:`{3,}|~{3,})")
_AIDER_BEGIN, _AIDER_USER, _AIDER_TOOL = "# aider chat started at", "#### ", ">"


def read_text(file: DecodedFile, longest: int) -> Iterator[Any]:
    """Yield the messages of a text file: `{"role": ..., "content": ...}`, or `{"text": ...}` where none is named."""
    splitter = _Splitter(is_aider=_AIDER_BEGIN in file.head)
    for line in file.lines(longest):
        yield from splitter.add("[a line over the size limit was left out]" if line is None else line)
    yield from splitter.end()


class _Splitter:
    """Gathers lines until a line begins the next message."""

    def __init__(self, *, is_aider: bool) -> None:
        self._is_aider = is_aider
        self._role: str | None = None
        self._lines: list[str] = []
        self._size = 0
        self._in_fence = False

    def add(self, line: str) -> Iterator[dict[str, str]]:
        """Add a line; yield the message that it ends."""
        role, text = self._begun(line)
        is_full = self._size > _LONGEST
        is_paragraph = self._role is None and not self._in_fence and not line.strip() and self._size > _PARAGRAPHS
        if role is not None or is_full or is_paragraph:
            yield from self.end()
            self._role = role or self._role
        if role is None or text:
            self._lines.append(text)
            self._size += len(text) + 1
        if _FENCE.match(line) and role is None:
            self._in_fence = not self._in_fence

    def end(self) -> Iterator[dict[str, str]]:
        """Yield the message that was gathered."""
        text = "\n".join(self._lines).strip("\n")
        self._lines, self._size = [], 0
        if text.strip():
            yield {"text": text} if self._role is None else {"role": self._role, "content": text}

    def _begun(self, line: str) -> tuple[str | None, str]:
        """Return the role that a line begins, None if it goes on, and its text."""
        if self._is_aider:
            return self._begun_by_aider(line)
        match = None if self._in_fence else _ROLE_LINE.match(line)
        if match is None or not (match["colon"] or (line[:1] in "#*_[<" and not match["text"].strip(" >"))):
            return None, line
        return _ROLES[match["role"].lower()], match["text"].strip(" *_>")

    def _begun_by_aider(self, line: str) -> tuple[str | None, str]:
        """Return the role of a line of aider's history: the user's begin with ####, output of tools with >."""
        if line.startswith(_AIDER_BEGIN):
            role, text = "tool", line
        elif line.startswith(_AIDER_USER):
            role, text = "user", line.removeprefix(_AIDER_USER)
        elif line.startswith(_AIDER_TOOL):
            role, text = "tool", line
        elif not line.strip():
            return None, line
        else:
            role, text = "assistant", line
        return (None if role == self._role else role), text
