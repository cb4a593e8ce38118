r"""Secrets over several lines, read as what the lines mean: wrapped by a terminal, continued, quoted, lines of a diff.

Lines stand raw or in JSON text (`\n`). A group of them is redacted as it reads. If that takes out more than redacting
them as they stand, the group is written anew; else it stays.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .invisible import Redact

_WIDTHS = frozenset((80, 100, 120, 132, 160))
_NARROWEST = min(_WIDTHS)
_MOST = 32  # lines that are looked at as one
_ENDS = re.compile(r"[A-Za-z0-9_+/=.:-]\Z")
_BEGINS = re.compile(r"[A-Za-z0-9_+/=.-]")
_MARKS = re.compile(  # of a diff, a quote, a list, a comment, a numbered line
    r"[ \t]{0,8}(?:(?:[-+>|#*!<;\u2502\u2192\u2022]|//|\d{1,5}(?:[.):|\u2192]|\t))[ \t]?){1,4}"
)
_MARK_BEGINS = frozenset("-+>|#*!</;0123456789\u2502\u2192\u2022")
_NUMBER = re.compile(r"[0-9]+")


class _Break(NamedTuple):
    """A line break: as it is written, what stands for a backslash before it, where its JSON string begins and ends."""

    sign: str
    backslash: str
    quote: re.Pattern[str] | None


_BREAKS = (  # in JSON within JSON, in JSON, raw; the deepest first
    _Break(r"\\n", r"\\\\", re.compile(r'(?<!\\\\\\)"')),
    _Break(r"\n", r"\\", re.compile(r'(?<!\\)"')),
    _Break("\n", "\\", None),
)


class _View(NamedTuple):
    """A way to read lines as one text.

    `groups`: yields the first and the last line of each group; `read`: returns what the lines of a group mean;
    `write`: returns the clean text as it stands in the place of these lines.
    """

    groups: Callable[[list[str], _Break], Iterator[tuple[int, int]]]
    read: Callable[[list[str], _Break], str]
    write: Callable[[str, list[str], _Break], str]


def redact_line_views(text: str, redact: Redact, counts: Counter[str]) -> str:
    """Redact the groups of lines that read on."""
    for line_break in _BREAKS:
        for view in _VIEWS if line_break.sign in text else ():
            text = _redact_groups(text, line_break, view, redact, counts)
    return text


def _redact_groups(text: str, line_break: _Break, view: _View, redact: Redact, counts: Counter[str]) -> str:
    lines = text.split(line_break.sign)
    done = 0
    pieces: list[str] = []
    for first, last in view.groups(lines, line_break):
        if first < done:
            continue
        head = _begin_of_string(lines[first], line_break)
        tail = _end_of_string(lines[last], line_break)
        group = [lines[first][head:], *lines[first + 1 : last], lines[last][:tail]]
        found: Counter[str] = Counter()
        clean = redact(view.read(group, line_break), found)
        if found and clean != view.read(
            redact(line_break.sign.join(group), Counter()).split(line_break.sign), line_break
        ):
            counts.update(found)
            pieces += (
                *lines[done:first],
                lines[first][:head] + view.write(clean, group, line_break) + lines[last][tail:],
            )
            done = last + 1
    return line_break.sign.join((*pieces, *lines[done:])) if done else text


def _begin_of_string(line: str, line_break: _Break) -> int:
    ends = [found.end() for found in line_break.quote.finditer(line)] if line_break.quote else []
    return ends[-1] if ends else 0


def _end_of_string(line: str, line_break: _Break) -> int:
    found = line_break.quote.search(line) if line_break.quote else None
    at = found.start() if found else len(line)
    while found and at and line[at - 1] == "\\":
        at -= 1
    return at


def _runs(lines: list[str], line_break: _Break, reads_on: Callable[[int, int], bool]) -> Iterator[tuple[int, int]]:
    """Yield the groups: `reads_on` tells whether a line of the group that begins at the first goes on in the next."""
    first = 0
    while first < len(lines) - 1:
        last = first
        while last + 1 < len(lines) and last - first < _MOST and reads_on(first, last):
            last += 1
            if line_break.quote and line_break.quote.search(lines[last]):
                break
        if last > first:
            yield first, last
        ends_string = last > first and line_break.quote and line_break.quote.search(lines[last])
        first = last if ends_string else last + 1  # another string may begin on that line


def _wrapped(lines: list[str], line_break: _Break) -> Iterator[tuple[int, int]]:
    """Yield lines as wide as a terminal, each of which the next one continues in the middle of a word."""

    def reads_on(first: int, at: int) -> bool:
        width = _length(lines[first])
        if width not in _WIDTHS or (at > first and len(lines[at]) != width):
            return False
        return _ENDS.search(lines[at]) is not None and _BEGINS.match(lines[at + 1]) is not None

    return _runs(lines, line_break, reads_on) if any(len(line) >= _NARROWEST for line in lines) else iter(())


def _length(line: str) -> int:
    return len(line) - line.rfind('"') - 1


def _continued(lines: list[str], line_break: _Break) -> Iterator[tuple[int, int]]:
    """Yield lines that a backslash at the end of each continues."""

    def reads_on(_: int, at: int) -> bool:
        backslash = line_break.backslash
        return lines[at].endswith(backslash) and not lines[at].endswith(backslash + "\\")

    return _runs(lines, line_break, reads_on)


def _marked(lines: list[str], line_break: _Break) -> Iterator[tuple[int, int]]:
    """Yield lines that begin with the same mark."""

    def reads_on(first: int, at: int) -> bool:
        begin = _begin_of_string(lines[at], line_break) if at == first else 0
        mark = _mark(lines[at][begin:])
        return mark != "" and _NUMBER.sub("0", mark) == _NUMBER.sub("0", _mark(lines[at + 1]))

    return _runs(lines, line_break, reads_on)


def _mark(line: str) -> str:
    found = _MARKS.match(line) if line.lstrip(" \t")[:1] in _MARK_BEGINS else None
    return found[0].rstrip(" \t") if found else ""


def _joined(lines: list[str], _: _Break) -> str:
    return "".join(lines)


def _without_backslashes(lines: list[str], line_break: _Break) -> str:
    return "".join(line.removesuffix(line_break.backslash) for line in lines)


def _without_marks(lines: list[str], line_break: _Break) -> str:
    return line_break.sign.join(line[len(_mark(line)) :] for line in lines)


def _as_it_is(clean: str, _: list[str], __: _Break) -> str:
    return clean


def _with_marks(clean: str, lines: list[str], line_break: _Break) -> str:
    marks = [_mark(line) for line in lines]
    made = clean.split(line_break.sign)
    marks = marks if len(marks) == len(made) else [marks[0]] * len(made)
    return line_break.sign.join(mark + line for mark, line in zip(marks, made, strict=True))


_VIEWS = (
    _View(_wrapped, _joined, _as_it_is),
    _View(_continued, _without_backslashes, _as_it_is),
    _View(_marked, _without_marks, _with_marks),
)
