"""Tables of an application's switches, providers and settings files.

`CLAUDE_CODE` is the default. Another application passes its own `Profile`; a new provider is one row.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.services import ERRORS, METRICS, SERVICES

from .truth import FLAG, PRESENCE, Truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Switch(Frozen):
    """An opt-out: a variable, and the services that it turns off."""

    variable: str
    services: tuple[str, ...]
    truth: Truth = PRESENCE


class Provider(Frozen):
    """A model provider that is not the first party, and the services that are off with it unless lifted."""

    name: str
    variable: str
    off: tuple[str, ...] = SERVICES
    truth: Truth = FLAG


class Profile(Frozen):
    """An application's table. Raises ValueError where a row names a service that the table does not have.

    `user_file` and `project_files` are relative to the home directory and to each project directory, with "/".
    `managed_files` are pairs of a `sys.platform` and a path; "" stands for every other platform.
    `broken_settings_turn_off`: the services that a broken settings file turns off (a managed one: all).
    `hints`: an unknown key whose name contains one of these is listed as ignored.
    """

    name: str
    switches: tuple[Switch, ...]
    providers: tuple[Provider, ...] = ()
    services: tuple[str, ...] = SERVICES
    first_party: str = "first-party"
    managed_files: tuple[tuple[str, str], ...] = ()
    user_file: str
    project_files: tuple[tuple[str, str], ...]
    repository_mark: str = ".git"
    broken_settings_turn_off: tuple[str, ...] = (METRICS, ERRORS)
    retention_key: str = "cleanupPeriodDays"
    retention_days: int = 30
    hints: tuple[str, ...] = ()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        rows = [(s.variable, s.services) for s in self.switches] + [(p.variable, p.off) for p in self.providers]
        for variable, services in (*rows, ("broken_settings_turn_off", self.broken_settings_turn_off)):
            for service in services:
                if service not in self.services:
                    raise ValueError(f"profile {self.name!r}: {variable} names an unknown service {service!r}")
