"""The current policy: what `start()` resolved, less the services turned off since.

This process's choices count, other processes' revocations and the settings files. Turning off acts at once. A service
is turned on again only where broken settings files alone had silenced it.
"""

from __future__ import annotations

import os

from telemetry_sdk._internal.clock import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Protocol

    from telemetry_sdk._internal.lazy import Lazy

    from .model import Policy
    from .profile import Profile
    from .watch import SettingsWatch

    class ServiceListener(Protocol):
        """What has to act when a service changes."""

        def service_changed(self, service: str, state: str) -> None:
            """Act on ON, SILENCED (send and record no more) or WITHDRAWN (also delete). Never raises."""
            ...


ON, SILENCED, WITHDRAWN = "on", "silenced", "withdrawn"
_OFF = "off"  # silenced from the start: nothing of it is recorded here, but an opt-out deletes what other runs left
LOOK_AGE = 1.0  # seconds: an edited settings file counts after at most that


class Revocations:
    """Compares today's numbers with those of the start (`began`). `app_dir` None: no other process is reached.

    A file for each service in the application's directory grows by one byte for each revocation. Its size is the
    number of revocations, so a process that began later, with consent, is not stopped by an old one.
    """

    def __init__(self, app_dir: str | None, services: Iterable[str], began: Mapping[str, int] | None = None) -> None:
        self._paths = {name: os.path.join(app_dir, f"revoked-{name}") for name in services} if app_dir else {}
        self.began = {name: _size(path) for name, path in self._paths.items()} if began is None else began

    def number(self, service: str) -> int:
        """Return how often a service was revoked; -1 if it cannot be read."""
        path = self._paths.get(service)
        return 0 if path is None else _size(path)

    def revoked(self, service: str) -> bool:
        """Tell whether the service was revoked since this object was made."""
        path = self._paths.get(service)
        return path is not None and _size(path) != self.began[service]

    def revoke(self, service: str, *, make_directory: bool = True) -> bool:
        """Tell every process of the application to stop; False if it could not be written.

        Without `make_directory` nothing comes into being where the application has no directory.
        """
        path = self._paths.get(service)
        if path is None or not (make_directory or os.path.isdir(os.path.dirname(path))):
            return False
        from ..storage import files

        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        try:
            files.private_application_directory(os.path.dirname(path))
            descriptor = os.open(path, flags, 0o600)
            try:
                files.write_all(descriptor, b"-")
            finally:
                os.close(descriptor)
        except OSError:  # this process stops all the same; the caller says that others may not know
            return False
        return True


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except FileNotFoundError:
        return 0
    except OSError:
        return -1  # unreadable: differs from the start's number, so it counts as revoked


