"""`telemetry-sdk bug issue`: the address of a public GitHub issue for a draft, with a consent of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry_sdk.bug_report.shown import issue_as_shown, record_issue_shown
from telemetry_sdk.exceptions import TelemetryError

from .arguments import AppOption  # noqa: TC001 - typer reads it
from .bug_consent import is_terminal
from .bug_reports import fail, find_draft
from .screen import screen

if TYPE_CHECKING:
    from telemetry_sdk.bug_report import BugReportDraft
    from telemetry_sdk.bug_report.github_issue import GitHubIssue

    from .bug_reports import ApplicationReports
    from .host import Host

_NOT_KNOWN_HERE = 2  # exit code
NO_REPOSITORY = (
    "no GitHub repository for public issues is known here: the application's start(github_repository=...), in its own "
    "command line, or TELEMETRY_SDK_GITHUB_REPOSITORY in managed settings names it"
)


def add(group: typer.Typer, host: Host) -> None:
    """Add the command."""

    @group.command()
    def issue(
        context: typer.Context,
        draft_id: Annotated[str, typer.Argument(metavar="ID", help="The beginning of a draft's id.")],
        *,
        title: Annotated[
            str | None, typer.Option(metavar="TEXT", help="The issue's title (default: of the description).")
        ] = None,
        consent_to_public: Annotated[
            str | None, typer.Option(metavar="SHA256", help="The hash that this command printed.")
        ] = None,
        app: AppOption = host.app,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Show a PUBLIC GitHub issue for a draft, and print its address.

        The address opens the form, filled in: title, description, errors and versions, never the conversation. Nothing
        is sent.
        """
        application, draft = find_draft(context, host, app, draft_id)
        if not draft.context.repository:
            fail(NO_REPOSITORY, _NOT_KNOWN_HERE)
        try:
            if consent_to_public is not None:
                _print_address(_issue_as_shown(application, draft, consent_to_public), as_json=as_json)
                return
            shown = application.reports.public_issue(draft, title)
            record_issue_shown(shown)
            if as_json:
                typer.echo(json.dumps(_described(shown)))
            elif is_terminal():
                _ask(shown)
            else:
                again = f"{draft.context.command} issue {draft.short_id} --consent-to-public {shown.sha256}"
                typer.echo(f"{shown.render()}\n\nTo make it public: {again}")
        except TelemetryError as error:
            fail(error)


def _issue_as_shown(application: ApplicationReports, draft: BugReportDraft, sha256: str) -> GitHubIssue:
    """Return the issue that was shown. Raises ConsentError if it, or its repository, is another one now."""
    again = f"{draft.context.command} issue {draft.short_id}"
    title, reference = issue_as_shown(draft, sha256, again=again)
    found = application.reports.public_issue(draft, title).with_reference(reference)
    if found.sha256 != sha256.strip().lower():
        fail(f"the public issue changed since it was shown; look at it with: {again}")
    return found


def _ask(issue: GitHubIssue) -> None:
    """Show the issue in a pager, ask, and print the address if the user agrees."""
    console = screen()
    with console.pager(styles=False):
        console.print(issue.render(), soft_wrap=True)
    if typer.confirm(f"Make this public at github.com/{issue.repository}?", default=False):
        _print_address(issue, as_json=False)
    else:
        typer.echo("Nothing was made public; the draft stays.")


def _print_address(issue: GitHubIssue, *, as_json: bool) -> None:
    url = issue.url(issue.consent_to_public())
    typer.echo(json.dumps({**_described(issue), "url": url}) if as_json else url)


def _described(issue: GitHubIssue) -> dict[str, str]:
    return {
        "repository": issue.repository,
        "title": issue.title,
        "body": issue.text.whole(),
        "reference": issue.reference,
        "sha256": issue.sha256,
    }
