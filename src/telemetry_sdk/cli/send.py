"""`telemetry-sdk send`: sends what is on disk, in the foreground; for cron jobs and the end of a container."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk._internal.services import RECORDED
from telemetry_sdk.endpoints import resolve_endpoints
from telemetry_sdk.endpoints.sources import SENTRY_DSN, STATSIG_KEY
from telemetry_sdk.policy import Policy, resolve_policy
from telemetry_sdk.policy.current import CurrentPolicy
from telemetry_sdk.policy.explain import describe_reason, printable
from telemetry_sdk.policy.watch import SettingsWatch
from telemetry_sdk.storage.directories import state_dir
from telemetry_sdk.storage.revocations import Revocations

from .state import state_base, state_directories

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk.endpoints import Endpoints
    from telemetry_sdk.sender.send_once import SendReport

    from .host import Host


def add(commands: typer.Typer, host: Host) -> None:
    """Add the command."""

    @commands.command()
    def send(
        *, app: Annotated[str | None, typer.Option(help="One application's (default: all found).")] = host.app
    ) -> None:
        """Send what is on disk to the endpoints that TELEMETRY_SDK_... name; exit 1 if a server failed."""
        environ = dict(os.environ)
        base = resolve_policy(environ)
        endpoints, policy = resolve_endpoints(base, environ)
        if endpoints.metrics is None and endpoints.errors is None:
            _explain_and_exit(base, policy)
        succeeded = True
        for name, path in _matching(policy, endpoints, app):
            succeeded = _send(name, path, endpoints, base, policy, environ) and succeeded
        if not succeeded:
            raise typer.Exit(1)


def _explain_and_exit(base: Policy, policy: Policy) -> None:
    """Print why nothing is sent; exit with 2 if an endpoint is missing, with 0 if the policy forbids it."""
    unnamed = any(base.service(name).enabled for name in RECORDED)
    why = f"no endpoint is known here; {STATSIG_KEY} and {SENTRY_DSN} name them" if unnamed else "the policy forbids it"
    typer.echo(f"Nothing is sent: {why}.", err=True)
    for row in (policy.service(name) for name in RECORDED):
        typer.echo(f"{row.name}: {'; '.join(describe_reason(reason) for reason in row.reasons)}", err=True)
    raise typer.Exit(2 if unnamed else 0)


def _matching(policy: Policy, endpoints: Endpoints, app: str | None) -> list[tuple[str, str]]:
    """Return (app, path) of the state directories of these endpoints."""
    base = state_base(policy)
    found = [
        (name, path)
        for name, path in state_directories(policy, app)
        if base and path == state_dir(base, name, endpoints.identity)
    ]
    if not found:
        typer.echo("Nothing waits for these endpoints.")
    return found


def _send(app: str, path: str, endpoints: Endpoints, base: Policy, policy: Policy, environ: Mapping[str, str]) -> bool:
    from telemetry_sdk.runtime import build

    diagnostics = Diagnostics(debug=bool(environ.get("TELEMETRY_SDK_DEBUG")))
    revocations = Revocations(os.path.dirname(path), RECORDED)
    watch = Lazy(lambda: SettingsWatch(base, lambda: resolve_policy(environ)))
    try:
        sent = build.sender(path, endpoints, CurrentPolicy(policy, revocations, watch), diagnostics).run()
    except OSError as error:
        typer.echo(f"telemetry-sdk: {printable(str(error))}", err=True)
        return False
    typer.echo(f"{printable(app)}: {_summary(sent)}")
    return sent.healthy


def _summary(sent: SendReport) -> str:
    if sent.busy:
        return "another process is sending"
    dropped = f"; dropped: {_counts(sent.dropped)}" if sent.dropped else ""
    wait = "" if sent.healthy else " (a server failed, or asked to wait)"
    return f"delivered: {_counts(sent.delivered)}{dropped}; waiting: {_counts(sent.waiting)}{wait}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
