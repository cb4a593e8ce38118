"""Which model provider is used, and what is off with it."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import ENVIRONMENT, HOST, HOST_SOURCE, RESTRICT_ONLY, UNAVAILABLE, Reason
from telemetry_sdk._internal.shapes import printable_name

from .model import CONFLICT
from .profile import FLAG, OTHER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .profile import Profile, Provider, Truth
    from .settings_file import SettingsFile

UNKNOWN_LIMIT = 20
"""Unknown providers of one resolution that are listed; one is enough to turn everything off."""


class ProviderEffect(Frozen):
    """The provider's name, the reasons that turn services off, notes, and warnings."""

    name: str
    first_party: bool = False
    off: tuple[tuple[tuple[str, ...], Reason], ...] = ()
    notes: tuple[tuple[tuple[str, ...], Reason], ...] = ()
    warnings: tuple[str, ...] = ()


class NamedProviders:
    """The providers that variables name, known and unknown ones."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._known: dict[str, Provider] = {row.variable: row for row in profile.providers}
        self._named: dict[Reason, Provider | None] = {}
        self._cancelled: dict[str, Reason] = {}
        self._unknown: dict[str, str] = {}
        self.notes: list[Reason] = []

    def truth(self, name: str) -> Truth:
        """Return which values of a provider's variable count."""
        known = self._known.get(name)
        return known.truth if known else FLAG

    def cancel(self, file: SettingsFile) -> None:
        """Let "" or null, and no other value, cancel the environment's provider variable."""
        values: dict[str, list[object]] = {}
        for name, value in file.env:
            if self._profile.names_provider(name):
                values.setdefault(name, []).append(value)
        for name, found in values.items():
            if all(value is None or value == "" for value in found):
                effect = f"the environment's {self._name(name)} is cancelled"
                reason = Reason(layer=file.layer, source=file.path, variable=printable_name(name), effect=effect)
                self._cancelled.setdefault(name, reason)

    def add(self, layer: str, source: str, name: str) -> None:
        """Add a variable that names a provider."""
        if layer == ENVIRONMENT and name in self._cancelled:
            self.notes.append(self._cancelled[name])
            return
        known = self._known.get(name)
        if known is None:
            if len(self._unknown) >= UNKNOWN_LIMIT:
                return
            self._unknown[name] = source
        effect = f"the provider is {known.name if known else OTHER}"
        self._named[Reason(layer=layer, source=source, variable=printable_name(name), effect=effect)] = known

    def effect(self, lifts: Mapping[str, Sequence[str]], host: object) -> ProviderEffect:
        """Return what the variables and the host's own knowledge turn off; `host` None: it names none."""
        known = [(row, reason) for reason, row in self._named.items() if row]
        names = {row.name for row, _ in known}
        trusted = {row.name for row, reason in known if reason.layer not in RESTRICT_ONLY}
        names = {row.part_of if row.part_of in names else row.name for row, _ in known}
        if len(names) > 1:
            return self._conflict([reason for _, reason in known], names)
        off: list[tuple[tuple[str, ...], Reason]] = []
        notes: list[tuple[tuple[str, ...], Reason]] = []
        for row, reason in known:  # a project's file names no provider whose lift would hold for another
            _add(row.replace(name=row.part_of) if row.part_of in trusted else row, reason, lifts, off, notes)
        warnings = [self._add_unknown(reason, off) for reason, row in self._named.items() if row is None]
        host_name = host_provider(self._profile, host, lifts, off, notes)
        name = host_name or (names.pop() if names else OTHER if self._named else self._profile.first_party)
        return ProviderEffect(
            name=name,
            first_party=not self._named and not host_name,
            off=tuple(off),
            notes=tuple(notes),
            warnings=tuple(warnings),
        )

    def _name(self, variable: str) -> str:
        known = self._known.get(variable)
        return known.name if known else OTHER

    def _add_unknown(self, reason: Reason, off: list[tuple[tuple[str, ...], Reason]]) -> str:
        effect = "off by default with a provider that the profile does not list"
        off.append((self._profile.services, reason.replace(effect=effect, kind=UNAVAILABLE)))
        return f"{reason.variable} in {reason.source} names a provider that is not known here: all services are off"

    def _conflict(self, reasons: list[Reason], names: set[str]) -> ProviderEffect:
        effect = "off: more than one provider is named"
        off = [(self._profile.services, reason.replace(effect=effect, kind=UNAVAILABLE)) for reason in reasons]
        warning = f"more than one provider is named ({', '.join(sorted(names))}): all services are off"
        return ProviderEffect(name=CONFLICT, off=tuple(off), warnings=(warning,))


def host_provider(
    profile: Profile,
    host: object,
    lifts: Mapping[str, Sequence[str]],
    off: list[tuple[tuple[str, ...], Reason]],
    notes: list[tuple[tuple[str, ...], Reason]],
) -> str:
    """Add what the provider that the host names turns off; return its name in the table, "" for the first party."""
    if host is None or host == profile.first_party:
        return ""
    found = [row for row in profile.providers if row.name == host]
    if not found:
        effect = "off by default with a provider that the profile does not list"
        reason = Reason(layer=HOST, source=HOST_SOURCE, variable="provider", effect=effect, kind=UNAVAILABLE)
        off.append((profile.services, reason))
        return OTHER
    for row in found:
        reason = Reason(layer=HOST, source=HOST_SOURCE, variable="provider", effect=f"the provider is {row.name}")
        _add(row, reason, lifts, off, notes)
    return found[0].name


def _add(
    row: Provider,
    reason: Reason,
    lifts: Mapping[str, Sequence[str]],
    off: list[tuple[tuple[str, ...], Reason]],
    notes: list[tuple[tuple[str, ...], Reason]],
) -> None:
    """Add what a provider turns off, and what the host lifts."""
    lifted = tuple(service for service in row.off if service in lifts.get(row.name, ()))
    kept = tuple(service for service in row.off if service not in lifted)
    off.append((kept, reason.replace(effect=f"off by default with {row.name}", kind=UNAVAILABLE)))
    effect = f"lifts the default with {row.name}"
    notes.append((lifted, reason))
    notes.append((lifted, Reason(layer=HOST, source=HOST_SOURCE, variable="", effect=effect)))
