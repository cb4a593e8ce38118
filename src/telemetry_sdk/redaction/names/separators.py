"""Finds what separates a name from the value behind it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ..rules.separators import SEPARATORS, Separator
from .matches import LONGEST_BEFORE

if TYPE_CHECKING:
    from .matches import NameMatch


class SeparatorMatch(NamedTuple):
    """A separator behind a name.

    `close`: the quote that closes the name, or None; `weak`: the value must look random; `ends_line`: nothing may stand
    behind the value.
    """

    sign: str
    value_at: int
    close: str | None
    weak: bool
    ends_line: bool


class _Row(NamedTuple):
    separator: Separator
    after: re.Pattern[str]
    name: re.Pattern[str] | None
    before: re.Pattern[str] | None
    line: re.Pattern[str] | None


def _row(separator: Separator) -> _Row:
    optional = (separator.name, separator.before, separator.line)
    return _Row(
        separator, re.compile(separator.after), *(re.compile(pattern) if pattern else None for pattern in optional)
    )


_ROWS = tuple(map(_row, SEPARATORS))


@lru_cache(maxsize=64)
def _rows_for(first: str) -> tuple[_Row, ...]:
    """Return the rows that may fit where this is the first character behind the name."""
    return tuple(row for row in _ROWS if not row.separator.begins or (first and first in row.separator.begins))


def separator_after(name: NameMatch) -> SeparatorMatch | None:
    """Return what separates this name from a value behind it, or None."""
    text, start, end = name.text, name.start, name.end
    first = text[end : end + 1]
    if first.isalnum():
        return None
    for row in _rows_for(first):
        found = row.after.match(text, end)
        if (
            found is None
            or (row.name is not None and row.name.match(text, start) is None)
            or (row.before is not None and row.before.search(text, max(0, start - LONGEST_BEFORE), start) is None)
            or (row.line is not None and (name.line_before is None or row.line.fullmatch(name.line_before) is None))
        ):
            continue
        return _match(row.separator, found)
    return None


def _match(separator: Separator, found: re.Match[str]) -> SeparatorMatch | None:
    groups = found.groupdict()
    sign = separator.sign if separator.sign != "" else groups["sign"]
    if sign is None:
        return None
    close = groups.get("close")
    return SeparatorMatch(sign, found.end(), close and _own_quote(close), separator.weak, separator.ends_line)


def _own_quote(close: str) -> str:
    r"""Return the quote that closes a name, without the backslashes that the name ends with: `"password\\": 1`."""
    run = len(close) - 1
    depth = next(depth for depth in (0, 1, 3, 7, 15, 31, 63) if run % (2 * depth + 2) == depth)
    return close[run - depth :]
