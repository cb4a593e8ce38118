"""`telemetry-sdk opt-out` and `opt-in`: the user's own choice, for one application or for all."""

from __future__ import annotations

import os
from difflib import get_close_matches
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
from .arguments import AppOption, check_known, checked_app, command_prefix
from .contact import print_contacts
from .state import application_names, installation_id, state_base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .host import Host

Services = Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="Default: all.")]


def add(commands: typer.Typer, host: Host) -> None:
    """Add both commands."""

    @commands.command()
    def opt_out(context: typer.Context, services: Services = None, *, app: AppOption = host.app) -> None:
        """Turn services off until `opt-in`, in running programs, too, and delete what waits of them.

        Without --app for every application. Drafts of bug reports stay: `purge` deletes them.
        """
        profile = _profile(host, checked_app(app))
        _check_unknown(host, app)
        chosen = _known(services, profile)
        applications = find_applications(host, app, stored=True)
        problem = _store(chosen, app, profile)
        reached = [_stop(state_base(host.resolve()), name, chosen) for name in _affected(host, app)]
        if problem:
            _fail(problem)
        print_contacts(applications)
        _print_undo(context, services, app)
        if not all(reached):
            raise typer.Exit(1)

    @commands.command()
    def opt_in(services: Services = None, *, app: AppOption = host.app) -> None:
        """Take services out of the file that `opt-out` writes, and say what else turns them off."""
        profile = _profile(host, checked_app(app))
        _check_unknown(host, app)
        chosen = _known(services, profile)
        try:
            path = stored_choice.opt_in(chosen, app=app, profile=profile)
        except (OSError, ValueError) as error:
            _fail(str(error))
        typer.echo(f"{', '.join(chosen)}: no longer off in {printable(path)}")
        for application in find_applications(host, app):
            _print_still_off(application, chosen, path)


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


def _store(services: Sequence[str], app: str | None, profile: Profile) -> str:
    """Write the choice file and print its path; return why that failed, or ""."""
    try:
        path = stored_choice.opt_out(services, app=app, profile=profile)
    except OSError as error:
        return error.strerror or str(error)
    owner = app if app is not None else "all applications"
    typer.echo(f"{', '.join(services)}: off for {owner}, as written to {printable(path)}")
    return ""


def _affected(host: Host, app: str | None) -> list[str]:
    found = application_names(state_base(host.resolve()))
    return [name for name in found if app in {None, name}]


def _stop(base: str | None, app: str, services: Sequence[str]) -> bool:
    """Revoke services in an application's running processes, then delete what waits; False if one was not reached."""
    revocations = Revocations(os.path.join(base or "", app), services)
    reached = [revocations.revoke(service) for service in services]
    ids = [] if METRICS not in services else [installation_id(path) for path in state_directories(base, app)]
    deleted = discard_services(base, app, services)
    typer.echo(f"{printable(app)}: running programs stop; records deleted: {deleted}")
    for number in filter(None, ids):
        typer.echo(f"{printable(app)}: installation id deleted here: {printable(number)}")
    if not all(reached):
        typer.echo(f"{printable(app)}: could not notify running programs; end them", err=True)
    return all(reached)


def _check_unknown(host: Host, app: str | None) -> None:
    """Exit with 2 for a misspelt application; say of any other that nothing of it is here, it may start later."""
    names = application_names(state_base(host.resolve()))
    if app is not None and app not in {*names, host.app}:
        if get_close_matches(app, names, 1):
            check_known(app, names)
        typer.echo(f"warning: no application {app!r} has state here yet; the choice is kept for it", err=True)


def _print_undo(context: typer.Context, services: Sequence[str] | None, app: str | None) -> None:
    words = [command_prefix(context), "opt-in", *(services or ())]
    typer.echo(f"To undo: {' '.join(words)}{f' --app {app}' if app is not None else ''}")


def _print_still_off(application: Application, services: Sequence[str], path: str) -> None:
    """Print each service that is still off, with every reason; an application's policy may hold the old file's."""
    owner = f"{printable(application.name)}: " if application.name else ""
    for row in (application.policy.service(name) for name in services):
        reasons = [reason for reason in row.reasons if reason.source != path]
        if any(reason.kind for reason in reasons):
            why = "; ".join(describe_reason(reason) for reason in reasons)
            typer.echo(f"{owner}{row.name} is still off: {why}")


def _fail(problem: str) -> NoReturn:
    typer.echo(f"telemetry-sdk: {printable(problem)}", err=True)
    raise typer.Exit(1)
