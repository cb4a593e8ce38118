"""The demonstration's tables: each takes what the runs brought and prints it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Table

from telemetry_sdk.cli.pretty import pretty

from .runs import RECORDED, SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from telemetry_sdk.receiver import ReceivedRequest

    from .runs import Run
    from .verdict import Control, Searched


def policies(console: Console, runs: Sequence[Run]) -> None:
    """Print what the policy said of each service, and why."""
    table = Table("run", "provider", *SERVICES, title="What the policy said, and why", show_lines=True)
    for run in runs:
        if run.told:
            policy = run.told["policy"]
            table.add_row(run.scenario.name, policy["provider"], *(_why(policy["services"][name]) for name in SERVICES))
    console.print(table)
    for run in runs:
        for reason in run.told["policy"]["ignored"] if run.told else ():
            console.print(f"{run.scenario.name}: {reason['variable']} {reason['effect']}")


def _why(row: dict[str, Any]) -> str:
    if row["enabled"]:
        return "on"
    because = [f"{reason['variable']} ({reason['layer']})" for reason in row["reasons"]]
    return "\n".join(("off", *because))


def arrivals(console: Console, runs: Sequence[Run]) -> None:
    """Print how many records the agent made, how many arrived, how many wait, and what became of its report."""
    title = "What arrived, of what the agent recorded"
    table = Table("run", *SERVICES, "wait on disk", "bug report", "as expected", title=title)
    for run in runs:
        if run.told:
            counts = [_share(run.arrived[name], run.recorded(name)) for name in SERVICES]
            waiting = sum(run.waiting[name] for name in RECORDED)
            wrong = any(run.failed_expectations())
            table.add_row(
                run.scenario.name, *counts, str(waiting), run.told["report"]["outcome"], "NO" if wrong else "yes"
            )
        else:
            table.add_row(run.scenario.name, *["-"] * (len(SERVICES) + 2), "NO")
    console.print(table)


def _share(arrived: int, made: int) -> str:
    return f"{arrived} of {made}" if arrived else "0"


def wire(console: Console, run: Run) -> None:
    """Print one event and one error as they left."""
    for request in run.requests:
        if request.service == "metrics":
            body = json.loads(request.body)
            console.print(f"\nOne of {len(body['events'])} events as it left, in a request of {_size(request)}:")
            console.print(pretty({**body, "events": body["events"][:1]}), soft_wrap=True)
            break
    errors = [request for request in run.requests if request.service == "errors"]
    if errors:
        error = max(errors[:-1] or errors, key=lambda request: request.body.count(b"redacted"))
        console.print(f"\nOne of {len(errors)} errors as it left, in a request of {_size(error)}:")
        for line in error.body.splitlines():
            console.print(pretty(json.loads(line)), soft_wrap=True)


def _size(request: ReceivedRequest) -> str:
    return f"{len(request.body):,} bytes ({len(request.wire):,} compressed)"


def bug_report(console: Console, run: Run) -> None:
    """Print the preview that the user was shown, and the outcome."""
    report = run.told["report"] if run.told else {}
    console.print("\nThe bug report as it was previewed:")
    console.print(report.get("preview", "none"), soft_wrap=True, end="")
    console.print(f"Outcome: {report.get('outcome')}. {report.get('message')}", soft_wrap=True)


def search(console: Console, planted: int, controls: Iterable[Control], searched: Iterable[Searched]) -> None:
    """Print how many planted strings were found: all in the controls, none in what left."""
    title = f"The search for {planted} planted strings, tried on the same failures and session uncleaned"
    table = Table("control", "planted strings found", title=title)
    for control in controls:
        table.add_row(f"uncleaned, {control.dressing}", f"{control.found} of {planted}")
    console.print(table)
    table = Table("searched", "pieces", "bytes", "hold the app's name", "planted strings found", title="The search")
    for kind in searched:
        numbers = (kind.pieces, kind.size, kind.named, len(kind.findings))
        table.add_row(kind.kind, *(f"{number:,}" for number in numbers))
    console.print(table)
