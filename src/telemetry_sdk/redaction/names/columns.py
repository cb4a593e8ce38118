"""Values in a column that a secret's name heads: what databases print, CSV, tables of command lines, `INSERT`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..rules.rule import BLANKS, LINE_BREAK
from .lookup import required_value
from .quotes import OPENING, end_of_quoted
from .values import judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..spans import Span
    from .matches import NameMatch

_MOST = 64  # rows
_LONGEST = 400  # characters of a line
_AT_BORDER = re.compile(rf"[ \t]{{0,64}}(?:[|\u2502,;\t]|\\{{0,15}}\"|\\{{1,15}}(?:t|u2502)|{LINE_BREAK})|  ")
_BREAK = re.compile(LINE_BREAK)
_PLAIN = re.compile(rf"(?:[^\n\r\"\\]|\\{{1,15}}+(?:t|u250[0-9a-f])){{1,{_LONGEST}}}+")
_QUOTED = re.compile(rf"(?:[^\n\r\\]|\\{{1,15}}+[t\"]){{1,{_LONGEST}}}+")
_RULE = re.compile(r"(?:[-+=|: \u2500-\u257f]|\\{1,15}u25[0-9a-f]{2}){2,}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z_. -]{0,40}")
_TABLES = tuple(map(re.compile, (r"[|\u2502]|\\{1,15}u2502", r"\t|\\{1,15}t")))
_LISTS = tuple(map(re.compile, (",", ";", r" {2,}")))
_QUOTES = re.compile(r"\\{0,15}\",[ ]?\\{0,15}\"")
_EDGES = ' \t"\\'
_INSERTED = re.compile(rf"[^()\n;]{{0,200}}\){BLANKS}(?i:values){BLANKS}\(")
_COPIED = re.compile(r"[^()\n;]{0,200}\)[ ](?i:from stdin);")
_NEXT_ROW = re.compile(rf"[^()\n;]{{0,200}}\){BLANKS},{BLANKS}\(")
_ITEM = re.compile(rf"{BLANKS}[\w.-]{{0,64}}+(?:\([^()\n]{{0,64}}\))?{BLANKS}")


def column_values(name: NameMatch) -> list[Span]:
    """Return what stands below this name, if its line is the head of a table."""
    if not _AT_BORDER.match(name.text, name.end):
        return []
    is_quoted = name.text[name.end : name.end + 1] in {'"', "\\"} and name.text[name.start - 1] == '"'
    line = _QUOTED if is_quoted else _PLAIN
    begin = _begin(name, is_quoted=is_quoted)
    head = line.match(name.text, begin)
    if head is None or head.end() < name.end or not _BREAK.match(name.text, head.end()):
        return []
    for border in (_QUOTES,) if is_quoted else (*_TABLES, *_LISTS):
        cells = _cells(head[0], border)
        column = next((n for n, (start, end) in enumerate(cells) if start <= name.start - begin < end), None)
        if len([start for start, end in cells if start < end]) == 1 or column is None:
            continue
        if begin + cells[column][1] != name.end:
            continue
        if all(start == end or _NAME.fullmatch(head[0], start, end) for start, end in cells[1:]):
            rows = _rows(name, head.end(), line)
            return _below(name, rows, border, len(cells), column)
    return []


def _begin(name: NameMatch, *, is_quoted: bool) -> int:
    """Return where the line of this name begins, or the JSON string in which it is the first line."""
    first = max(0, name.start - _LONGEST)
    begins = [first]
    for mark in ("\n", "\\n") if is_quoted else ("\n", "\\n", '"'):
        found = name.text.rfind(mark, first, name.start)
        begins.append(found + len(mark) if found >= 0 else first)
    return max(begins)


def _rows(name: NameMatch, at: int, line: re.Pattern[str]) -> Iterator[re.Match[str]]:
    for _ in range(_MOST):
        line_break = _BREAK.match(name.text, at)
        row = line.match(name.text, line_break.end()) if line_break else None
        if row is None:
            return
        at = row.end()
        yield row


def _cells(row: str, border: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return where the cells of a row stand, without the blanks and quotes around them."""
    begins = [0, *(found.end() for found in border.finditer(row))]
    ends = [*(found.start() for found in border.finditer(row)), len(row)]
    return [_stripped(row, *cell) for cell in zip(begins, ends, strict=True)]


def _stripped(row: str, start: int, end: int) -> tuple[int, int]:
    cell = row[start:end]
    begin = end - len(cell.lstrip(_EDGES))
    return begin, max(begin, start + len(cell.rstrip(_EDGES)))


def _below(
    name: NameMatch, rows: Iterator[re.Match[str]], border: re.Pattern[str], width: int, column: int
) -> list[Span]:
    spans: list[Span] = []
    for row in rows:
        if _RULE.fullmatch(row[0]):
            continue
        cells = _cells(row[0], border)
        if len(cells) < width or row[0][slice(*cells[column])] == name.name:
            break
        start, end = (row.start() + place for place in cells[column])
        span = _judged_cell(name, start, end, is_table=border in _TABLES)
        if span is not None:
            spans.append(span)
    return spans


def _judged_cell(name: NameMatch, start: int, end: int, *, is_table: bool) -> Span | None:
    """Judge a cell; between commas and blanks stand lists of code and prose, too."""
    value = name.text[start:end]
    if '"' in value or "\\" in value:
        return None
    by_name = required_value(name.name) is not None or (is_table and not any(sign.isspace() for sign in value))
    return judged(name, start, end, random=not by_name)


def inserted_values(name: NameMatch) -> list[Span]:
    """Return what SQL writes into this column: `INSERT INTO users (name, password) VALUES ('joe', '…')`."""
    before = name.text[max(0, name.start - _LONGEST) : name.start]
    if "(" not in before:
        return []
    column = before[before.rfind("(") :].count(",")
    copied = _COPIED.match(name.text, name.end)
    if copied is not None:
        return _below(name, _rows(name, copied.end(), _PLAIN), _TABLES[1], column + 1, column)
    row = _INSERTED.match(name.text, name.end)
    spans: list[Span] = []
    for _ in range(_MOST):
        if row is None:
            break
        place = _item(name, row.end(), column)
        if place is not None and (span := judged(name, *place)) is not None:
            spans.append(span)
        row = _NEXT_ROW.match(name.text, place[1] if place else row.end())
    return spans


def _item(name: NameMatch, at: int, column: int) -> tuple[int, int] | None:
    """Return the place of an item in quotes, the one of this number, from 0."""
    for number in range(column + 1):
        blanks = _ITEM.match(name.text, at)
        at = blanks.end() if blanks else at
        opening = OPENING.match(name.text, at)
        end = end_of_quoted(name.text, opening.end(), opening["quote"], is_json=name.is_json) if opening else None
        if number == column:
            return None if opening is None or end is None else (opening.end(), end)
        at = end + len(opening["quote"]) if opening is not None and end is not None else at
        comma = name.text.find(",", at, at + 8)
        if comma < 0:
            return None
        at = comma + 1
    return None
