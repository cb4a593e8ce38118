"""`telemetry-sdk purge`: deletes all that telemetry keeps on this machine, and stops what runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry_sdk.policy.explain import printable
from telemetry_sdk.runtime.purge import purge as delete
from telemetry_sdk.storage.directories import is_state_directory

from .state import places

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
        found = [(name, path) for name, path in places(policy, app) if is_state_directory(path)]
        if not found:
            typer.echo("Nothing of telemetry is kept here.")
            return
        if not yes:
            _ask(found)
        well = True
        for name, path in found:
            told, deleted = delete(path, tuple(policy.services))
            typer.echo(f"{printable(name)} ({printable(path)}): {_counted(deleted)}")
            if not told:
                typer.echo(f"{printable(name)}: running programs could not be told to stop", err=True)
            well = well and told
        if not well:
            raise typer.Exit(1)


def _ask(found: list[tuple[str, str]]) -> None:
    """Ask the user; without one, refuse."""
    if not sys.stdin.isatty():
        typer.echo("telemetry-sdk: nobody can be asked here: give --yes", err=True)
        raise typer.Exit(2)
    for _, path in found:
        typer.echo(printable(path))
    typer.confirm("Delete all that telemetry keeps there, unsent records and drafts of bug reports too?", abort=True)


def _counted(deleted: dict[str, int]) -> str:
    parts = [f"{count} of {name}" for name, count in deleted.items() if count]
    return f"files deleted: {', '.join(parts) or 'none'}"
