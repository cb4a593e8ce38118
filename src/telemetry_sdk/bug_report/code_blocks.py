"""Leaves out fenced code, also where a fence opens behind text on its line, or spans several texts of a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FENCE = re.compile(r"[ \t>]{0,64}(?P<marks>`{3,}|~{3,})(?P<info>[^\r\n]*)")
_IN_LINE = re.compile(r"(?<!`)(?P<marks>`{3,})(?!`)[^\r\n]*?(?<!`)(?P=marks)(?!`)")
_OPENS = re.compile(r"(?P<marks>`{3,}|(?<!~)~{3,})(?P<info>[^`~\r\n]*)\r?\n?\Z")


def without_code(value: Any) -> Any:
    """Return a message of plain data without fenced code blocks."""
    return _CodeFilter().clean(value, "")


class _CodeFilter:
    """Leaves out the code of one message; a fence that is open at the end of a text is open in the next of its key."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    def clean(self, value: Any, key: str) -> Any:
        """Return a value without code; `key`: under which it, or its list, stands."""
        if isinstance(value, str):
            return self._text(value, key)
        if isinstance(value, dict):
            return {name: self.clean(item, str(name)) for name, item in cast("Mapping[Any, Any]", value).items()}
        if isinstance(value, list | tuple):
            return [self.clean(item, key) for item in cast("Sequence[Any]", value)]
        return value

    def _text(self, text: str, key: str) -> str:
        fence, lines = self._open.pop(key, ""), 0
        if not fence and "```" not in text and "~~~" not in text:
            return text
        output: list[str] = []
        for line in text.splitlines(keepends=True):
            if fence:
                if _closes(fence, line):
                    output.append(_code_note(lines))
                    fence = ""
                lines += 1
                continue
            before, fence = _opened(line)
            output.append(before)
            lines = 0
        if fence:  # not closed: it runs to the end, and on in the next text
            output.append(_code_note(lines))
            self._open[key] = fence
        return "".join(output)


def _closes(fence: str, line: str) -> bool:
    match = _FENCE.match(line)
    return match is not None and match["marks"].startswith(fence) and not match["info"].strip()


def _opened(line: str) -> tuple[str, str]:
    """Return what stands before a fence that opens in this line, and its marks; the line and "" if none does."""
    match = _FENCE.match(line)
    if match and "`" not in match["info"]:
        return "", match["marks"]
    line = _IN_LINE.sub("[code left out]", line)
    opens = _OPENS.search(line)
    return (f"{line[: opens.start()]}\n", opens["marks"]) if opens else (line, "")


def _code_note(lines: int) -> str:
    return f"[code block left out: {lines} lines]\n"
