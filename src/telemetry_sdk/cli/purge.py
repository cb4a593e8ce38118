"""`telemetry-sdk purge`: deletes all telemetry files of this machine, and stops running clients."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry_sdk.policy.explain import printable
from telemetry_sdk.runtime.purge import purge as delete
from telemetry_sdk.storage.directories import is_state_directory

from .state import state_directories

if TYPE_CHECKING:
    from .host import Host


def add(commands: typer.Typer, host: Host) -> None:
    """Add the command."""

    @commands.command()
    def purge(
        *,
        app: Annotated[str | None, typer.Option(help="One application's (default: all found).")] = host.app,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    ) -> None:
        """Delete spool, ledger, ids, drafts, receipts and bundles; running programs stop sending."""
        policy = host.resolve()
        found = [(name, path) for name, path in state_directories(policy, app) if is_state_directory(path)]
        if not found:
            typer.echo("No telemetry files found.")
            return
        if not yes:
            _ask(found)
        succeeded = True
        for name, path in found:
            notified, deleted = delete(path, tuple(policy.services))
            typer.echo(f"{printable(name)} ({printable(path)}): {_counted(deleted)}")
            if not notified:
                typer.echo(f"{printable(name)}: could not notify running programs; they go on sending", err=True)
            succeeded = succeeded and notified
        if not succeeded:
            raise typer.Exit(1)


def _ask(found: list[tuple[str, str]]) -> None:
    """Ask the user to confirm; exit with 2 without a terminal."""
    if not sys.stdin.isatty():
        typer.echo("telemetry-sdk: not deleted: no terminal to ask for confirmation; pass --yes", err=True)
        raise typer.Exit(2)
    for _, path in found:
        typer.echo(printable(path))
    typer.confirm("Delete all telemetry files there, including unsent records and bug-report drafts?", abort=True)


def _counted(deleted: dict[str, int]) -> str:
    parts = [f"{count} of {name}" for name, count in deleted.items() if count]
    return f"files deleted: {', '.join(parts) or 'none'}"
