"""The policy: immutable values, each with its reasons."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import DEFAULT, WITHDRAWN, Reason
from telemetry_sdk._internal.services import BUG_REPORTS, ERRORS, METRICS

from .._internal.layers import RECEIVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import MappingProxyType
    from typing import Any
else:
    MappingProxyType = type(type.__dict__)

CONFLICT = "conflict"
"""The provider's name where more than one is named, or the policy cannot be determined."""


class ServicePolicy(Frozen):
    """One service: on or off, all reasons (highest layer first), and the destination host, None if unknown."""

    name: str
    enabled: bool
    reasons: tuple[Reason, ...] = ()
    destination: str | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether the user withdrew consent, among other reasons or not."""
        return any(reason.kind == WITHDRAWN for reason in self.reasons)

    def turned_off(self, reason: Reason) -> ServicePolicy:
        """Return this service turned off, with one more reason."""
        kept = self.reasons if not self.enabled else tuple(r for r in self.reasons if r.layer != DEFAULT)
        return self.replace(enabled=False, reasons=(*kept, reason))

    def to_json(self) -> dict[str, Any]:
        """Return the fields except the name."""
        reasons = [reason.to_json() for reason in self.reasons]
        return {"enabled": self.enabled, "reasons": reasons, "destination": self.destination}


class HostChoices(Frozen):
    """The choices of the application's code, as given to `start()`.

    `off`: services off for this run; `opted_out`: services that the user turned off in the application's own settings;
    `lift_provider_default`: provider -> services that stay on with it; `retention_days`: for local files;
    `at_exit`: "detach", "wait" or "leave".
    """

    off: tuple[str, ...] = ()
    opted_out: tuple[str, ...] = ()
    lift_provider_default: Mapping[str, Sequence[str]] = MappingProxyType({})
    retention_days: int | None = None
    at_exit: str = "detach"


class FileStatus(Frozen):
    """A settings file that was looked for.

    `state` is "missing", "read" or "broken"; `fingerprint` changes whenever the file does
    (see `settings_file.fingerprint`).
    """

    layer: str
    path: str
    state: str
    fingerprint: tuple[int, ...]

    def to_json(self) -> dict[str, str]:
        """Return layer, path and state."""
        return {"layer": self.layer, "path": self.path, "state": self.state}


class Setting(Frozen):
    """A `TELEMETRY_SDK_...` value of a trusted settings file, never shown; "" cancels the value of lower layers."""

    layer: str
    source: str
    name: str
    value: str

    def __repr__(self) -> str:
        return f"telemetry_sdk.Setting(layer={self.layer!r}, name={self.name!r}, value=<hidden>)"


class Policy(Frozen):
    """What may be sent, and why.

    `provider`: the profile's name of the first party, a provider's name, "other" or "conflict"; `first_party`: it is
    the first party; `rows`: the services in the profile's order; `ignored`: keys that had no effect (not allowed in a
    project's settings, or unknown but similar to ours); `retention_days`: None if undetermined, then nothing is
    deleted; `files`: all settings files looked for; `settings`: trusted values for endpoints and state; `profile`:
    its name; `mode`: "local" (never send) or ""; `at_exit`: "detach", "wait" or "leave"; `project_directories`: a
    state directory below one of them is not used; `switches`: for each service the variable that turns it off;
    `client_certificate`: the variables of a client certificate.
    """

    provider: str
    first_party: bool = False
    rows: tuple[ServicePolicy, ...]
    warnings: tuple[str, ...] = ()
    ignored: tuple[Reason, ...] = ()
    retention_days: int | None = None
    files: tuple[FileStatus, ...] = ()
    settings: tuple[Setting, ...] = ()
    profile: str = ""
    mode: str = ""
    at_exit: str = "leave"
    project_directories: tuple[str, ...] = ()
    switches: tuple[tuple[str, str], ...] = ()
    client_certificate: tuple[str, ...] = ()

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
        """Bug reports; on means available, each is sent only by the user's act."""
        return self.service(BUG_REPORTS)

    def service(self, name: str) -> ServicePolicy:
        """Return a service by name; one that is not in the profile is off."""
        for row in self.rows:
            if row.name == name:
                return row
        reason = Reason(layer=DEFAULT, source="profile", variable="", effect="off: no such service")
        return ServicePolicy(name=name, enabled=False, reasons=(reason,))

    @property
    def withdrawn(self) -> tuple[str, ...]:
        """The services whose consent the user withdrew: what is kept of them is to be deleted."""
        return tuple(row.name for row in self.rows if row.withdrawn)

    @property
    def silenced(self) -> tuple[str, ...]:
        """The services that are off for another reason: nothing of them is deleted."""
        return tuple(row.name for row in self.rows if not row.enabled and not row.withdrawn)

    @property
    def receiver(self) -> str:
        """The URL of a development receiver, "" if unset. It holds a token: do not show it."""
        return next((setting.value for setting in self.settings if setting.name == RECEIVER), "")

    def explain(self) -> str:
        """Return the policy as text for people, without colour, ending in a newline."""
        from telemetry_sdk._internal.shapes import printable

        from .explain import describe_reason, describe_retention

        lines = [f"profile: {self.profile}", f"provider: {self.provider}"]
        lines += [f"mode: {self.mode}"] if self.mode else []
        lines += ["development receiver: set by TELEMETRY_SDK_RECEIVER"] if self.receiver else []
        for row in self.rows:
            destination = f", sends to {row.destination}" if row.destination else ""
            lines.append(f"{row.name}: {'on' if row.enabled else 'off'}{destination}")
            lines += [f"    {describe_reason(reason)}" for reason in row.reasons]
        lines.append("to turn off: " + ", ".join(f"{name} {variable}=1" for name, variable in self.switches))
        lines.append(f"local files are kept: {describe_retention(self.retention_days)}")
        lines += [f"warning: {printable(warning)}" for warning in self.warnings]
        lines += [f"ignored: {describe_reason(reason)}" for reason in self.ignored]
        return "\n".join(lines) + "\n"

    def to_json(self) -> dict[str, Any]:
        """Return what `telemetry-sdk status --json` prints: strings, numbers, lists and dicts; no secrets."""
        return {
            "provider": self.provider,
            "services": {row.name: row.to_json() for row in self.rows},
            "warnings": list(self.warnings),
            "ignored": [reason.to_json() for reason in self.ignored],
            "withdrawn": list(self.withdrawn),
            "silenced": list(self.silenced),
            "profile": self.profile,
            "mode": self.mode,
            "at_exit": self.at_exit,
            "development_receiver": bool(self.receiver),
            "turn_off": dict(self.switches),
            "retention_days": self.retention_days,
            "settings_files": [file.to_json() for file in self.files],
        }
