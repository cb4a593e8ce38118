"""A text as a page shows it: bounded, with what a reader does not see as escapes, and what was removed marked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 2_000  # characters of a value
_REMOVED = re.compile(r"(\[redacted:[a-z0-9-]{1,64}\]|<redacted>|<…>)")
_WHITE = str.maketrans("", "", "\n\t")


@dataclass(frozen=True, slots=True)
class ShownSegment:
    """A part of a text: `kind` is "" for what stands there, `removed` for a mark of the sanitizer, or `escape`."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ShownText:
    """`cut`: how much is not shown, "" if all is."""

    segments: tuple[ShownSegment, ...]
    cut: str = ""


def shown(text: str, longest: int = LONGEST) -> ShownText:
    """Return at most so many characters of a text."""
    cut = f"cut after {longest:,} of {len(text):,} characters" if len(text) > longest else ""
    return ShownText(tuple(_segments(text[:longest])), cut)


def _segments(text: str) -> Iterator[ShownSegment]:
    for number, part in enumerate(_REMOVED.split(text)):
        if number % 2:
            yield ShownSegment(part, "removed")
        elif part.translate(_WHITE).isprintable():
            yield from (ShownSegment(part),) if part else ()
        else:
            for visible, run in groupby(part, _is_visible):
                found = "".join(run)
                yield (
                    ShownSegment(found) if visible else ShownSegment(found.encode("unicode_escape").decode(), "escape")
                )


def _is_visible(character: str) -> bool:
    return character.isprintable() or character in "\n\t"
