"""`telemetry-sdk events`: the declared events, and every field that may leave."""

from __future__ import annotations

import json
import os
import sys
from contextlib import redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.events import declared
from telemetry_sdk.sanitizer.payload_schema import ERRORS, METRICS, REPORTS, SESSIONS

from .command_report import CommandReport, print_problem
from .event_docs import description, meanings
from .table import print_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telemetry_sdk.events import Field
    from telemetry_sdk.sanitizer.schema_check import Fields, Kind

    from .host import Host

FIXED: dict[str, tuple[str, Fields]] = {
    "metrics": ("every metric event", METRICS),
    "errors": ("every error", ERRORS),
    "sessions": ("a session of a bound sentry_sdk", SESSIONS),
    "client_reports": ("a report of what was discarded", REPORTS),
}
COLUMNS = ("event", "field", "type", "meaning", "declared by")
FEW = range(1, 8)  # choices that fit into a table's cell


def add(commands: typer.Typer, host: Host) -> None:  # noqa: ARG001 - every command has this signature
    """Add the command."""

    @commands.command()
    def events(
        *,
        as_json: Annotated[bool, typer.Option("--json", help="The same for programs.")] = False,
        module: Annotated[
            list[str] | None,
            typer.Option(metavar="NAME", help="A module that declares events; may be repeated."),
        ] = None,
        check: Annotated[
            list[str] | None,
            typer.Option(metavar="NAME", help="For CI: exit 1 unless it imports and declares events."),
        ] = None,
    ) -> None:
        """List the declared events, and all other fields that may leave."""
        for name in (*(module or ()), *(check or ())):
            _import(name)
        document = describe()
        if check:
            _check(check, document, as_json=as_json)
            return
        if as_json:
            sys.stdout.write(json.dumps(document, indent=2) + "\n")
        else:
            _show(document)


def describe() -> dict[str, Any]:
    """Return what is declared in this process, and the fixed fields by their paths, ready for JSON."""
    found = sorted(declared().values(), key=lambda declaration: declaration.name)
    return {
        "events": [
            {
                "name": declaration.name,
                "declared_by": declaration.origin,
                "description": description(declaration.event),
                "fields": [_field(field, words) for field in declaration.fields.values()],
            }
            for declaration in found
            for words in [meanings(declaration.event)]
        ],
        **{name: _payload_fields(fields) for name, (_, fields) in FIXED.items()},
    }


def _payload_fields(fields: Fields) -> dict[str, dict[str, Any]]:
    return {
        path: {
            "type": kind.name,
            "choices": None if kind.choices is None else sorted(kind.choices),
            "meaning": meaning,
        }
        for path, (kind, meaning) in fields.items()
    }


def _field(field: Field, words: dict[str, str]) -> dict[str, Any]:
    choices = None if field.choices is None else list(field.choices.values())
    return {
        "name": field.name,
        "type": field.kind,
        "choices": choices,
        "optional": field.optional,
        "meaning": words.get(field.name, ""),
    }


def _import(name: str) -> None:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # as with `python -m`
    try:
        with redirect_stdout(sys.stderr):  # what the module prints is not the command's output
            import_module(name)
    except (Exception, SystemExit) as error:  # a module may raise anything, and end the program it thinks it is
        typer.echo(
            f"telemetry-sdk: {printable(name)} cannot be imported: {type(error).__name__}: {printable(str(error))}",
            err=True,
        )
        raise typer.Exit(1) from None


def _check(modules: list[str], document: dict[str, Any], *, as_json: bool) -> None:
    """Print how many events each module declares; exit with 1 if one declares none."""
    origins = [event["declared_by"] for event in document["events"]]
    counts = {name: sum(origin.startswith(f"{name}.") for origin in origins) for name in modules}
    with CommandReport(as_json, {"checked": counts}) as report:
        for name, count in counts.items():
            (report.line if count else print_problem)(f"{printable(name)}: {count} events")
        if not all(counts.values()):
            raise typer.Exit(1)


def _show(document: dict[str, Any]) -> None:
    if not document["events"]:
        print_problem("No events are declared here. Name the modules that declare them: --module NAME")
    rows = [row for event in document["events"] for row in _event_rows(event)]
    print_rows(COLUMNS, rows)
    for title, fields in FIXED.values():
        print_rows(
            COLUMNS, [(f"({title})", path, _kind(held), meaning, "") for path, (held, meaning) in fields.items()]
        )


def _event_rows(event: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each field; the first one has the event's description."""
    name, origin = event["name"], event["declared_by"]
    if event["description"] or not event["fields"]:
        yield name, "", "", event["description"].partition("\n\n")[0], origin
    for field in event["fields"]:
        yield name, field["name"], _type(field), field["meaning"], origin


def _kind(held: Kind) -> str:
    choices = held.choices or ()
    return ", ".join(sorted(choices)) if len(choices) in FEW else held.name


def _type(field: dict[str, Any]) -> str:
    kind = field["type"] if field["choices"] is None else ", ".join(str(choice) for choice in field["choices"])
    return f"{kind}, optional" if field["optional"] else kind
