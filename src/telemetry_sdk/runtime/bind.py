"""Binds the vendors' own packages: what the host chose, what it has imported, what the policy allows.

A client of theirs that is active with a network of its own is outside this policy: a warning, and an error in strict
mode.
"""

from __future__ import annotations

import sys

from .._internal.services import ERRORS, SENTRY, STATSIG
from ..exceptions import TelemetryError
from ..integrations.outside import outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .lifecycle import Lifecycle
    from .runtime import Runtime


def bind_vendors(runtime: Runtime, lifecycle: Lifecycle, choices: Mapping[str, Any]) -> None:
    """Bind what is to be bound. `choices`: those of `start()` about integrations.

    A package that the application has not imported is not imported for it, unless the host asks for it. Raises
    `TelemetryError` in strict mode where another client is active.
    """
    if choices["bind_statsig"] or STATSIG in sys.modules:  # where it is not bound, other clients are looked for
        _bind_statsig(runtime, lifecycle, choices)
    others = SENTRY in outside()
    if _wanted(choices["bind_sentry"], SENTRY) and not others and runtime.policy.is_on(ERRORS):
        try:
            _bind_sentry(runtime, lifecycle, named=choices["bind_sentry"] is True)
        except Exception as error:  # whatever the package raises, the client lives on without it
            runtime.diagnostics.failed(error)
            _warn(runtime, f"{SENTRY} could not be bound: {type(error).__name__}")
    if others:
        _warn(runtime, f"a client of {SENTRY} is active, outside of this policy")


def _wanted(choice: object, package: str) -> bool:
    return choice is True or (choice is None and package in sys.modules)


def _warn(runtime: Runtime, warning: str) -> None:
    runtime.policy.warn(warning)
    if runtime.diagnostics.strict:
        raise TelemetryError(warning)


def _bind_statsig(runtime: Runtime, lifecycle: Lifecycle, choices: Mapping[str, Any]) -> None:
    from ..integrations.statsig_binding import StatsigBinding

    binding = StatsigBinding(
        runtime.recorder.get(),
        runtime.ledger,
        tier=runtime.options.environment,
        flush_timeout=runtime.options.exit_timeout,
        state_dir=runtime.state_dir.get(),
        choices=choices,
    )
    binding.bind()
    lifecycle.attach(binding.close)
    if binding.download is not None:
        runtime.sections["specs"] = binding.download.counts


def _bind_sentry(runtime: Runtime, lifecycle: Lifecycle, *, named: bool) -> None:
    from ..integrations.sentry import SentryBinding, is_taken

    endpoint = runtime.endpoints.errors
    if endpoint is None:
        return
    if is_taken():  # by the first client, as the hooks are
        if named:
            _warn(runtime, f"{SENTRY} is bound to another client of this process")
        return
    base, _, project = endpoint.url.removesuffix("/envelope/").rpartition("/api/")
    scheme, _, rest = base.partition("://")
    binding = SentryBinding(
        runtime.recorder.get(),
        dsn=f"{scheme}://{endpoint.key}@{rest}/{project}",
        release=runtime.options.release,
        environment=runtime.options.environment,
    )
    lifecycle.attach(binding.close, service=ERRORS)
    runtime.hooks.get().capture_by(binding.capture)
