"""What `TELEMETRY_SDK_DEBUG=1` says of a start: each service with its reasons, warnings, where state is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..losses import CLOSED
from ..policy.explain import describe_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..pipeline.pipeline import Pipeline
    from ..policy import Policy
    from .runtime import Runtime


def log_start(runtime: Runtime) -> None:
    """Log what a start resolved."""
    options, policy = runtime.options, runtime.policy.policy
    log = runtime.diagnostics.log
    if options.app:
        log(f"{options.app} {options.version}: profile {policy.profile}, provider {policy.provider}")
    for line in _services(policy):
        log(line)
    for warning in policy.warnings:
        log(f"warning: {warning}")
    for reason in policy.ignored:
        log(f"ignored: {describe_reason(reason)}")
    if any(row.enabled for row in policy.rows):
        path = runtime.state_dir.get()
        log("state is kept in memory only" if path is None else f"state: {path}")


def log_change(runtime: Runtime, service: str, state: str) -> None:
    """Log that a service was turned off or on while running, and why."""
    reasons = [reason for reason in runtime.policy.policy.service(service).reasons if reason.kind]
    runtime.diagnostics.log(f"{service}: {state}" + "".join(f"; {describe_reason(reason)}" for reason in reasons))


def log_end(runtime: Runtime, pipeline: Pipeline) -> None:
    """Log what waits at a client's end, and what was lost with its memory."""
    spool = pipeline.spool.built
    counts = spool.counts() if spool is not None else {}
    lost = counts.get("dropped", {}).get(CLOSED, 0)
    if lost:
        runtime.diagnostics.log(f"lost: {lost} records that were in memory only and not sent before the client's end")
    waiting = ", ".join(f"{count} {service}" for service, count in counts.get("waiting", {}).items() if count)
    on_disk = f"on disk: {waiting}: the next run or `telemetry-sdk send` sends them"
    runtime.diagnostics.log(f"closed; {on_disk if waiting else 'nothing waits'}")


def _services(policy: Policy) -> Iterator[str]:
    for row in policy.rows:
        if row.enabled:
            yield f"{row.name}: on, " + ("local mode: nothing is sent" if policy.mode else f"sent to {row.destination}")
        else:
            yield f"{row.name}: off: {'; '.join(map(describe_reason, row.reasons))}"
