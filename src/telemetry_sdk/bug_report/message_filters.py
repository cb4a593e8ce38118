"""Removes fenced code or tool output from messages; each omission leaves a note in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FENCE = re.compile(r"[ \t>]{0,64}(?P<marks>`{3,}|~{3,})(?P<info>[^\r\n]*)")
_TOOL_ROLES = frozenset(("tool", "function"))
_TOOL_OUTPUT = "[tool output left out]"


def without_code(value: Any) -> Any:
    """Return a message of plain data without fenced code blocks."""
    if isinstance(value, str):
        return _without_fenced_blocks(value)
    if isinstance(value, dict):
        return {key: without_code(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [without_code(item) for item in cast("Sequence[Any]", value)]
    return value


def _without_fenced_blocks(text: str) -> str:
    if "```" not in text and "~~~" not in text:
        return text
    output: list[str] = []
    fence, lines = "", 0
    for line in text.splitlines(keepends=True):
        match = _FENCE.match(line)
        marks = match["marks"] if match else ""
        if fence:
            if marks.startswith(fence) and match and not match["info"].strip():
                output.append(_code_note(lines))
                fence = ""
            lines += 1
        elif marks and "`" not in (match["info"] if match else ""):
            fence, lines = marks, 0
        else:
            output.append(line)
    if fence:  # not closed: it runs to the end
        output.append(_code_note(lines))
    return "".join(output)


def _code_note(lines: int) -> str:
    return f"[code block left out: {lines} lines]\n"


def without_tool_output(value: Any) -> Any:
    """Return a message of plain data without tool output; tool calls and their arguments stay."""
    if isinstance(value, list | tuple):
        return [without_tool_output(item) for item in cast("Sequence[Any]", value)]
    if not isinstance(value, dict):
        return value
    block = cast("Mapping[Any, Any]", value)
    is_output = str(block.get("type", "")).endswith("tool_result") or block.get("role") in _TOOL_ROLES
    return {
        key: _TOOL_OUTPUT if (is_output and key == "content") or key == "toolUseResult" else without_tool_output(item)
        for key, item in block.items()
    }
