"""Collects what the layers set: opt-outs, providers, trusted values, and ignored keys."""

from __future__ import annotations

from telemetry_sdk._internal.layers import (
    BROKEN,
    ENVIRONMENT,
    MANAGED,
    RESTRICT_ONLY,
    SILENCED,
    USER,
    WITHDRAWN,
    Reason,
)
from telemetry_sdk._internal.shapes import NAME_LIMIT, printable_name

from .._internal.layers import (
    AT_EXIT,
    KNOWN_VARIABLES,
    LOCAL,
    LOCAL_HOME,
    MANAGED_ONLY,
    MODE,
    NETWORK,
    NOT_READ,
    OWN_PREFIX,
    RECEIVER,
    TRUSTED,
)
from .model import Setting
from .profile import BOOLEAN, PRESENCE, Switch, built_in, restricts
from .settings_file import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .profile import Profile, Truth
    from .providers import NamedProviders, ProviderEffect
    from .settings_file import SettingsFile

UNREADABLE = "?"
"""Stands for a value without a text form: it restricts, like every unknown value."""

LISTED = 50
"""A hostile file may hold thousands of keys; more warnings and ignored keys are not listed."""

SUFFIX_SWITCHES = 20
"""Switches found by their suffix that are listed; each turns the same services off."""

AT_EXIT_VALUES = ("leave", "wait", "detach")
"""From the least to the most that happens at exit."""

NOT_BY_PROJECT = "ignored: project settings may not set this"
CANNOT_LIFT = "ignored: project settings cannot lift anything"


