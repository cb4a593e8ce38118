"""The bug reports of the applications on this machine: of the one that mounts the commands, or of all found."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.endpoints import Endpoints
from telemetry_sdk.options import Options, managed_repository
from telemetry_sdk.policy.watch import SettingsWatch
from telemetry_sdk.runtime.build_drafts import stored_drafts

from .applications import NOT_KNOWN, Application, find_applications
from .arguments import checked_app, command_prefix
from .state import state_base

if TYPE_CHECKING:
    from telemetry_sdk.bug_report import BugReportDraft
    from telemetry_sdk.bug_report.sending import DraftSender
    from telemetry_sdk.bug_report.store import DraftFile
    from telemetry_sdk.client import TelemetryClient
    from telemetry_sdk.exceptions import TelemetryError

    from .host import Host

_Found = TypeVar("_Found")
LEAST_ID = 4  # characters of an id


@dataclass(frozen=True, slots=True)
class ApplicationReports:
    """One application's bug reports. `problem`: why nothing can be sent for it here, or ""."""

    app: str
    reports: TelemetryClient | DraftSender  # of an application that runs, or does not
    problem: str = ""


def all_reports(host: Host, app: str | None) -> list[ApplicationReports]:
    """Return the bug reports of the application of this name, or of all that are found."""
    if host.client is not None and app in {None, host.app}:
        return [ApplicationReports(host.app or "", host.client())]
    base = state_base(host.resolve())
    found = find_applications(host, checked_app(app), stored=True)
    hint = "; Host(client=...) makes it known where the application mounts the commands" if host.policy else ""
    return [_stored(base, application, hint) for application in found if application.name is not None]


def find_draft(
    context: typer.Context, host: Host, app: str | None, prefix: str
) -> tuple[ApplicationReports, BugReportDraft]:
    """Return the draft whose id begins so; exits with 2 where none or several do."""
    prefix = _checked(prefix)
    applications = all_reports(host, app)
    found = [
        (application, draft)
        for application in applications
        for draft in application.reports.drafts()
        if draft.report_id.startswith(prefix)
    ]
    if not found and any(file.report_id.startswith(prefix) for file in _damaged(applications)):
        fail(f"the draft {prefix!r} is damaged; delete it with: {command_prefix(context)} delete {prefix}")
    application, draft = _only(found, prefix)
    return application, as_command(context, draft)


def find_to_delete(host: Host, app: str | None, prefix: str) -> BugReportDraft | DraftFile:
    """Return the draft, or the damaged file of one, whose id begins so; exits with 2 where none or several do."""
    prefix = _checked(prefix)
    applications = all_reports(host, app)
    known: list[BugReportDraft | DraftFile] = list(_damaged(applications))
    for application in applications:
        known += application.reports.drafts()
    return _only([draft for draft in known if draft.report_id.startswith(prefix)], prefix)


def _damaged(applications: list[ApplicationReports]) -> list[DraftFile]:
    return [file for application in applications for file in application.reports.damaged_drafts()]


def _checked(prefix: str) -> str:
    prefix = prefix.strip().lower()
    if len(prefix) < LEAST_ID:
        raise typer.BadParameter(f"give at least {LEAST_ID} characters of the id", param_hint="'ID'")
    return prefix


def _only(found: list[_Found], prefix: str) -> _Found:
    if len(found) != 1:
        which = "no draft has" if not found else f"{len(found)} drafts have"
        raise typer.BadParameter(f"{which} an id that begins with {prefix!r}", param_hint="'ID'")
    return found[0]


def as_command(context: typer.Context, draft: BugReportDraft) -> BugReportDraft:
    """Return the draft with messages that name the commands as the user calls them."""
    return replace(draft, context=replace(draft.context, command=command_prefix(context)))


def fail(error: TelemetryError | str, code: int = 1) -> NoReturn:
    """Print why a command failed and exit."""
    typer.echo(f"telemetry-sdk: {printable(str(error))}", err=True)
    raise typer.Exit(code)


def _stored(base: str | None, application: Application, hint: str) -> ApplicationReports:
    """Return the reports of an application that does not run: endpoints of managed or user settings, or environment."""
    endpoints, policy = application.endpoints()
    version = application.stored.version if application.stored else "unknown"
    name = application.name or ""
    problem = f"{NOT_KNOWN} ({application.problem})" if application.problem else ""
    if not problem and application.shown().bug_reports.enabled and endpoints.bug_reports is None:
        problem = f"the address for bug reports is {NOT_KNOWN}"
    options = Options(
        app=name,
        version=version,
        tags={},
        sample={},
        app_modules=frozenset(),
        base_dir=base,
        github_repository=managed_repository(policy),
    )
    drafts = stored_drafts(
        options,
        policy,
        Endpoints(identity=endpoints.identity) if problem else endpoints,
        lambda: SettingsWatch(application.policy, application.resolve),
        debug=bool(os.environ.get("TELEMETRY_SDK_DEBUG")),
    )
    return ApplicationReports(name, drafts, problem and problem + hint)
