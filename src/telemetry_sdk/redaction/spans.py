"""What is taken out of a text, and the mark that takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

MARK = "[redacted:"  # the kind and a bracket follow


class Span(NamedTuple):
    """A value to replace by a mark, and the quote to put around the mark (mostly none)."""

    start: int
    end: int
    kind: str
    quote: str = ""


def replaced(text: str, spans: Iterable[Span], counts: Counter[str]) -> str:
    """Return the text with marks in place of the spans, which are in order; of two that overlap the first counts."""
    pieces: list[str] = []
    done = 0
    for start, end, kind, quote in spans:
        if start >= done:
            pieces += (text[done:start], quote, MARK, kind, "]", quote)
            counts[kind] += 1
            done = end
    return "".join((*pieces, text[done:])) if pieces else text
