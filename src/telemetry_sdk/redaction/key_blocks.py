"""The lines of a private key, wherever they stand: in a diff, a quote, a list, the strings of several messages.

A key within one string is replaced whole. Else each of its lines is, so that what holds them still parses.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .invisible import is_invisible_in, visible
from .rules.contexts import BLOCKS
from .rules.rule import MIXED
from .spans import Span, replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAR = 200  # characters between two lines: a time, a log's fields, a list's quotes
_MOST = 512  # lines of a key
_RUN = r"[A-Za-z0-9+/]"
_KINDS = tuple(row[0] for row in BLOCKS)
_BEGINS = "|".join(f"({begins})" for _, begins, *_ in BLOCKS)
_ENDS = "|".join(ends for _, _, ends, *_ in BLOCKS)
_WORDS = ("KEY", "Private-Lines", "LS0tLS1CRUdJTi")  # one of them is in what begins a key
_EVENT = re.compile(
    rf"{_BEGINS}|(?P<end>{_ENDS})|{_RUN}{{16,4096}}+={{0,2}}+|{_RUN}{{2,15}}+={{1,2}}+(?![\w=+/\[])"
)  # no mark of ours behind
_CERTAIN = re.compile(rf"{MIXED}{_RUN}{{32,}}={{0,2}}|{_RUN}{{60,}}={{0,2}}|{_RUN}{{2,}}={{1,2}}")  # without an end
_ESCAPE = re.compile(r"[bfnrt]|u[0-9A-Fa-f]{4}")
_SHORT = re.compile(rf"(?![A-Z]?[a-z]+(?![\w+/=])){_RUN}{{2,63}}+={{0,2}}(?![^\s\"'\\<,])")
_ALONE = re.compile(rf"\s*(?![A-Z]?[a-z]+\s*\Z){_RUN}{{4,}}={{0,2}}\s*")


@dataclass(slots=True)
class _Key:
    """A key that is being read: its kind, where it begins in this text (None: in an earlier one), its lines here."""

    kind: str
    begin: int | None
    at: int  # the end of what was read; negative: that many characters before this text
    lines: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    before: int = 0  # lines in earlier texts

    def accepts(self, start: int) -> bool:
        """Tell whether a line that starts there can belong to this key."""
        return start - self.at <= _FAR and self.before + len(self.lines) < _MOST

    def taken(self, text: str, end: int | None = None) -> list[Span]:
        """Return what to take out of this text; `end`: where the end of the key was found."""
        lines = self.lines if end is not None else [*self._certain(text)]
        last = end if end is not None else lines[-1][1] if lines else 0
        if self.begin is not None and last and '"' not in text[self.begin : last]:
            return [Span(self.begin, last, self.kind)]
        return [Span(*line, self.kind) for line in lines]

    def _certain(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the lines that look like a key's by themselves, and a short last one."""
        if self.before and _ALONE.fullmatch(text):
            yield from self.lines or [(len(text) - len(text.lstrip()), len(text.rstrip()))]
            return
        lines = [line for line in self.lines if _CERTAIN.fullmatch(text, *line)]
        yield from lines
        if len(lines) > 1:
            between = text[lines[-2][1] : lines[-1][0]]
            at = lines[-1][1]
            last = _SHORT.match(text, at + len(between)) if text.startswith(between, at) else None
            yield from [last.span()] if last else []


class KeyBlocks:
    """Finds keys in texts that follow each other, such as the strings of a list or the messages of a session."""

    def __init__(self) -> None:
        self._open: _Key | None = None

    @property
    def is_open(self) -> bool:
        """Whether the next text may go on with a key."""
        return self._open is not None

    def redact(self, text: str, counts: Counter[str]) -> str:
        """Return the text without the lines of keys; each key counts once."""
        may_begin = any(word in text for word in _WORDS) or is_invisible_in(text)
        if self._open is None and not may_begin:
            return text
        read = visible(text)
        spans = [
            Span(_behind_escape(text, read.raw(start)), read.raw(end - 1) + 1, kind)
            for start, end, kind, _ in self._spans(read.text, counts)
        ]
        return replaced(text, (span for span in spans if span.start < span.end), Counter())

    def _spans(self, text: str, counts: Counter[str]) -> list[Span]:
        key = self._open
        spans: list[Span] = []
        for event in _EVENT.finditer(text):
            start, end = event.span()
            begun = next((kind for number, kind in enumerate(_KINDS, 1) if event[number] is not None), None)
            if begun is not None:
                spans += _counted(key, text, None, counts)
                key = _Key(begun, start, end)
            elif key is not None and (event["end"] is not None or not key.accepts(start)):
                spans += _counted(key, text, None if event["end"] is None else end, counts)
                key = None
            elif key is not None:
                key.at = end
                if not text[start:end].isdigit():  # a number of JSON's, which no quotes may replace
                    key.lines.append((start, end))
        spans += _counted(key, text, None, counts)
        self._open = _carried(key, len(text))
        return spans


def _counted(key: _Key | None, text: str, end: int | None, counts: Counter[str]) -> list[Span]:
    spans = key.taken(text, end) if key is not None else []
    if key is not None and spans and not key.before:
        counts[key.kind] += 1
    return spans


def _carried(key: _Key | None, length: int) -> _Key | None:
    """Return the key as it goes on in the next text."""
    if key is None or length - key.at > _FAR:
        return None
    return _Key(key.kind, None, key.at - length, before=key.before + len(key.lines))


def _behind_escape(text: str, at: int) -> int:
    r"""Return `at`, or the end of the JSON escape that the character there may belong to, as the n of `\nMII…`."""
    escape = _ESCAPE.match(text, at) if text[at - 1 : at] == "\\" else None
    return escape.end() if escape else at
