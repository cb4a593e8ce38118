"""Bytes as text: bounded, indented where they are JSON, and everything that was changed stated."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from .shown_text import ShownText, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 64 * 1024  # bytes
DEEPEST = 24  # levels that are indented; what lies deeper stays on its line
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{},:]|[^\s"\[\]{},:]+', re.DOTALL)


def shown_body(body: bytes) -> tuple[ShownText, list[str]]:
    """Return what is shown of a body, and a note for each difference from its bytes."""
    notes = [] if body else ["It is empty."]
    if len(body) > LONGEST:
        notes.append(f"Cut after {LONGEST:,} bytes of {len(body):,}.")
    text = _decode(body[:LONGEST], "strict", whole=len(body) <= LONGEST)
    if text is None:
        notes.append("Bytes that are not UTF-8 are shown as U+FFFD.")
        text = _decode(body[:LONGEST], "replace", whole=len(body) <= LONGEST) or ""
    if text.lstrip()[:1] in {"{", "["}:
        notes.append("White space is changed for reading.")
        text = "".join(indented(text))
    found = shown(text, len(text))
    if any(segment.kind == "escape" for segment in found.segments):
        notes.append("Control and direction characters are shown as escapes.")
    return found, notes


def indented(text: str) -> Iterator[str]:
    """Yield JSON text with every token unchanged and other white space between them; in linear time at any depth."""
    depth, before = 0, ""
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part in "]}":
            depth -= 1
            if before not in "[{":
                yield _line(depth)
        elif before in {"[", "{", ","}:
            yield _line(depth)
        yield part
        if part in "[{":
            depth += 1
        elif part == ":":
            yield " "
        before = part


def _line(depth: int) -> str:
    return "\n" + "  " * depth if 0 <= depth <= DEEPEST else ""


def _decode(body: bytes, errors: str, *, whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder("utf-8")(errors).decode(body, whole)
    except UnicodeDecodeError:
        return None
