"""The text of `telemetry-sdk status`, for people."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.integrations.outside import BOUND, LATER, NOT_BOUND, OUTSIDE
from telemetry_sdk.policy.explain import describe_reason, describe_retention
from telemetry_sdk.sender.health import describe_health

from .applications import NOT_KNOWN
from .table import print_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telemetry_sdk.policy import Policy, ServicePolicy

BINDINGS = {
    BOUND: "bound: what the application sends through it follows this policy",
    OUTSIDE: "outside this policy: a client of it is active with a network of its own",
    NOT_BOUND: "imported, not bound: nothing of it is recorded here",
    LATER: "imported after start(): not bound, what it sends is outside this policy",
}
COLUMNS = ("service", "state", "sends to", "why")


def show(policy: Policy, document: dict[str, Any]) -> None:
    """Print one application's policy and the document of `status --json`; a path is never cut."""
    _print(_head(policy, document))
    own = document["known"] and document["note"] == ""
    print_rows(COLUMNS, [_row(row, "none" if own and not row.enabled else NOT_KNOWN) for row in policy.rows])
    _print(_health(document["services"]))
    _print(f"{package}: {BINDINGS[state]}" for package, state in document["bindings"].items())
    _print(_turn_off(policy, document["opt_out"]))
    _print(_kept(policy, document))
    _print(f"warning: {warning}" for warning in policy.warnings)
    _print(f"ignored: {describe_reason(reason)}" for reason in policy.ignored)


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        sys.stdout.write(printable(line) + "\n")


def _head(policy: Policy, document: dict[str, Any]) -> Iterator[str]:
    if document["app"]:
        yield f"application: {document['app']}"
    if document["note"]:
        yield document["note"]
    yield f"profile: {policy.profile}"
    yield f"provider: {policy.provider}"
    if policy.mode:
        yield f"mode: {policy.mode}: nothing is sent"
    if policy.receiver:
        yield "development receiver: set by TELEMETRY_SDK_RECEIVER"


def _row(row: ServicePolicy, unknown: str) -> tuple[str, str, str, str]:
    """Return a row of the table: a service that is on without a known destination is "allowed"."""
    if row.enabled:
        state = "on" if row.destination else "allowed"
    else:
        state = "off (withdrawn)" if row.withdrawn else "off (silenced)"
    return row.name, state, row.destination or unknown, "\n".join(map(describe_reason, row.reasons))


def _health(services: dict[str, Any]) -> Iterator[str]:
    for name, row in services.items():
        if text := describe_health(row["health"]):
            yield f"{name}: {text}"
    for name, row in services.items():
        if row.get("connection"):
            yield f"{name}: {row['connection']['result']}"
        elif "connection" in row:
            yield f"{name}: not asked: no endpoint that may be used"


def _turn_off(policy: Policy, command: str) -> Iterator[str]:
    variables = dict(policy.switches)
    for row in policy.rows:
        if row.enabled:
            words = command.replace(" opt-out", f" opt-out {row.name}", 1)
            yield f"turn off {row.name}: {words}" + (f" (or {variables[row.name]}=1)" if row.name in variables else "")


def _kept(policy: Policy, document: dict[str, Any]) -> Iterator[str]:
    yield f"local files are kept: {describe_retention(policy.retention_days)}"
    for state in document["state"]:
        current = " (current)" if state["current"] else ""
        yield f"{state['path']}{current}: {_waiting(state)}"
        if state["problem"]:
            yield f"{state['path']}: {state['problem']}"
    if document["contact"]:
        yield f"questions, erasure: {document['contact']}"


def _waiting(state: dict[str, Any]) -> str:
    unsent = ", ".join(f"{count} {name}" for name, count in state["waiting"].items())
    kept = f"drafts: {state['drafts']}; ledger: {state['ledger_bytes']} bytes; id: {state['installation_id'] or 'none'}"
    problem = "" if state["writable"] else "cannot be written, new records are kept in memory until the program ends; "
    lost = ", ".join(f"{count} {reason}" for reason, count in state["dropped"].items() if count)
    dropped = f"dropped: {lost}; " if lost else ""
    return f"{problem}unsent: {unsent} ({state['spool_bytes']} bytes); {dropped}{kept}"
