"""`telemetry-sdk status`: each service, every reason, the destination, unsent files."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telemetry_sdk.policy.explain import describe_reason, describe_retention, printable

from .screen import screen
from .state import states

if TYPE_CHECKING:
    from rich.table import Table

    from telemetry_sdk.policy import Policy

    from .host import Host

UNKNOWN = "not known without the application"


def add(commands: typer.Typer, host: Host) -> None:
    """Add the command."""

    @commands.command()
    def status(
        *,
        as_json: Annotated[bool, typer.Option("--json", help="The same, complete, for programs.")] = False,
        app: Annotated[str | None, typer.Option(help="One application's state (default: all found).")] = host.app,
    ) -> None:
        """Show which services are on, why, and where they send."""
        policy = host.resolve()
        document = describe(policy, app, unknown="none" if host.policy else UNKNOWN)
        if as_json:
            sys.stdout.write(json.dumps(document, indent=2) + "\n")
        else:
            _show(policy, document)


def describe(policy: Policy, app: str | None, *, unknown: str = UNKNOWN) -> dict[str, Any]:
    """Return the document of `status --json`; `unknown` replaces a missing destination."""
    document = policy.to_json()
    for service in document["services"].values():
        service["destination"] = service["destination"] or unknown
    return {**document, "app": app, "state": states(policy, app)}


def _show(policy: Policy, document: dict[str, Any]) -> None:
    console = screen()
    console.print(f"provider: {policy.provider}")
    console.print(_table(policy, document))
    console.print(f"local files are kept: {describe_retention(policy.retention_days)}")
    for state in document["state"]:
        console.print(f"{printable(state['path'])}: {_waiting(state)}", soft_wrap=True)
    for warning in policy.warnings:
        console.print(f"warning: {printable(warning)}", soft_wrap=True)
    for reason in policy.ignored:
        console.print(f"ignored: {describe_reason(reason)}", soft_wrap=True)


def _table(policy: Policy, document: dict[str, Any]) -> Table:
    from rich.table import Table

    table = Table("service", "state", "sends to", "why")
    for row in policy.rows:
        destination = document["services"][row.name]["destination"]
        why = "\n".join(describe_reason(reason) for reason in row.reasons)
        table.add_row(row.name, "on" if row.enabled else "off", destination, why)
    return table


def _waiting(state: dict[str, Any]) -> str:
    unsent = ", ".join(f"{count} {name}" for name, count in state["waiting"].items())
    return f"unsent: {unsent}; drafts: {state['drafts']}; ledger: {state['ledger_bytes']} bytes"
