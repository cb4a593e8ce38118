"""`telemetry-sdk bug`: drafts of bug reports: made, looked at, sent, saved, deleted.

An application mounts them in its own CLI:

    host = telemetry_sdk.cli.Host(app="acme-agent", client=lambda: client)
    its_own.add_typer(telemetry_sdk.cli.bug_app(host), name="bug")
"""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.bug_report.drafts import SHORT_ID
from telemetry_sdk.bug_report.shown import record_shown
from telemetry_sdk.exceptions import TelemetryError

from . import bug_issue, bug_new, bug_send
from .applications import clean_up, find_applications
from .arguments import AppOption, checked_app
from .bug_consent import show_preview
from .bug_reports import all_reports, fail, find_draft, find_to_delete
from .command_report import CommandReport, JsonOption
from .table import print_rows

if TYPE_CHECKING:
    from telemetry_sdk.bug_report import BugReportDraft
    from telemetry_sdk.bug_report.store import DraftFile

    from .host import Host

DraftId: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="The beginning of a draft's id.")]
DESCRIPTION_SHOWN = 60  # characters
COLUMNS = ("id", "created", "bytes", "app", "description")


def add(commands: typer.Typer, host: Host) -> None:
    """Add the commands as a group."""
    commands.add_typer(bug_app(host), name="bug")


def bug_app(host: Host) -> typer.Typer:
    """Return the group of commands, for an application's own CLI."""
    group = typer.Typer(
        help="Bug reports: nothing is sent that was not shown and agreed to.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    bug_new.add(group, host)
    _add_list(group, host)
    _add_show(group, host)
    bug_send.add(group, host)
    bug_issue.add(group, host)
    _add_save(group, host)
    _add_delete(group, host)
    return group


def _add_list(group: typer.Typer, host: Host) -> None:
    @group.command("list")
    def list_drafts(*, app: AppOption = host.app, as_json: JsonOption = False) -> None:
        """List the drafts that were not sent."""
        if host.client is None:
            clean_up(host, find_applications(host, checked_app(app), stored=True))
        applications = all_reports(host, app)
        rows = [(found.app, draft) for found in applications for draft in found.reports.drafts()]
        damaged = [(found.app, file) for found in applications for file in found.reports.damaged_drafts()]
        if as_json:
            known = [_row(name, draft) for name, draft in rows]
            typer.echo(json.dumps([*known, *(_damaged_row(*row) for row in damaged)], indent=2))
            return
        print_rows(COLUMNS, [*(_cells(*row) for row in rows), *(_damaged_cells(*row) for row in damaged)])
        if not rows and not damaged:
            typer.echo("No draft waits.")


def _cells(name: str, draft: BugReportDraft) -> tuple[str, ...]:
    about = " ".join(draft.description.split())
    about = about if len(about) <= DESCRIPTION_SHOWN else f"{about[:DESCRIPTION_SHOWN]}..."
    return draft.short_id, draft.created_at, f"{draft.size:,}", name, about


def _damaged_cells(name: str, file: DraftFile) -> tuple[str, ...]:
    return file.report_id[:SHORT_ID], "", "", name, "damaged: it can only be deleted"


def _damaged_row(name: str, file: DraftFile) -> dict[str, object]:
    return {"report_id": file.report_id, "app": name, "path": file.path, "damaged": True}


def _row(name: str, draft: BugReportDraft) -> dict[str, object]:
    return {
        "report_id": draft.report_id,
        "app": name,
        "created_at": draft.created_at,
        "description": draft.description,
        "size": draft.size,
        "sha256": draft.sha256,
        "path": draft.path,
    }


def _add_show(group: typer.Typer, host: Host) -> None:
    @group.command()
    def show(
        context: typer.Context, draft_id: DraftId, *, app: AppOption = host.app, as_json: JsonOption = False
    ) -> None:
        """Show what would be sent, to whom, and the hash to consent to."""
        found, draft = find_draft(context, host, app, draft_id)
        preview = draft.preview()
        try:
            record_shown(draft, preview)
        except TelemetryError as error:
            fail(error)
        show_preview(draft, preview, found.problem, as_json=as_json)


def _add_save(group: typer.Typer, host: Host) -> None:
    @group.command()
    def save(
        context: typer.Context,
        draft_id: DraftId,
        path: Annotated[Path | None, typer.Argument(metavar="PATH", help="A new file, or a directory.")] = None,
        *,
        app: AppOption = host.app,
        as_json: JsonOption = False,
    ) -> None:
        """Write a draft as a zip file; nothing is sent, and the draft stays."""
        _, draft = find_draft(context, host, app, draft_id)
        try:
            saved = str(draft.save(path))
        except TelemetryError as error:
            fail(error)
        with CommandReport(as_json, {"report_id": draft.report_id, "saved_to": saved}) as report:
            report.line(f"Saved to {printable(saved)}")


def _add_delete(group: typer.Typer, host: Host) -> None:
    @group.command()
    def delete(draft_id: DraftId, *, app: AppOption = host.app, as_json: JsonOption = False) -> None:
        """Delete a draft."""
        draft = find_to_delete(host, app, draft_id)
        if not draft.delete():
            fail("the draft could not be deleted")
        with CommandReport(as_json, {"report_id": draft.report_id, "deleted": True}) as report:
            report.line(f"Deleted {draft.report_id[:SHORT_ID]}.")
