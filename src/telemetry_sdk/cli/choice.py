"""`telemetry-sdk opt-out` and `opt-in`: the user's own choice, for one application or for all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from telemetry_sdk._internal.services import METRICS
from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.policy import CLAUDE_CODE, Profile
from telemetry_sdk.policy import choice as stored_choice
from telemetry_sdk.policy.current import Revocations
from telemetry_sdk.policy.explain import describe_reason
from telemetry_sdk.runtime.purge import discard_services
from telemetry_sdk.storage.files import state_directories

from .applications import Application, find_applications
from .arguments import AppOption, checked_app, command_prefix, near_name
from .command_report import CommandReport, JsonOption, print_problem
from .contact import report_contacts
from .state import application_names, installation_id, state_base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .host import Host

Services = Annotated[list[str] | None, typer.Argument(metavar="SERVICE", help="Default: all.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Take --app as it is written, also beside a similar name.")]


def add(commands: typer.Typer, host: Host) -> None:
    """Add both commands."""

    @commands.command()
    def opt_out(
        context: typer.Context,
        services: Services = None,
        *,
        app: AppOption = host.app,
        force: ForceOption = False,
        as_json: JsonOption = False,
    ) -> None:
        """Turn services off until `opt-in`, in running programs, too.

        What waits of them is deleted. Without --app for every application; --app may name one that has not run yet.
        Drafts of bug reports stay: `purge` deletes them. Exits with 1 if the choice could not be stored or a running
        program not be notified.
        """
        profile = _profile(host, checked_app(app))
        has_run = _has_run(host, app, force=force)
        chosen = _known(services, profile)
        applications = find_applications(host, app, stored=True)
        with CommandReport(as_json) as report:
            problem = _store(chosen, app, profile, report, has_run=has_run)
            base = state_base(host.resolve())
            reached = [_stop(base, name, chosen, report) for name in _affected(host, app)]
            if problem:
                _fail(problem)
            report_contacts(applications, report)
            report.document["undo"] = _undo(context, services, None if app == host.app else app)
            report.line(f"To undo: {report.document['undo']}")
            if not all(reached):
                raise typer.Exit(1)

    @commands.command()
    def opt_in(
        services: Services = None, *, app: AppOption = host.app, force: ForceOption = False, as_json: JsonOption = False
    ) -> None:
        """Undo `opt-out`, and say what else turns services off."""
        profile = _profile(host, checked_app(app))
        _has_run(host, app, force=force)
        chosen = _known(services, profile)
        with CommandReport(as_json) as report:
            report.document |= {"services": chosen, "app": app, "file": None, "still_off": {}}
            try:
                path = report.document["file"] = stored_choice.opt_in(chosen, app=app, profile=profile)
            except (OSError, ValueError) as error:
                _fail(str(error))
            how = "no longer off in {}" if os.path.exists(path) else "not off before, either: there is no {}"
            report.line(f"{', '.join(chosen)}: {how.format(printable(path))}")
            for application in find_applications(host, app):
                _report_still_off(application, chosen, path, report)


def _profile(host: Host, app: str | None) -> Profile:
    """Return the known services and switches with those of the applications."""
    services, switches = [*CLAUDE_CODE.services, *host.resolve().services], list(CLAUDE_CODE.switches)
    for application in find_applications(host, app, stored=True):
        if application.stored is not None:
            services += application.stored.profile.services
            switches += application.stored.profile.switches
    rows = {switch.variable: switch for switch in reversed(switches)}  # the known ones stand
    return CLAUDE_CODE.replace(services=tuple(dict.fromkeys(services)), switches=tuple(reversed(rows.values())))


def _known(services: Sequence[str] | None, profile: Profile) -> tuple[str, ...]:
    """Return the named services (default: all); exits with 2 for an unknown one."""
    for service in services or ():
        if service not in profile.services:
            raise typer.BadParameter(f"unknown service {service!r}, expected one of {', '.join(profile.services)}")
    return tuple(dict.fromkeys(services or profile.services))


def _store(services: Sequence[str], app: str | None, profile: Profile, report: CommandReport, *, has_run: bool) -> str:
    """Write the choice file and report its path; return why that failed, or ""."""
    report.document |= {"services": services, "app": app, "has_run": has_run, "file": None, "applications": {}}
    try:
        path = report.document["file"] = stored_choice.opt_out(services, app=app, profile=profile)
    except OSError as error:
        return error.strerror or str(error)
    owner = app if app is not None else "all applications"
    later = "" if has_run else " (it has not run here yet)"
    report.line(f"{', '.join(services)}: off for {owner}{later}, as written to {printable(path)}")
    return ""


def _affected(host: Host, app: str | None) -> list[str]:
    found = application_names(state_base(host.resolve()))
    return [name for name in found if app in {None, name}]


def _stop(base: str | None, app: str, services: Sequence[str], report: CommandReport) -> bool:
    """Revoke services in an application's running processes, then delete what waits; False if one was not reached."""
    revocations = Revocations(os.path.join(base or "", app), services)
    revoked = [revocations.revoke(service) for service in services]
    reached = all(revoked)
    paths = [] if METRICS not in services else state_directories(base, app)
    ids = [number for number in map(installation_id, paths) if number]
    deleted = discard_services(base, app, services)
    row = {"records_deleted": deleted, "installation_ids": ids, "programs_notified": reached}
    report.document["applications"][app] = row
    report.line(f"{printable(app)}: running programs stop; records deleted: {deleted}")
    if ids:
        report.line(f"{printable(app)}: installation id deleted here: {', '.join(map(printable, ids))}")
    if not reached:
        print_problem(f"{printable(app)}: could not notify running programs; end them")
    return reached


def _has_run(host: Host, app: str | None, *, force: bool) -> bool:
    """Tell whether the named application has state here; exit with 2 for a name that is close to another's."""
    names = application_names(state_base(host.resolve()))
    if app is None or app in {*names, host.app}:
        return True
    near = near_name(app, names)
    if near and not force:
        expected = f"no application {app!r} has run here; did you mean {near}? If not, add --force"
        raise typer.BadParameter(expected, param_hint="'--app'")
    return False


def _undo(context: typer.Context, services: Sequence[str] | None, app: str | None) -> str:
    words = [command_prefix(context), "opt-in", *(services or ())]
    return f"{' '.join(words)}{f' --app {app}' if app is not None else ''}"


def _report_still_off(application: Application, services: Sequence[str], path: str, report: CommandReport) -> None:
    """Report each service that is still off, with every reason; an application's policy may hold the old file's."""
    owner = f"{printable(application.name)}: " if application.name else ""
    for row in (application.policy.service(name) for name in services):
        reasons = [reason for reason in row.reasons if reason.source != path]
        if any(reason.kind for reason in reasons):
            why = [describe_reason(reason) for reason in reasons]
            report.document["still_off"].setdefault(application.name or "", {})[row.name] = why
            report.line(f"{owner}{row.name} is still off: {'; '.join(why)}")


def _fail(problem: str) -> NoReturn:
    print_problem(f"telemetry-sdk: {printable(problem)}")
    raise typer.Exit(1)
