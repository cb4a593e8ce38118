"""Prints rows: as a table, as stacked lines where the terminal is narrow, separated by tabs where there is none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from telemetry_sdk._internal.shapes import printable

from .screen import screen

if TYPE_CHECKING:
    from collections.abc import Sequence

NARROW = 100  # columns of a terminal below which rows are stacked


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows with nothing cut. A cell may have several lines; piped, they are joined by "; "."""
    if not rows:
        return
    if not sys.stdout.isatty():
        for row in rows:
            sys.stdout.write("\t".join("; ".join(map(printable, cell.split("\n"))) for cell in row) + "\n")
        return
    console = screen()
    if console.width < NARROW:
        for row in rows:
            for name, cell in zip(columns, row, strict=True):
                if cell:
                    console.print(f"{name}: {_lines(cell)}", soft_wrap=True)
            console.print()
        return
    from rich.table import Column, Table

    filled = [number for number in range(len(columns)) if any(row[number] for row in rows)]
    table = Table(*(Column(columns[number], overflow="fold") for number in filled))
    for row in rows:
        table.add_row(*(_lines(row[number]) for number in filled))
    console.print(table)


def _lines(cell: str) -> str:
    return "\n".join(map(printable, cell.split("\n")))
