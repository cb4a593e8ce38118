"""`telemetry-sdk status`: each service, every reason, the destination, its health, unsent files."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telemetry_sdk._internal.services import SERVICES
from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.integrations.outside import bindings

from .applications import NOT_KNOWN, Application, clean_up, default_application, find_applications
from .arguments import AppOption, checked_app, opt_out_command
from .connect import try_connections
from .expectations import mismatches, parse_expectations
from .health import service_health
from .state import state_directories, states
from .status_text import show

if TYPE_CHECKING:
    from telemetry_sdk.policy import Policy

    from .host import Host


def add(commands: typer.Typer, host: Host) -> None:
    """Add the command."""

    @commands.command()
    def status(
        context: typer.Context,
        *,
        as_json: Annotated[bool, typer.Option("--json", help="The same, complete, for programs.")] = False,
        app: AppOption = host.app,
        connect: Annotated[
            bool, typer.Option("--connect", help="Ask each destination for an answer; exit 1 if one gives none.")
        ] = False,
        expect: Annotated[
            str | None, typer.Option(metavar="SERVICE=on|off,...", help="Exit 1 if a service is in another state.")
        ] = None,
    ) -> None:
        """Show what is on, why, where it is sent, and how that went."""
        applications = find_applications(host, checked_app(app))
        clean_up(host, applications)
        services = tuple(dict.fromkeys((*SERVICES, *(s for a in applications for s in a.policy.services))))
        expected = parse_expectations(expect, services) if expect is not None else {}
        documents = [describe(host.resolve(), application, connect=connect) for application in applications]
        for document in documents:
            document["opt_out"] = opt_out_command(context, None if document["app"] == host.app else document["app"])
        if as_json:
            sys.stdout.write(json.dumps(_joined(host, documents), indent=2) + "\n")
        else:
            for number, (application, document) in enumerate(zip(applications, documents, strict=True)):
                sys.stdout.write("\n" if number else "")
                show(application.shown(), document)
        failed = [line for application in applications for line in _mismatches(application, expected)]
        for line in failed:
            typer.echo(line, err=True)
        if failed or not all(_reached(document) for document in documents):
            raise typer.Exit(1)


def describe(settings: Policy, application: Application, *, connect: bool = False) -> dict[str, Any]:
    """Return the document of one application, ready for JSON. `settings` name the state directory.

    With `connect` each service has `connection`: whether its server answered, and a sentence; None if not tried.
    """
    document = application.shown().to_json()
    paths = [path for _, path in state_directories(settings, application.name)] if application.name else []
    health = service_health(paths, document["services"], receiver=bool(application.policy.receiver))
    connections = _connections(application) if connect else {}
    for name, service in document["services"].items():
        service["health"] = health[name]
        if connect:
            service["connection"] = connections.get(name)
    known = not application.problem
    found = states(settings, application.name)
    stored: dict[str, str] = next((state["bindings"] for state in found if state["current"]), {})
    return {
        **document,
        "app": application.name,
        "known": known,
        "note": "" if known else _note(application),
        "contact": application.stored.contact if application.stored is not None else None,
        "bindings": {**stored, **(bindings() if application.is_mounted else {})},
        "state": found,
    }


def _note(application: Application) -> str:
    return (
        f"{NOT_KNOWN} ({application.problem}): the default profile is shown, and no command sends anything. "
        "The application's own status command, if it has one, shows its policy."
    )


def _joined(host: Host, documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one application's document; of several, the default profile's, with theirs under `applications`."""
    if len(documents) == 1:
        return documents[0]
    note = "several applications have state here: --app names one"
    named = {document["app"]: document for document in documents}
    return {**describe(host.resolve(), default_application(note)), "note": note, "applications": named}


def _connections(application: Application) -> dict[str, dict[str, Any]]:
    """Try the endpoints of the services that are on, where this application's policy is known."""
    endpoints, policy = application.endpoints()
    if application.problem or policy.mode:
        return {}
    found = {name: getattr(endpoints, name) for name in SERVICES if policy.service(name).enabled}
    tried = try_connections({name: endpoint for name, endpoint in found.items() if endpoint is not None})
    return {name: {"answered": answered, "result": result} for name, (answered, result) in tried.items()}


def _reached(document: dict[str, Any]) -> bool:
    connections = [service.get("connection") for service in document["services"].values()]
    return all(connection["answered"] for connection in connections if connection is not None)


def _mismatches(application: Application, expected: dict[str, bool]) -> list[str]:
    owner = f"{printable(application.name)}: " if application.name else ""
    unknown = f"{NOT_KNOWN} ({application.problem})" if application.problem else ""
    return [f"{owner}{line}" for line in mismatches(application.shown(), expected, unknown)]
