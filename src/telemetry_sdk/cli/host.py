"""Who runs the commands: nobody in particular, or an application that mounts them in its own CLI."""

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

    Without `policy`, the application's arguments are not known, nor are destinations that only they name.
    """

    app: str | None = None
    policy: Callable[[], Policy] | None = None

    def resolve(self) -> Policy:
        """Return the application's policy, or what the environment and the settings files say alone."""
        if self.policy is not None:
            return self.policy()
        environ = dict(os.environ)
        return resolve_endpoints(resolve_policy(environ), environ, application=False)[1]
