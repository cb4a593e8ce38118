"""The policy now: what `start()` resolved, less the services turned off since.

This process's opt-outs count, other processes' (revocations) and the settings files. Turning off acts at once; nothing
here ever turns a service on.
"""

from __future__ import annotations

from .updates import with_opt_out, with_services_off

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from .._internal.lazy import Lazy
    from ..storage.revocations import Revocations
    from .model import Policy
    from .watch import SettingsWatch

    class OffListener(Protocol):
        """What has to act when a service is turned off."""

        def turned_off(self, service: str) -> None:
            """Stop the service and drop what waits of it. Never raises."""
            ...


class CurrentPolicy:
    """The one place that knows which services are on. `watch` looks at the settings files again."""

    def __init__(self, policy: Policy, revocations: Revocations, watch: Lazy[SettingsWatch]) -> None:
        self._policy = policy
        self._on = {row.name for row in policy.rows if row.enabled}
        self._revocations = revocations
        self._watch = watch
        self.listeners: list[OffListener] = []

    @property
    def policy(self) -> Policy:
        """The policy to show, services that were turned off since `start()` included."""
        gone = [row.name for row in self._policy.rows if row.enabled and not self.check(row.name)]
        return with_services_off(self._policy, gone) if gone else self._policy

    @property
    def any_on(self) -> bool:
        """Whether any service is on."""
        return bool(self._on)

    def is_on(self, service: str) -> bool:
        """Tell whether a service is on as far as this process knows; looks at nothing."""
        return service in self._on

    def check(self, service: str) -> bool:
        """Tell whether a service is on; one `stat` looks for other processes' revocations. Before each drain."""
        if service in self._on and self._revocations.revoked(service):
            self.turn_off(service)
        return service in self._on

    def check_settings(self, service: str) -> bool:
        """Tell whether a request of a service may start now: the settings files are looked at as well."""
        if self.check(service):
            for other in self._watch.get().newly_off():
                self.turn_off(other)
        return service in self._on

    def revoked_since(self, service: str, number: object) -> bool:
        """Tell whether a service was revoked after its revocations had this number."""
        return self._revocations.number(service) != number

    def opt_out(self, services: Sequence[str]) -> tuple[str, ...]:
        """Turn services off (default: all), here and in every process of the application; return their names.

        Raises `ValueError` for a service that does not exist.
        """
        policy = with_opt_out(self.policy, services)
        chosen = tuple(services) or tuple(policy.services)
        for service in chosen:
            self._revocations.revoke(service)
            self.turn_off(service)
        self._policy = policy
        return chosen

    def turn_off(self, service: str) -> None:
        """Turn a service off in this process."""
        if service in self._on:
            self._on.discard(service)
            for listener in self.listeners:
                listener.turned_off(service)

    def warn(self, warning: str) -> None:
        """Add a warning to the policy."""
        self._policy = self._policy.replace(warnings=(*self._policy.warnings, warning))

    def add_reason(self, service: str, source: str, variable: str, effect: str) -> None:
        """Add a host's reason that turns nothing off, such as a second destination."""
        from .._internal.reason import Reason

        reason = Reason(layer="host", source=source, variable=variable, effect=effect)
        rows = (
            row.replace(reasons=(*row.reasons, reason)) if row.name == service else row for row in self._policy.rows
        )
        self._policy = self._policy.replace(rows=tuple(rows))
