"""The demonstration's tables: each takes what the runs brought and prints it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table

from telemetry_sdk._internal.services import SERVICES
from telemetry_sdk.cli.pretty import pretty

from .runs import RECORDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from telemetry_sdk.receiver import ReceivedRequest

    from .runs import Run
    from .verdict import Control, Searched


def policies(console: Console, runs: Sequence[Run]) -> None:
    """Print what the policy said of each service, and why."""
    table = _table("run", "provider", "services")
    for run in runs:
        if run.told:
            policy = run.told["policy"]
            table.add_row(run.scenario.name, policy["provider"], _states(policy["services"]))
    _print(console, "What the policy said", table)
    for run in runs:
        for reason in run.told["policy"]["ignored"] if run.told else ():
            console.print(f"{run.scenario.name}: {reason['variable']} {reason['effect']}")


def _states(services: dict[str, Any]) -> str:
    """Return a line for each state and its reasons, with the services that are so."""
    by_state: dict[str, list[str]] = {}
    for name, row in services.items():
        reasons = ", ".join(f"{reason['variable']} ({reason['layer']})" for reason in row["reasons"])
        by_state.setdefault("on" if row["enabled"] else f"off, {reasons}", []).append(name)
    return "\n".join(
        f"{'all' if len(names) == len(services) else ', '.join(names)}: {state}" for state, names in by_state.items()
    )


def arrivals(console: Console, runs: Sequence[Run]) -> None:
    """Print how many records the agent made, how many arrived, how many wait, and what became of its report."""
    table = _table("run", *SERVICES, "wait on disk", "bug report", "as expected")
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
    _print(console, "What arrived, of what the agent recorded", table)
    reasons = ", ".join(f"{count} {reason}" for reason, count in runs[0].told.get("dropped", {}).items())
    console.print(f"Dropped in the first run, where the agent tried to send free text: {reasons or 'nothing'}")


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
    table = _table("uncleaned", "planted strings found")
    for control in controls:
        table.add_row(control.dressing, f"{control.found} of {planted}")
    _print(console, "The search, tried on what a logger would have written of the first run", table)
    table = _table("searched", "pieces", "bytes", "hold a known name", "planted strings found")
    for kind in searched:
        named = "-" if kind.named is None else f"{kind.named:,}"
        table.add_row(kind.kind, f"{kind.pieces:,}", f"{kind.size:,}", named, f"{len(kind.findings):,}")
    _print(console, "What was searched, of all runs", table)


def _table(*columns: str) -> Table:
    """Make a table that never cuts what it shows."""
    return Table(*(Column(name, overflow="fold") for name in columns))


def _print(console: Console, title: str, table: Table) -> None:
    console.print(f"\n{title}:")
    console.print(table)
