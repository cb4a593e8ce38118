"""`telemetry-sdk bug send`: sends a stored draft, with the user's consent to what was shown."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.bug_report.shown import consent_as_shown, record_shown
from telemetry_sdk.exceptions import TelemetryError

from .arguments import AppOption  # noqa: TC001 - typer reads it
from .bug_consent import ask, is_terminal, show_preview
from .bug_reports import ApplicationReports, fail, find_draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.bug_report import BugReportDraft, Consent

    from .host import Host

NOT_SENT, NOT_KNOWN_HERE = 1, 2  # exit codes


def add(group: typer.Typer, host: Host) -> None:
    """Add the command."""

    @group.command()
    def send(
        context: typer.Context,
        draft_id: Annotated[str, typer.Argument(metavar="ID", help="The beginning of a draft's id.")],
        *,
        consent: Annotated[str | None, typer.Option(metavar="SHA256", help="The hash that `show` printed.")] = None,
        app: AppOption = host.app,
        as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
    ) -> None:
        """Send a draft. Without a terminal, --consent takes the hash that `show` printed.

        Exits with 0 if it was sent, with 1 if not, with 2 if its destination is not known here.
        """
        application, draft = find_draft(context, host, app, draft_id)
        if application.problem:
            fail(f"not sent: {application.problem}", NOT_KNOWN_HERE)
        try:
            given = _consent(draft, application, consent)
            if given is not None:
                send_now(application, draft, given, as_json=as_json)
        except TelemetryError as error:
            fail(error)


def _consent(draft: BugReportDraft, application: ApplicationReports, sha256: str | None) -> Consent | None:
    """Return the consent: by the hash, or asked for in the terminal; None if the user declines."""
    preview = draft.preview()
    if sha256 is not None:
        return consent_as_shown(draft, preview, sha256)
    if not is_terminal():
        how = f"{draft.context.command} show {draft.short_id}"
        fail(f"without a terminal, give --consent with the hash that this command prints: {how}", NOT_KNOWN_HERE)
    show_preview(draft, preview, application.problem, asks=True)
    record_shown(draft, preview)
    return preview.consent() if ask(draft, preview) else None


def send_now(
    application: ApplicationReports, draft: BugReportDraft, consent: Consent, *, as_json: bool = False
) -> None:
    """Send the draft and print the outcome; exits with 1 unless it was sent."""
    try:
        outcome = application.reports.send_bug_report_sync(draft, consent=consent, progress=_progress())
    except KeyboardInterrupt:
        typer.echo(f"\nStopped. Send it again with: {draft.context.command} send {draft.short_id}", err=True)
        raise typer.Exit(NOT_SENT) from None
    if as_json:
        fields = {name: getattr(outcome, name) for name in ("kind", "cause", "message", "feedback_id", "path")}
        typer.echo(json.dumps({"report_id": draft.report_id, **fields}))
    else:
        typer.echo(printable(outcome.message), err=outcome.kind != "sent")
    if outcome.kind != "sent":
        raise typer.Exit(NOT_SENT)


def _progress() -> Callable[[int, int], None] | None:
    """Return what shows a bar on a terminal; None without one."""
    if not sys.stderr.isatty():
        return None
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress

    bar = Progress("Sending", BarColumn(), DownloadColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task("send", total=None)

    def show(sent: int, total: int) -> None:
        if not bar.live.is_started:
            bar.start()
        bar.update(task, completed=sent, total=total)
        if sent >= total:
            bar.stop()

    return show