class Findings:
    """Collects the input of one resolution.

    `off`: reasons that turn services off, each with the services; `notes`: reasons that turn nothing off;
    `settings`: trusted values; `mode`: "local" or "".
    """

    def __init__(self, profile: Profile, *, boolean: bool) -> None:
        self.profile = profile
        self.boolean = boolean
        self.switches: dict[str, Switch] = {row.variable: row for row in profile.switches}
        self._near = {(len(s) + more, end) for s in self.switches for more in (-1, 0, 1) for end in (s[:2], s[-2:])}
        self._suffix_switch = built_in(Switch, variable="ANY", services=profile.services)
        self._suffix_left = SUFFIX_SWITCHES
        self._named: NamedProviders | None = None
        self.off: dict[Reason, tuple[str, ...]] = {}
        self.notes: dict[Reason, tuple[str, ...]] = {}
        self.mode = ""
        self.at_exit = AT_EXIT_VALUES[-1]
        self._settings: dict[tuple[str, str], Setting] = {}
        self._warnings: dict[str, None] = {}
        self._ignored: dict[Reason, None] = {}

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The trusted values, highest layer first; within a layer the last file's."""
        return tuple(self._settings.values())

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings, each once."""
        return tuple(self._warnings)

    @property
    def ignored(self) -> tuple[Reason, ...]:
        """The keys without effect, each once."""
        return tuple(self._ignored)

    def add_file(self, file: SettingsFile) -> None:
        """Add a settings file, or the effect of a broken one."""
        if file.problem:
            services = self.profile.services if file.layer == MANAGED else self.profile.broken_settings_turn_off
            effect = f"off: the file {file.problem}"
            self.turn_off(services, Reason(layer=file.layer, source=file.path, variable="", effect=effect, kind=BROKEN))
            self.warn(f"{file.path} {file.problem}")
        if file.layer in {MANAGED, USER}:
            self._cancel_providers(file)
        self.add(file.layer, file.path, file.env)
        for name, _ in file.top:
            if name != self.profile.retention_key and self._resembles_ours(name):
                self.ignore(file.layer, file.path, name, "ignored: variables belong into env")

    def add_environment(self, environ: Mapping[str, object]) -> None:
        """Add the process environment."""
        self.add(ENVIRONMENT, "process environment", ((name, environ[name]) for name in environ))

    def add(self, layer: str, source: str, pairs: Iterable[tuple[str, object]]) -> None:
        """Add the variables of one source."""
        for name, value in pairs:
            text, odd = text_of(value)
            switch = self._switch(name)
            if switch is not None or self.profile.names_provider(name):
                self._restrict(layer, source, name, text, switch)
                if odd:
                    self.warn(f"{printable_name(name)} in {source} is not a string; its text counts")
            elif name in {MODE, AT_EXIT}:
                self._set_run(source, name, text, layer)
            elif name == RECEIVER and layer == ENVIRONMENT:
                self._keep(layer, source, name, text.strip())
            else:
                self._add_other(layer, source, name, text)

    def add_provider(self, lifts: Mapping[str, Sequence[str]], host: object) -> ProviderEffect | None:
        """Add what the providers that variables and the host name turn off; None: none is named but the first party."""
        if self._named is None and (host is None or host == self.profile.first_party):
            return None
        named = self._providers()
        effect = named.effect(lifts, host)
        for warning in effect.warnings:
            self.warn(warning)
        for services, reason in effect.off:
            self.turn_off(services, reason)
        for services, reason in effect.notes:
            self.note(services, reason)
        for reason in named.notes:
            self.note(self.profile.services, reason)
        return effect

    def turn_off(self, services: tuple[str, ...], reason: Reason) -> None:
        """Turn services off for a reason."""
        known = self.off.get(reason, ())
        self.off[reason] = (*known, *(name for name in services if name not in known))

    def note(self, services: tuple[str, ...], reason: Reason) -> None:
        """Add a reason that turns nothing off."""
        self.notes[reason] = services

    def warn(self, text: str) -> None:
        """Add a warning once."""
        if len(self._warnings) < LISTED:
            self._warnings[text] = None

    def ignore(self, layer: str, source: str, name: str, effect: str) -> None:
        """Add an ignored key once."""
        if len(self._ignored) >= LISTED:
            self.warn(f"more than {LISTED} keys are ignored; the others are not listed")
        else:
            self._ignored[Reason(layer=layer, source=source, variable=printable_name(name), effect=effect)] = None

    def _switch(self, name: str) -> Switch | None:
        found = self.switches.get(name)
        if found is None and self._suffix_left and name.endswith(self.profile.switch_suffixes):
            self._suffix_left -= 1
            return self._suffix_switch
        return found

    def _restrict(self, layer: str, source: str, name: str, text: str, switch: Switch | None) -> None:
        """Apply a switch or a provider; a project's value that restricts nothing is listed as ignored."""
        applies, warning = restricts(text, self._truth(switch) if switch else self._providers().truth(name))
        if warning:
            self.warn(f"{printable_name(name)} in {source} {warning}")
        if not applies:
            if layer in RESTRICT_ONLY:
                self.ignore(layer, source, name, CANNOT_LIFT)
        elif switch is None:
            self._providers().add(layer, source, name)
        else:
            kind = SILENCED if layer in RESTRICT_ONLY else WITHDRAWN
            shown = printable_name(name)
            reason = Reason(layer=layer, source=source, variable=shown, effect="off", kind=kind)
            self.turn_off(switch.services, reason)

    def _truth(self, switch: Switch) -> Truth:
        return BOOLEAN if self.boolean and switch.truth == PRESENCE else switch.truth

    def _set_run(self, source: str, name: str, text: str, layer: str) -> None:
        """Apply `TELEMETRY_SDK_MODE` or `TELEMETRY_SDK_AT_EXIT`, which every layer may set: both only restrict."""
        value = text.strip()
        if not value:
            return
        if name == AT_EXIT:
            if value not in AT_EXIT_VALUES[:-1]:
                self.warn(f"{AT_EXIT} in {source} must be 'wait' or 'leave'; 'leave' is used")
                value = AT_EXIT_VALUES[0]
            self.limit_at_exit(value)
        elif value == LOCAL:
            self.mode = LOCAL
            effect = "local mode: records are written to the ledger and not sent"
            self.note(self.profile.services, Reason(layer=layer, source=source, variable=MODE, effect=effect))
        else:
            self.warn(f"{MODE} in {source} must be 'local' or empty: all services are off until it is")
            effect = "off: unknown mode"
            reason = Reason(layer=layer, source=source, variable=MODE, effect=effect, kind=SILENCED)
            self.turn_off(self.profile.services, reason)

    def limit_at_exit(self, value: object) -> None:
        """Lower what happens at exit to `value`; an unknown value is the lowest."""
        known = value if value in AT_EXIT_VALUES else AT_EXIT_VALUES[0]
        self.at_exit = min(self.at_exit, str(known), key=AT_EXIT_VALUES.index)

    def _add_other(self, layer: str, source: str, name: str, text: str) -> None:
        """Keep a trusted value, or list what has no effect."""
        upper = name.upper()
        network = upper in NETWORK or name in self.profile.client_certificate
        if layer == ENVIRONMENT:
            self._suggest(source, name, text)
        elif network or name in TRUSTED or name in MANAGED_ONLY:
            self._keep_trusted(layer, source, name, text, network=network)
        elif upper in NOT_READ or upper in {RECEIVER, LOCAL_HOME}:
            allowed = "not read" if upper in NOT_READ else "only the process environment sets this"
            self.ignore(layer, source, name, NOT_BY_PROJECT if layer in RESTRICT_ONLY else f"ignored: {allowed}")
        elif name not in self.profile.no_providers and self._resembles_ours(name):
            self._suggest(source, name, text)
            self.ignore(layer, source, name, "ignored: unknown")

    def _keep_trusted(self, layer: str, source: str, name: str, text: str, *, network: bool) -> None:
        if layer in RESTRICT_ONLY or (name in MANAGED_ONLY and layer != MANAGED):
            why = NOT_BY_PROJECT if layer in RESTRICT_ONLY else "ignored: only managed settings may set this"
            self.ignore(layer, source, name, why)
        elif text == UNREADABLE and not network:
            effect = "off: the value is not a string"
            reason = Reason(layer=layer, source=source, variable=name, effect=effect, kind=SILENCED)
            self.turn_off(self.profile.services, reason)
        else:
            self._keep(layer, source, name, text)

    def _keep(self, layer: str, source: str, name: str, value: str) -> None:
        self._settings[layer, name] = Setting(layer=layer, source=source, name=name, value=value)

    def _suggest(self, source: str, name: str, text: str) -> None:
        """Warn about a variable that is probably a misspelt switch."""
        meant = self._near_switch(name)
        if meant and text.strip():
            self.warn(f"{printable_name(name)} in {source} has no effect: did you mean {meant}?")

    def _resembles_ours(self, name: str) -> bool:
        plain = name[:NAME_LIMIT].upper().replace("-", "_")
        known = plain in self.switches or self.profile.names_provider(plain) or plain.startswith(OWN_PREFIX)
        return known or any(hint in plain for hint in self.profile.hints) or bool(self._near_switch(name))

    def _near_switch(self, name: str) -> str:
        """Return the switch that a variable was probably meant to be; few variables are compared closely."""
        plain = name[: NAME_LIMIT + 1].upper().replace("-", "_")
        if plain in KNOWN_VARIABLES:
            return ""
        near = {(len(plain), plain[:2]), (len(plain), plain[-2:])} & self._near
        if near or "TELEMETRY" in plain or "TRACK" in plain:
            from .near_miss import near_switch

            known = KNOWN_VARIABLES if plain.startswith(OWN_PREFIX) else self.switches
            return near_switch(plain, known)
        return ""

    def _providers(self) -> NamedProviders:
        """Return the providers that variables name; few environments name one."""
        if self._named is None:
            from .providers import NamedProviders

            self._named = NamedProviders(self.profile)
        return self._named

    def _cancel_providers(self, file: SettingsFile) -> None:
        if any(self.profile.names_provider(name) for name, _ in file.env):
            self._providers().cancel(file)


def text_of(value: object) -> tuple[str, bool]:
    """Return a value's text, and whether it was not a string; None is unset, like ""."""
    if value is None:
        return "", False
    if isinstance(value, str):
        return str(value), isinstance(value, Number)
    if isinstance(value, bool):
        return ("true" if value else "false"), True
    if isinstance(value, bytes):
        return value.decode("ascii", "replace"), True
    if isinstance(value, int) and value in {0, 1}:
        return ("1" if value else "0"), True
    return UNREADABLE, True
