"""The application that mounts the commands in its own CLI, if any."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telemetry_sdk.policy import Policy, resolve_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.client import TelemetryClient


@dataclass(frozen=True, slots=True)
class Host:
    """The application: its name (None: all that are found), its policy, and its client.

    Without `policy` and `client`, an application's policy is resolved from what it stored. With `client` the bug
    commands know where the application sends its reports.
    """

    app: str | None = None
    policy: Callable[[], Policy] | None = None
    client: Callable[[], TelemetryClient] | None = None

    def resolve(self) -> Policy:
        """Return the application's policy; without one, that of the default profile."""
        if self.policy is not None:
            return self.policy()
        return resolve_policy(dict(os.environ)) if self.client is None else self.client().policy

    def is_application(self, app: str | None) -> bool:
        """Tell whether `app` is the application that mounts the commands, whose policy is its own."""
        return (self.policy is not None or self.client is not None) and app == self.app
