"""Whether the vendors' own packages are bound: what the host says, what it has imported, what the policy allows."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .client import TelemetryClient


def attach(client: TelemetryClient, choices: Mapping[str, Any]) -> None:
    """Bind what is to be bound. `choices`: those of `start()` about bindings.

    A package that the application has not imported is not imported for it, unless it says so.
    """
    if choices["bind_statsig"] or "statsig" in sys.modules:  # where it is not bound it is looked at
        _statsig(client, choices)
    if _wanted(choices["bind_sentry"], "sentry_sdk") and client.policy.errors.enabled:
        _sentry(client)


def _wanted(choice: object, package: str) -> bool:
    return choice is True or (choice is None and package in sys.modules)


def _statsig(client: TelemetryClient, choices: Mapping[str, Any]) -> None:
    from .gates import bind

    bind(client, choices)


def _sentry(client: TelemetryClient) -> None:
    del client