class CurrentPolicy:
    """The one place that knows which services are on. `watch` looks at the settings files again."""

    def __init__(
        self,
        policy: Policy,
        revocations: Revocations,
        watch: Lazy[SettingsWatch],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._policy = policy
        self.provider: str = policy.provider  # for the metadata of records
        self.local = policy.mode == "local"  # records end in the ledger, nothing is sent
        self._states = {row.name: ON if row.enabled else _OFF for row in policy.rows}
        self._states.update(dict.fromkeys(policy.withdrawn, WITHDRAWN))
        self._silenced_by_files: set[str] = set()
        self._revoked: set[str] = set()  # by another process
        self._revocations = revocations
        self._watch = watch
        self._clock = clock
        self._looked = clock()  # start() has just read the settings files
        self.listeners: list[ServiceListener] = []

    @property
    def policy(self) -> Policy:
        """The policy to show, services that were turned off since `start()` included."""
        gone = [row.name for row in self._policy.rows if row.enabled and not self.check(row.name)]
        withdrawn = [name for name in (*self._policy.silenced, *gone) if self.is_withdrawn(name)]
        if not (gone or withdrawn):
            return self._policy
        from .updates import REVOKED, with_reasons_of, with_services_off

        revoked = [name for name in withdrawn if name in self._revoked]
        found = [name for name in dict.fromkeys((*gone, *withdrawn)) if name not in revoked]
        policy = with_reasons_of(self._policy, found, self._watch.get().policy)
        policy = with_services_off(policy, [name for name in found if policy.service(name).enabled])
        left = [name for name in withdrawn if name not in revoked and name not in policy.withdrawn]
        policy = with_services_off(policy, left, WITHDRAWN)
        return with_services_off(policy, revoked, WITHDRAWN, REVOKED)

    @property
    def any_on(self) -> bool:
        """Whether any service is on."""
        return ON in self._states.values()

    def is_on(self, service: str) -> bool:
        """Tell whether a service is on as far as this process knows; looks at nothing."""
        return self._states.get(service) == ON

    def is_withdrawn(self, service: str) -> bool:
        """Tell whether consent to a service was withdrawn: what waits of it is to be dropped."""
        return self._states.get(service) == WITHDRAWN

    def may_be_kept(self, *services: str) -> bool:
        """Tell whether what was recorded of any service may be on disk: it was on at the start and is not withdrawn.

        A silence does not count: it may end, and what was recorded before it is sent by whoever may.
        """
        return not {ON, SILENCED}.isdisjoint(map(self._states.get, services))

    def check(self, service: str, *, fresh: bool = False) -> bool:
        """Tell whether a service is on: before each drain and each request.

        One `stat` reads other processes' revocations; the settings files are looked at once a second at most, now if
        `fresh`.
        """
        if self._states.get(service) != WITHDRAWN and self._revocations.revoked(service):
            self._revoked.add(service)
            self._change(service, WITHDRAWN)
        now = self._clock()
        if fresh or now - self._looked >= LOOK_AGE:
            self._looked = now
            self._look()
        return self._states.get(service) == ON

    def revoked_since(self, service: str, number: object) -> bool:
        """Tell whether a service was revoked after its revocations had this number."""
        return self._revocations.number(service) != number

    def opt_out(self, services: Sequence[str]) -> tuple[str, ...]:
        """Withdraw consent to services (default: all); return their names. `ValueError` for an unknown one."""
        from .updates import with_opt_out

        policy = with_opt_out(self.policy, services)
        chosen = tuple(services) or tuple(policy.services)
        self._policy = policy
        self._withdraw(chosen)
        return chosen

    def set_provider(self, provider: str, profile: Profile, lifts: Mapping[str, Sequence[str]]) -> None:
        """Note that the host uses another model's provider, which may only turn services off."""
        from .updates import with_provider

        policy = with_provider(self._policy, profile, provider, lifts)
        off = [row.name for row in policy.rows if not row.enabled and self.is_on(row.name)]
        self._policy = policy  # first: listeners log its reasons
        for service in off:
            self._change(service, SILENCED)
        self.provider = policy.provider

    def warn(self, warning: str) -> None:
        """Add a warning to the policy."""
        self._policy = self._policy.replace(warnings=(*self._policy.warnings, warning))

    def add_reason(self, service: str, source: str, variable: str, effect: str) -> None:
        """Add a host's reason that turns nothing off, such as a second destination."""
        from telemetry_sdk._internal.layers import Reason

        reason = Reason(layer="host", source=source, variable=variable, effect=effect)
        rows = (
            row.replace(reasons=(*row.reasons, reason)) if row.name == service else row for row in self._policy.rows
        )
        self._policy = self._policy.replace(rows=tuple(rows))

    def _look(self) -> None:
        """Act on what the settings files say now."""
        off = self._watch.get().look(fresh=True)
        self._withdraw([name for name in off.withdrawn if not self.is_withdrawn(name)])
        for name in off.silenced:
            if self.is_on(name):
                self._silenced_by_files.add(name)
                self._change(name, SILENCED)
        for name in self._silenced_by_files - off.silenced - off.withdrawn:
            self._silenced_by_files.discard(name)
            if self._states[name] == SILENCED:
                self._change(name, ON)

    def _withdraw(self, services: Sequence[str]) -> None:
        for service in services:
            recorded = self._states.get(service) in {ON, SILENCED}
            self._revocations.revoke(service, make_directory=recorded)
            self._change(service, WITHDRAWN)

    def _change(self, service: str, state: str) -> None:
        if self._states.get(service, state) != state:
            self._states[service] = state
            for listener in self.listeners:
                listener.service_changed(service, state)
