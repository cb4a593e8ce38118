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
from .command_report import CommandReport, JsonOption, print_problem
from .contact import report_contacts
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
        as_json: JsonOption = False,
    ) -> None:
        """Delete the telemetry files of this machine; this is no opt-out.

        Spool, ledger, ids, receipts, bundles and, if confirmed, drafts. Running programs stop recording, the next start
        records again. Exits with 1 if a running program could not be notified, with 2 if there is no terminal to ask.
        """
        settings = host.resolve()
        named = state_directories(settings, check_application(host, app))
        found = [(name, path) for name, path in named if is_state_directory(path)]
        with CommandReport(as_json) as report:
            report.document |= {"directories": [], "drafts_kept": 0}
            if not found:
                report.line("No telemetry files found.")
                return
            if not yes:
                _ask([path for _, path in found], report)
            count = sum(draft_count(path) for _, path in found)
            also = f"Delete {count} drafts of bug reports, too?"
            drafts = drafts or (bool(count) and not yes and typer.confirm(also, err=as_json))
            applications = find_applications(host, app, stored=True)
            services = {service for a in applications for service in a.policy.services}
            reached = [_purge(name, path, sorted(services), report, drafts=drafts) for name, path in found]
            report_contacts(applications, report)
            for name in {name for name, _ in found}:
                remove_profile(state_base(settings) or "", name)
            if count and not drafts:
                report.document["drafts_kept"] = count
                report.line(f"Drafts of bug reports kept: {count}; --drafts deletes them.")
            out = f"{command_prefix(context)} opt-out"
            report.line(f"This is no opt-out: the next start records again. To opt out: {out}")
            if not all(reached):
                raise typer.Exit(1)


def _purge(app: str, path: str, services: list[str], report: CommandReport, *, drafts: bool) -> bool:
    """Purge one state directory; return whether running programs are notified."""
    number = installation_id(path)
    notified, deleted = delete(path, services, drafts=drafts)
    row = {"app": app, "path": path, "deleted": deleted, "installation_id": number, "programs_notified": notified}
    report.document["directories"].append(row)
    report.line(f"{printable(app)} ({printable(path)}): {_counted(deleted)}")
    if number:
        report.line(f"{printable(app)}: installation id deleted here: {printable(number)}")
    if not notified:
        print_problem(f"{printable(app)}: could not notify running programs; they go on sending")
    return notified


def _ask(paths: list[str], report: CommandReport) -> None:
    """Ask the user to confirm; exit with 2 without a terminal."""
    if not sys.stdin.isatty():
        print_problem("telemetry-sdk: not deleted: no terminal to ask for confirmation; pass --yes")
        raise typer.Exit(2)
    for path in paths:
        typer.echo(printable(path), err=report.as_json)
    question = "Delete all telemetry files there, including unsent records? Running programs stop."
    typer.confirm(question, abort=True, err=report.as_json)


def _counted(deleted: dict[str, int]) -> str:
    parts = [f"{count} of {name}" for name, count in deleted.items() if count]
    return f"files deleted: {', '.join(parts) or 'none'}"
