"""`telemetry-sdk send`: sends what is on disk, in the foreground; for cron jobs and the end of a container."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.layers import MODE
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk._internal.services import RECORDED
from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.endpoints.endpoint import SENTRY_DSN, STATSIG_KEY, STATSIG_URL
from telemetry_sdk.policy.current import CurrentPolicy, Revocations
from telemetry_sdk.policy.explain import describe_reason
from telemetry_sdk.policy.updates import combined
from telemetry_sdk.policy.watch import SettingsWatch
from telemetry_sdk.sender import detached_status
from telemetry_sdk.sender.health import describe_health, health
from telemetry_sdk.storage.files import is_own_directory, state_dir
from telemetry_sdk.storage.shared_state import SharedState

from .applications import NOT_KNOWN, Application, check_application, clean_up, find_applications
from .arguments import AppOption  # noqa: TC001 - typer reads it
from .state import state_base, state_directories, states

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk.endpoints import Endpoints
    from telemetry_sdk.policy import Policy
    from telemetry_sdk.sender.directory_sender import SendReport

    from .host import Host

SENT, FAILED, UNKNOWN = 0, 1, 2  # exit codes
StopOption = Annotated[bool, typer.Option("--stop", help="End the background sender instead; what waits stays.")]


def add(commands: typer.Typer, host: Host) -> None:
    """Add the command."""

    @commands.command()
    def send(*, app: AppOption = host.app, stop: StopOption = False) -> None:
        """Send what is on disk to the endpoints that TELEMETRY_SDK_... name.

        Exits with 1 if a server failed, with 2 if an endpoint or an application's policy is not known here.
        """
        if stop:
            _stop(host, check_application(host, app))
            return
        applications = find_applications(host, check_application(host, app), stored=True)
        clean_up(host, applications)
        codes = [_send(host, application) for application in applications]
        if all(code is None for code in codes):
            typer.echo("Nothing waits for these endpoints.")
        raise typer.Exit(max(code or SENT for code in codes))


def _send(host: Host, application: Application) -> int | None:
    """Send what one application left; return the exit code, None where nothing waits for the endpoints."""
    base = state_base(host.resolve())
    if application.problem or application.name is None:
        return _explain_unknown(host, application)
    endpoints, policy = application.endpoints()
    if policy.mode or (endpoints.metrics is None and endpoints.errors is None):
        return _explain(application, policy)
    path = state_dir(base, application.name, endpoints.identity)
    if path is None or not is_own_directory(path):
        return _explain_other_endpoints(host, application.name)
    if host.is_application(application.name):
        policy = combined([policy, host.resolve()])
    return _send_directory(application, path, endpoints, policy)


def _stop(host: Host, app: str | None) -> None:
    """Tell the background senders to end, which they do within a second."""
    for name, path in state_directories(host.resolve(), app):
        if not detached_status.stop(SharedState(path)):
            typer.echo(f"{printable(name)}: {printable(path)} cannot be written: nothing is stopped.", err=True)
            raise typer.Exit(FAILED)
    typer.echo("Background senders end within a second; what waits is sent by the next run.")


def _waiting(host: Host, app: str | None) -> int:
    """Return how many records of an application wait, for whatever endpoints."""
    found = states(host.resolve(), app) if app else []
    return sum(count for state in found for count in state["waiting"].values())


def _explain_other_endpoints(host: Host, app: str) -> int | None:
    """Print that records wait for other endpoints than those known here; None if none do."""
    waiting = _waiting(host, app)
    if not waiting:
        return None
    where = f"the same {STATSIG_KEY}, {STATSIG_URL} and {SENTRY_DSN} are needed as in the application"
    typer.echo(f"{printable(app)}: {waiting} records wait for other endpoints: {where}.", err=True)
    return UNKNOWN


def _explain_unknown(host: Host, application: Application) -> int | None:
    """Print that an application's policy is not known; None if nothing of it waits."""
    if not _waiting(host, application.name):
        return None
    why = f"{NOT_KNOWN} ({application.problem}): nothing is sent"
    typer.echo(f"{printable(application.name or '')}: {printable(why)}", err=True)
    typer.echo("Start the application once, or let it send itself.", err=True)
    return UNKNOWN


def _explain(application: Application, policy: Policy) -> int:
    """Print why nothing is sent: an endpoint is missing, or the policy forbids it."""
    code, why = SENT, "the policy forbids it"
    if policy.mode:
        why = f"{MODE}={policy.mode}"
    elif any(application.policy.service(name).enabled for name in RECORDED):
        code, why = UNKNOWN, f"no endpoint is known here; {STATSIG_KEY} and {SENTRY_DSN} name them"
    typer.echo(f"{printable(application.name or '')}: nothing is sent: {why}.", err=True)
    for row in (policy.service(name) for name in RECORDED):
        typer.echo(f"{row.name}: {'; '.join(describe_reason(reason) for reason in row.reasons)}", err=True)
    return code


def _send_directory(application: Application, path: str, endpoints: Endpoints, policy: Policy) -> int:
    from telemetry_sdk.runtime import build

    diagnostics = Diagnostics(debug=bool(application.environ.get("TELEMETRY_SDK_DEBUG")))
    revocations = Revocations(os.path.dirname(path), RECORDED)
    watch = Lazy(lambda: SettingsWatch(application.policy, application.resolve))
    try:
        sent = build.sender(
            path, build.recorded(endpoints), CurrentPolicy(policy, revocations, watch), diagnostics
        ).run()
    except OSError as error:
        typer.echo(f"telemetry-sdk: {printable(str(error))}", err=True)
        return FAILED
    typer.echo(f"{printable(application.name or '')}: {_summary(sent)}")
    if not sent.healthy:
        _print_health(path)
    return SENT if sent.healthy else FAILED


def _print_health(path: str) -> None:
    """Print which service is paused or failed, until when and why."""
    for service, each in health(SharedState(path).read(), RECORDED).items():
        if each["why"] or each["paused_until"]:
            typer.echo(f"{service}: {printable(describe_health(each))}")


def _summary(sent: SendReport) -> str:
    if sent.busy:
        return "another process is sending"
    dropped = f"; dropped: {_counts(sent.dropped)}" if sent.dropped else ""
    wait = "" if sent.healthy else " (a server failed, or asked to wait)"
    return f"delivered: {_counts(sent.delivered)}{dropped}; waiting: {_counts(sent.waiting)}{wait}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
