"""The answer: a policy is pure data, each part of it with its reasons."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen

from .profile import BUG_REPORTS, DEFAULT, ERRORS, METRICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import MappingProxyType
    from typing import Any
else:
    MappingProxyType = type(type.__dict__)


class Reason(Frozen):
    """Why: the layer, the file (or what else) that speaks, the variable if any, and what follows."""

    layer: str
    source: str
    variable: str
    effect: str

    def to_json(self) -> dict[str, str]:
        """Return the four fields."""
        return {field: getattr(self, field) for field in self._fields}


class ServicePolicy(Frozen):
    """One service: on or off, all reasons (highest layer first), and the host it would send to, if known."""

    name: str
    enabled: bool
    reasons: tuple[Reason, ...] = ()
    destination: str | None = None

    def turned_off(self, reason: Reason) -> ServicePolicy:
        """Return this service off, for one more reason."""
        kept = self.reasons if not self.enabled else tuple(r for r in self.reasons if r.layer != DEFAULT)
        return self.replace(enabled=False, reasons=(*kept, reason))


class HostChoices(Frozen):
    """What the application's own code says: services off, providers' defaults lifted, retention in days."""

    off: tuple[str, ...] = ()
    lift_provider_default: tuple[str, ...] = ()
    retention_days: int | None = None


class Place(Frozen):
    """A settings file that was looked for.

    `state` is "missing", "read" or "broken"; `mark` changes whenever the file does (see `settings.mark_of`).
    """

    layer: str
    path: str
    state: str
    mark: tuple[int, ...]


class Setting(Frozen):
    """A `TELEMETRY_SDK_...` value of a trusted settings file; "" cancels lower layers'. Never shown."""

    layer: str
    source: str
    name: str
    value: str

    def __repr__(self) -> str:
        return f"telemetry_sdk.Setting(layer={self.layer!r}, name={self.name!r}, value=<hidden>)"


class Policy(Frozen):
    """What may be sent, and why.

    `provider` is "first-party", a provider's name or "conflict"; `rows` the services in the profile's order;
    `ignored` the keys that were not followed: a project's attempts, and unknown keys that look like ours;
    `retention_days` None where it cannot be determined: then nothing is swept;
    `places` all settings files looked for; `settings` the trusted values for endpoints and state;
    `erased` the services whose old spool and id are to be deleted at this start.
    """

    provider: str
    rows: tuple[ServicePolicy, ...]
    warnings: tuple[str, ...] = ()
    ignored: tuple[Reason, ...] = ()
    retention_days: int | None = None
    places: tuple[Place, ...] = ()
    settings: tuple[Setting, ...] = ()
    erased: tuple[str, ...] = ()

    @property
    def services(self) -> MappingProxyType[str, ServicePolicy]:
        """The services by name, read-only."""
        return MappingProxyType({row.name: row for row in self.rows})

    @property
    def metrics(self) -> ServicePolicy:
        """Operational metrics (Statsig)."""
        return self.service(METRICS)

    @property
    def errors(self) -> ServicePolicy:
        """Error reports (Sentry)."""
        return self.service(ERRORS)

    @property
    def bug_reports(self) -> ServicePolicy:
        """Bug reports; on means available, nothing is sent without the user's act."""
        return self.service(BUG_REPORTS)

    def service(self, name: str) -> ServicePolicy:
        """Return a service by name; one that the profile does not have is off."""
        for row in self.rows:
            if row.name == name:
                return row
        reason = Reason(layer=DEFAULT, source="profile", variable="", effect="off: no such service")
        return ServicePolicy(name=name, enabled=False, reasons=(reason,))

    def erases(self, service: str) -> bool:
        """Whether the environment, the user or managed settings opt out, so that old spool and id go.

        A project's opt-out, a provider's default, a file that cannot be read and the host's code silence
        a service; they delete nothing.
        """
        return service in self.erased

    def explain(self) -> str:
        """Return the policy as text for people, without colour, ending in a newline."""
        from .explain import explain

        return explain(self)

    def to_json(self) -> dict[str, Any]:
        """Return what `telemetry-sdk status --json` prints: strings, numbers, lists and dicts only."""
        from .explain import document

        return document(self)
