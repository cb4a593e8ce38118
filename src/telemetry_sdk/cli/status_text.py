"""The text of `telemetry-sdk status`, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.policy.explain import describe_reason, describe_retention
from telemetry_sdk.sender.health import describe_health

from .applications import NOT_KNOWN
from .screen import screen

if TYPE_CHECKING:
    from rich.table import Table

    from telemetry_sdk.policy import Policy, ServicePolicy


def show(policy: Policy, document: dict[str, Any]) -> None:
    """Print one application's policy and the document of `status --json`."""
    console = screen()
    for line in _head(policy, document):
        console.print(printable(line), soft_wrap=True)
    console.print(_table(policy, document))
    for line in _lines(policy, document):
        console.print(printable(line), soft_wrap=True)


def _head(policy: Policy, document: dict[str, Any]) -> list[str]:
    lines = [f"application: {document['app']}"] if document["app"] else []
    lines += [document["note"]] if document["note"] else []
    lines += [f"profile: {policy.profile}", f"provider: {policy.provider}"]
    lines += [f"mode: {policy.mode}: nothing is sent"] if policy.mode else []
    return lines + (["development receiver: set by TELEMETRY_SDK_RECEIVER"] if policy.receiver else [])


def _table(policy: Policy, document: dict[str, Any]) -> Table:
    from rich.table import Table

    own = document["known"] and document["note"] == ""
    table = Table("service", "state", "sends to", "why")
    for row in policy.rows:
        missing = "none" if own and not row.enabled else NOT_KNOWN
        why = "\n".join(describe_reason(reason) for reason in row.reasons)
        table.add_row(row.name, _state(row), row.destination or missing, why)
    return table


def _state(row: ServicePolicy) -> str:
    if row.enabled:
        return "on"
    return "off (withdrawn)" if row.withdrawn else "off (silenced)"


def _lines(policy: Policy, document: dict[str, Any]) -> list[str]:
    services = document["services"]
    lines = [f"{name}: {text}" for name, row in services.items() if (text := describe_health(row["health"]))]
    lines += [f"{name}: {row['connection']['result']}" for name, row in services.items() if row.get("connection")]
    lines += [f"{name}: not asked: no endpoint that may be used" for name, row in services.items() if _untried(row)]
    variables = ", ".join(f"{name} {variable}=1" for name, variable in policy.switches)
    lines.append(f"to turn off: {document['opt_out']}, or set {variables}")
    lines.append(f"local files are kept: {describe_retention(policy.retention_days)}")
    lines += [f"{state['path']}: {_waiting(state)}" for state in document["state"]]
    lines += [f"{state['path']}: {state['problem']}" for state in document["state"] if state["problem"]]
    lines += [f"warning: {warning}" for warning in policy.warnings]
    return lines + [f"ignored: {describe_reason(reason)}" for reason in policy.ignored]


def _untried(row: dict[str, Any]) -> bool:
    return "connection" in row and row["connection"] is None


def _waiting(state: dict[str, Any]) -> str:
    unsent = ", ".join(f"{count} {name}" for name, count in state["waiting"].items())
    kept = f"drafts: {state['drafts']}; ledger: {state['ledger_bytes']} bytes; id: {state['installation_id'] or 'none'}"
    problem = "" if state["writable"] else "cannot be written, new records are kept in memory; "
    return f"{problem}unsent: {unsent} ({state['spool_bytes']} bytes); {kept}"
