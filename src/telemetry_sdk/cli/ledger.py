"""`telemetry-sdk ledger`: every request that was made from this machine."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telemetry_sdk._internal.services import SERVICES
from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.ledger import Entry, purge, read
from telemetry_sdk.sender.results import short_result

from .applications import check_application, clean_up, find_applications
from .arguments import AppOption  # noqa: TC001 - typer reads it
from .command_report import CommandReport
from .ledger_filter import EntryFilter, moment_of
from .pretty import pretty
from .receive import receiver_errors
from .state import state_directories
from .table import print_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .host import Host

FIELDS = ("id", "time", "service", "host", "count", "status", "reason", "sha256", "report_id", "body")
COLUMNS = ("time", "app", "service", "host", "records", "bytes", "outcome", "id")
SHOWN = 50  # entries, unless --limit says otherwise


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
        service: Annotated[str | None, typer.Option(metavar="NAME", help="Only metrics, errors, bug_reports.")] = None,
        since: Annotated[str | None, typer.Option(metavar="WHEN", help="Only newer: 30m, 12h, 7d, or a date.")] = None,
        search: Annotated[str, typer.Option(metavar="TEXT", help="Only those with this text in body or host.")] = "",
        limit: Annotated[
            int | None, typer.Option(min=0, metavar="N", help=f"At most so many ({SHOWN}; 0 or --json: all).")
        ] = None,
        body: Annotated[str | None, typer.Option(metavar="ID", help="Show the body of one request.")] = None,
        exact: Annotated[bool, typer.Option("--exact", help="With --body: byte by byte as it was sent.")] = False,
        page: Annotated[
            bool, typer.Option("--page", help="Serve a page that shows it, until interrupted; prints its address.")
        ] = False,
        delete: Annotated[bool, typer.Option("--delete", help="Delete the ledger (of --app, or all).")] = False,
    ) -> None:
        """List every request that was made, the newest first."""
        clean_up(host, find_applications(host, check_application(host, app)))
        if delete:
            _delete(host, app, as_json=as_json)
            return
        if service is not None and service not in SERVICES:
            raise typer.BadParameter(
                f"expected one of {', '.join(SERVICES)}, got {service!r}", param_hint="'--service'"
            )
        if page:
            _serve_page(host, app, service or "", search)
            return
        if limit is None:
            limit = 0 if as_json else SHOWN
        wanted = EntryFilter(service=service, since=moment_of(since), search=search, limit=limit)
        if body is not None:
            _show_body(_entries(host, app), body, exact=exact)
        elif as_json:
            for name, entry in wanted.chosen(_entries(host, app)):
                fields = {field: getattr(entry, field) for field in FIELDS}
                sys.stdout.write(json.dumps({"app": name, **fields}) + "\n")
        else:
            _show(wanted.chosen(_entries(host, app)), limit)


def _serve_page(host: Host, app: str | None, service: str, search: str) -> None:
    from telemetry_sdk.receiver import command

    with receiver_errors("show the page"):
        command.show_ledger(state_directories(host.resolve(), app), service, search)


def _entries(host: Host, app: str | None) -> Iterator[tuple[str, Entry]]:
    for name, path in state_directories(host.resolve(), app):
        for entry in read(path):
            yield name, entry


def _delete(host: Host, app: str | None, *, as_json: bool) -> None:
    files = sum(purge(path) for _, path in state_directories(host.resolve(), app))
    with CommandReport(as_json, {"files_deleted": files}) as report:
        report.line(f"Ledger deleted: {files} files. New requests are recorded again.")


def _show(entries: list[tuple[str, Entry]], limit: int) -> None:
    if not entries:
        typer.echo(NOTHING)
        return
    print_rows(COLUMNS, [_row(name, entry) for name, entry in entries])
    if len(entries) == limit:
        typer.echo(f"The newest {limit} are shown; --limit 0 shows all.", err=True)


def _row(app: str, entry: Entry) -> tuple[str, ...]:
    return (
        _moment(entry.time),
        app,
        entry.service,
        entry.host,
        str(entry.count or "-"),
        "-" if entry.body is None else f"{len(entry.body.encode()):,}",
        short_result(str(entry.status or entry.reason or "not known")),
        entry.id,
    )


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a file may hold any number
        return "not known"


def _show_body(entries: Iterator[tuple[str, Entry]], wanted: str, *, exact: bool) -> None:
    found = next((entry for _, entry in entries if entry.id == wanted), None)
    if found is None:
        typer.echo(f"telemetry-sdk: no entry {printable(wanted)!r} in the ledger", err=True)
        raise typer.Exit(1)
    if found.body is None:
        text = f"A bug report: the ledger holds its hash alone, SHA-256 {found.sha256}.\n"
    elif exact:
        text = found.body
    else:
        text = "\n".join(map(_pretty_line, found.body.splitlines())) + "\n"
    sys.stdout.write(text)


def _pretty_line(line: str) -> str:
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):  # not JSON: shown unchanged
        return printable(line)
    return pretty(value)
