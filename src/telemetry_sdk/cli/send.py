"""`telemetry-sdk send`: sends what is on disk, in the foreground; for cron jobs and the end of a container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.sender import detached_status
from telemetry_sdk.sender.health import describe_health
from telemetry_sdk.storage.shared_state import SharedState

from .applications import check_application, clean_up, find_applications
from .arguments import AppOption  # noqa: TC001 - typer reads it
from .command_report import CommandReport, JsonOption, print_problem
from .sending import FAILED, SendResult, send_application
from .state import state_directories

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk.sender.directory_sender import SendReport

    from .host import Host

StopOption = Annotated[bool, typer.Option("--stop", help="End the background sender instead; what waits stays.")]


def add(commands: typer.Typer, host: Host) -> None:
    """Add the command."""

    @commands.command()
    def send(*, app: AppOption = host.app, stop: StopOption = False, as_json: JsonOption = False) -> None:
        """Send what waits on disk.

        To the endpoints that TELEMETRY_SDK_... name, in the environment or in settings. Exits with 1 if a server
        failed, with 2 if an endpoint or an application's policy is not known here.
        """
        with CommandReport(as_json) as report:
            app = check_application(host, app)
            if stop:
                _stop(host, app, report)
                return
            applications = find_applications(host, app, stored=True)
            clean_up(host, applications)
            found = report.document["applications"] = {}
            results = [(each.name or "", send_application(host, each)) for each in applications]
            for name, result in results:
                if name:
                    found[name] = result.to_json()
                _show(name, result, report)
            if all(result.outcome == "nothing" for _, result in results):
                report.line("Nothing waits for these endpoints.")
            raise typer.Exit(max(result.code for _, result in results))


def _stop(host: Host, app: str | None, report: CommandReport) -> None:
    """Tell the background senders to end, which they do within a second."""
    named = state_directories(host.resolve(), app)
    failed = [(name, path) for name, path in named if not detached_status.stop(SharedState(path))]
    report.document["stopped"] = not failed
    for name, path in failed:
        print_problem(f"{printable(name)}: {printable(path)} cannot be written: its sender is not stopped.")
    if failed:
        raise typer.Exit(FAILED)
    report.line("Background senders end within a second; what waits is sent by the next run.")


def _show(name: str, result: SendResult, report: CommandReport) -> None:
    for problem in result.problems:
        print_problem(printable(problem))
    if result.report is None:
        return
    report.line(f"{printable(name)}: {_summary(result.report)}")
    if result.outcome == "failed":  # which service is paused or failed, until when and why
        for service, each in result.health.items():
            if each["why"] or each["paused_until"]:
                report.line(f"{service}: {printable(describe_health(each))}")


def _summary(sent: SendReport) -> str:
    if sent.busy:
        return "another process is sending"
    dropped = f"; dropped: {_counts(sent.dropped)}" if sent.dropped else ""
    wait = "" if sent.healthy else " (a server failed, or asked to wait)"
    return f"delivered: {_counts(sent.delivered)}{dropped}; waiting: {_counts(sent.waiting)}{wait}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
