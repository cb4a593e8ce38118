"""`telemetry-sdk purge`: deletes all telemetry files of this machine, and ends recording in running programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.runtime.purge import draft_count, remove_profile
from telemetry_sdk.runtime.purge import purge as delete
from telemetry_sdk.storage.files import is_state_directory

from .applications import check_application, find_applications
from .arguments import AppOption, command_prefix
from .contact import print_contacts
from .state import installation_id, state_base, state_directories

if TYPE_CHECKING:
    from .host import Host


def add(commands: typer.Typer, host: Host) -> None:
    """Add the command."""

    @commands.command()
    def purge(
        context: typer.Context,
        *,
        app: AppOption = host.app,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask; drafts stay unless --drafts is given.")] = False,
        drafts: Annotated[bool, typer.Option("--drafts", help="Delete the drafts of bug reports, too.")] = False,
    ) -> None:
        """Delete spool, ledger, ids, receipts, bundles and, if confirmed, drafts; running programs stop recording.

        It is no opt-out: the next start records again.
        """
        settings = host.resolve()
        named = state_directories(settings, check_application(host, app))
        found = [(name, path) for name, path in named if is_state_directory(path)]
        if not found:
            typer.echo("No telemetry files found.")
            return
        if not yes:
            _ask([path for _, path in found])
        count = sum(draft_count(path) for _, path in found)
        drafts = drafts or (bool(count) and not yes and typer.confirm(f"Delete {count} drafts of bug reports, too?"))
        applications = find_applications(host, app, stored=True)
        services = {service for a in applications for service in a.policy.services}
        reached = [_purge(name, path, sorted(services), drafts=drafts) for name, path in found]
        print_contacts(applications)
        for name in {name for name, _ in found}:
            remove_profile(state_base(settings) or "", name)
        if count and not drafts:
            typer.echo(f"Drafts of bug reports kept: {count}; --drafts deletes them.")
        typer.echo(f"This is no opt-out: the next start records again. To opt out: {command_prefix(context)} opt-out")
        if not all(reached):
            raise typer.Exit(1)


def _purge(app: str, path: str, services: list[str], *, drafts: bool) -> bool:
    """Purge one state directory; return whether running programs are notified."""
    number = installation_id(path)
    notified, deleted = delete(path, services, drafts=drafts)
    typer.echo(f"{printable(app)} ({printable(path)}): {_counted(deleted)}")
    if number:
        typer.echo(f"{printable(app)}: installation id deleted here: {printable(number)}")
    if not notified:
        typer.echo(f"{printable(app)}: could not notify running programs; they go on sending", err=True)
    return notified


def _ask(paths: list[str]) -> None:
    """Ask the user to confirm; exit with 2 without a terminal."""
    if not sys.stdin.isatty():
        typer.echo("telemetry-sdk: not deleted: no terminal to ask for confirmation; pass --yes", err=True)
        raise typer.Exit(2)
    for path in paths:
        typer.echo(printable(path))
    typer.confirm("Delete all telemetry files there, including unsent records? Running programs stop.", abort=True)


def _counted(deleted: dict[str, int]) -> str:
    parts = [f"{count} of {name}" for name, count in deleted.items() if count]
    return f"files deleted: {', '.join(parts) or 'none'}"
