"""`telemetry-sdk ledger`: every request that was made from this machine."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.ledger import Entry, read

from .applications import clean_up, find_applications
from .arguments import AppOption, checked_app
from .pretty import pretty
from .screen import screen
from .state import state_directories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .host import Host

FIELDS = ("id", "time", "service", "host", "count", "status", "reason", "sha256", "report_id", "body")


NOTHING = """\
No ledger here has an entry. Not seen here: programs with a state directory of their own (TELEMETRY_SDK_STATE_DIR
names it), programs that keep nothing on disk, and what was purged.\
"""


def add(commands: typer.Typer, host: Host) -> None:
    """Add the command."""

    @commands.command()
    def ledger(
        *,
        as_json: Annotated[bool, typer.Option("--json", help="JSON lines, with the whole bodies.")] = False,
        app: AppOption = host.app,
        body: Annotated[str | None, typer.Option(metavar="ID", help="Show the body of one request.")] = None,
    ) -> None:
        """List every request: time, service, destination, outcome."""
        clean_up(host, find_applications(host, checked_app(app)))
        entries = _entries(host, app)
        if body is not None:
            _show_body(entries, body)
        elif as_json:
            for name, entry in entries:
                fields = {field: getattr(entry, field) for field in FIELDS}
                sys.stdout.write(json.dumps({"app": name, **fields}) + "\n")
        else:
            _show(entries)


def _entries(host: Host, app: str | None) -> Iterator[tuple[str, Entry]]:
    for name, path in state_directories(host.resolve(), app):
        for entry in read(path):
            yield name, entry


def _show(entries: Iterator[tuple[str, Entry]]) -> None:
    from rich.table import Column, Table

    columns = ("time", "app", "service", "host", "records", "bytes", "outcome", "id")
    table = Table(*(Column(name, overflow="fold") for name in columns))
    rows = [_row(name, entry) for name, entry in entries]  # without the bodies
    for row in sorted(rows):
        table.add_row(*map(printable, row))
    screen().print(table if rows else NOTHING)


def _row(app: str, entry: Entry) -> tuple[str, ...]:
    return (
        _moment(entry.time),
        app,
        entry.service,
        entry.host,
        str(entry.count or "-"),
        "-" if entry.body is None else f"{len(entry.body.encode()):,}",
        str(entry.status or entry.reason or "not known"),
        entry.id,
    )


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a file may hold any number
        return "not known"


def _show_body(entries: Iterator[tuple[str, Entry]], wanted: str) -> None:
    found = next((entry for _, entry in entries if entry.id == wanted), None)
    if found is None:
        typer.echo(f"telemetry-sdk: no entry {printable(wanted)!r} in the ledger", err=True)
        raise typer.Exit(1)
    if found.body is None:
        text = f"A bug report: the ledger holds its hash alone, SHA-256 {found.sha256}."
    else:
        text = "\n".join(map(_pretty_line, found.body.splitlines()))
    sys.stdout.write(text + "\n")


def _pretty_line(line: str) -> str:
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):  # not JSON: shown unchanged
        return printable(line)
    return pretty(value)
