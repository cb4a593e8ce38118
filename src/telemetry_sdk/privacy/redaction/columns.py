"""Values in a column that a secret's name heads: what databases print, CSV, tables of command lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .quoted_values import made_value, quoted_value
from .spans import LINE_BREAK

if TYPE_CHECKING:
    from .mentions import Mention
    from .spans import Span

_MOST = 64  # rows
_REST = re.compile(rf"(?P<rest>[^\n\r\"\\]{{0,240}}){LINE_BREAK}")
_ROW = re.compile(rf"(?P<row>[^\n\r\"\\]{{1,400}})(?:{LINE_BREAK}|(?=\")|\Z)")
_RULE = re.compile(r"[-+=|: \u2500-\u257f]{2,}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_. -]{0,40}")
_BORDERS = tuple(map(re.compile, (r"[|\u2502]", r"\t", ",", ";", r" {2,}")))


def column_values(mention: Mention) -> list[Span]:
    """Return what stands below this name, if its line is the head of a table."""
    rest = _REST.match(mention.text, mention.end)
    before = mention.line_before() if rest is not None else None
    if rest is None or before is None:
        return []
    head = before + mention.text[mention.start : rest.end("rest")]
    for border in _BORDERS:
        cells = _cells(head, border)
        column = next((n for n, (start, end) in enumerate(cells) if start <= len(before) < end), None)
        if len(cells) == 1 or column is None or head[slice(*cells[column])].rpartition(".")[2] != mention.name:
            continue
        if all(start == end or _NAME.fullmatch(head, start, end) for start, end in cells):
            return _below(mention, rest.end(), border, len(cells), column)
    return []


def _cells(row: str, border: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return where the cells of a row stand, without the blanks around them."""
    begins = [0, *(found.end() for found in border.finditer(row))]
    ends = [*(found.start() for found in border.finditer(row)), len(row)]
    return [_stripped(row, *cell) for cell in zip(begins, ends, strict=True)]


def _stripped(row: str, start: int, end: int) -> tuple[int, int]:
    cell = row[start:end]
    return end - len(cell.lstrip()), start + len(cell.rstrip()) if cell.strip() else end


def _below(mention: Mention, at: int, border: re.Pattern[str], width: int, column: int) -> list[Span]:
    spans: list[Span] = []
    for _ in range(_MOST):
        row = _ROW.match(mention.text, at)
        if row is None:
            break
        at = row.end()
        if _RULE.fullmatch(row["row"]):
            continue
        cells = _cells(row["row"], border)
        if len(cells) != width or row["row"][slice(*cells[column])] == mention.name:
            break
        start, end = (row.start() + place for place in cells[column])
        span = _judged(mention, start, end, border)
        if span is not None:
            spans.append(span)
    return spans


def _judged(mention: Mention, start: int, end: int, border: re.Pattern[str]) -> Span | None:
    """Judge a cell; between commas and blanks stand lists of code and prose, too."""
    is_table = border in _BORDERS[:2] and not any(sign.isspace() for sign in mention.text[start:end])
    return quoted_value(mention, start, end) if is_table else made_value(mention, start, end)
