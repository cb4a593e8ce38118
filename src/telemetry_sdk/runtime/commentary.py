"""What `TELEMETRY_SDK_DEBUG=1` says of a start: each service with its reasons, warnings, where state is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..policy.explain import describe_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..policy import Policy
    from .runtime import Runtime


def log_start(runtime: Runtime) -> None:
    """Log what a start resolved."""
    options, policy = runtime.options, runtime.policy.policy
    log = runtime.diagnostics.log
    log(f"{options.app or 'no application'} {options.version}: profile {policy.profile}, provider {policy.provider}")
    for line in _services(policy):
        log(line)
    for warning in policy.warnings:
        log(f"warning: {warning}")
    for reason in policy.ignored:
        log(f"ignored: {describe_reason(reason)}")
    if any(row.enabled for row in policy.rows):
        path = runtime.state_dir.get()
        log("state is kept in memory only" if path is None else f"state: {path}")


def _services(policy: Policy) -> Iterator[str]:
    for row in policy.rows:
        if row.enabled:
            local = ", local mode: nothing is sent" if policy.mode else ""
            yield f"{row.name}: on, sent to {row.destination}{local}"
        else:
            yield f"{row.name}: off: {'; '.join(map(describe_reason, row.reasons))}"
