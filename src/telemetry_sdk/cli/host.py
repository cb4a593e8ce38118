"""The application that mounts the commands in its own CLI, if any."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telemetry_sdk.endpoints import resolve_endpoints
from telemetry_sdk.policy import Policy, resolve_policy

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Host:
    """The application: its name (None: all that are found), and its policy.

    Without `policy`, the application's own arguments, and destinations that only these name, are unknown.
    """

    app: str | None = None
    policy: Callable[[], Policy] | None = None

    def resolve(self) -> Policy:
        """Return the application's policy; without one, the policy of environment and settings files."""
        if self.policy is not None:
            return self.policy()
        environ = dict(os.environ)
        return resolve_endpoints(resolve_policy(environ), environ, application=False)[1]
