"""`telemetry-sdk bug new`: makes a draft, shows it, and asks whether to send it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.bug_report.shown import record_shown
from telemetry_sdk.exceptions import TelemetryError

from .arguments import AppOption  # noqa: TC001 - typer reads it
from .bug_consent import ask, is_terminal, show_preview
from .bug_reports import ApplicationReports, all_reports, as_command, fail
from .bug_send import send_now
from .command_report import JsonOption  # noqa: TC001 - typer reads it

if TYPE_CHECKING:
    from telemetry_sdk.bug_report import BugReportDraft

    from .host import Host


def add(group: typer.Typer, host: Host) -> None:
    """Add the command."""

    @group.command()
    def new(  # noqa: PLR0913 - every option has a name
        context: typer.Context,
        description: Annotated[str | None, typer.Argument(metavar="TEXT", help="What went wrong.")] = None,
        *,
        transcript: Annotated[Path | None, typer.Option(metavar="FILE", help="The session's file.")] = None,
        cut_before: Annotated[int | None, typer.Option(min=0, metavar="N", help="First message to include.")] = None,
        cut_after: Annotated[int | None, typer.Option(min=0, metavar="N", help="Last message to include.")] = None,
        leave_out: Annotated[list[int] | None, typer.Option(min=0, metavar="N", help="A message to leave out.")] = None,
        without_code: Annotated[bool, typer.Option("--without-code", help="Leave out code blocks.")] = False,
        without_tool_output: Annotated[
            bool, typer.Option("--without-tool-output", help="Leave out tools' output.")
        ] = False,
        attach: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="A file to attach.")] = None,
        app: AppOption = host.app,
        as_json: JsonOption = False,
    ) -> None:
        """Draft a bug report, show it, and ask whether to send it. Without a terminal, or as JSON, only draft it."""
        if cut_after is not None and (cut_before or 0) > cut_after:
            raise typer.BadParameter("--cut-before must not be above --cut-after: no message would be included")
        application = _application(host, app)
        if description is None:
            description = str(typer.prompt("What went wrong", err=as_json)) if is_terminal() else ""
        try:
            draft = application.reports.draft_bug_report(
                description,
                transcript=transcript,
                cut_before=cut_before,
                cut_after=cut_after,
                leave_out=tuple(leave_out or ()),
                without_code=without_code,
                without_tool_output=without_tool_output,
                attachments=tuple(attach or ()),
            )
            _show(as_command(context, draft), application, as_json=as_json)
        except TelemetryError as error:
            fail(error)


def _application(host: Host, app: str | None) -> ApplicationReports:
    found = all_reports(host, app)
    if len(found) != 1:
        known = ", ".join(row.app for row in found)
        fail(f"name the application with --app{f': {known}' if known else ''}", 2)
    return found[0]


def _show(draft: BugReportDraft, application: ApplicationReports, *, as_json: bool) -> None:
    preview = draft.preview()
    show_preview(draft, preview, application.problem, as_json=as_json, asks=is_terminal())
    if draft.path is None:
        typer.echo(f"The draft is not kept ({draft.not_stored}). Saved to {printable(draft.save())}", err=as_json)
        return
    record_shown(draft, preview)
    if not as_json and is_terminal() and preview.host is not None and ask(draft, preview):
        send_now(application, draft, preview.consent())
