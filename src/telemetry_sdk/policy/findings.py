"""Collects what the layers set: opt-outs, providers, trusted values, and ignored keys."""

from __future__ import annotations

from telemetry_sdk._internal.reason import Reason

from .layers import ENVIRONMENT, MANAGED, PROJECT_LAYERS, USER
from .model import Setting
from .truth import BOOLEAN, PRESENCE, UNREADABLE, restricts, text_of
from .variables import MANAGED_ONLY, OWN_PREFIX, OWN_VARIABLES, PROCESS_ONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .profile import Profile, Provider, Switch
    from .settings_file import SettingsFile
    from .truth import Truth

IGNORED_LIMIT = 50
"""A hostile file may hold thousands of keys; more are not listed."""

NAME_LIMIT = 80

NOT_BY_PROJECT = "ignored: project settings may not set this"
CANNOT_LIFT = "ignored: project settings cannot lift anything"


def printable(name: str) -> str:
    """Return a foreign name bounded and without control or direction characters."""
    kept = "".join(c if c.isprintable() else "\ufffd" for c in name[:NAME_LIMIT])
    return kept if len(name) <= NAME_LIMIT else kept + "..."


class Findings:
    """Collects the input of one resolution.

    `off`: services and the reason that turns them off; `notes`: reasons that turn nothing off;
    `named`: the selected providers, each with its reason; `erased`: services whose data is to be deleted.
    """

    def __init__(self, profile: Profile, *, boolean: bool) -> None:
        self.profile = profile
        self.boolean = boolean
        self.switches: dict[str, Switch] = {row.variable: row for row in profile.switches}
        self.providers: dict[str, Provider] = {row.variable: row for row in profile.providers}
        self.off: list[tuple[tuple[str, ...], Reason]] = []
        self.notes: list[tuple[tuple[str, ...], Reason]] = []
        self.named: list[tuple[Provider, Reason]] = []
        self.cancelled: dict[str, Reason] = {}
        self.settings: list[Setting] = []
        self.erased: list[str] = []
        self.warnings: list[str] = []
        self.ignored: list[Reason] = []

    def add_file(self, file: SettingsFile) -> None:
        """Add a settings file, or the effect of a broken one."""
        if file.problem:
            services = self.profile.broken_settings_turn_off
            self.turn_off(
                self.profile.services if file.layer == MANAGED else services,
                Reason(layer=file.layer, source=file.path, variable="", effect=f"off: the file {file.problem}"),
            )
            self.warn(f"{file.path} {file.problem}")
        if file.layer in {MANAGED, USER}:
            self._cancel(file)
        self.add(file.layer, file.path, file.env)
        for name, _ in file.top:
            if name != self.profile.retention_key and self._looks_like_ours(name):
                self.ignore(file.layer, file.path, name, "ignored: variables belong into env")

    def add_environment(self, variables: Iterable[tuple[str, object]]) -> None:
        """Add switches and providers of the process environment."""
        self.add(ENVIRONMENT, "process environment", variables)

    def add(self, layer: str, source: str, pairs: Iterable[tuple[str, object]]) -> None:
        """Add the variables of one source."""
        for name, value in pairs:
            text, odd = text_of(value)
            if name in self.switches or name in self.providers:
                self._restrict(layer, source, name, text)
                if odd:
                    self.warn(f"{name} in {source} is not a string; its text counts")
            elif name in OWN_VARIABLES or name in MANAGED_ONLY:
                self._own(layer, source, name, text)
            elif name.upper() in PROCESS_ONLY:
                allowed = "ignored: only the process environment sets this"
                self.ignore(layer, source, name, NOT_BY_PROJECT if layer in PROJECT_LAYERS else allowed)
            elif self._looks_like_ours(name):
                self.ignore(layer, source, name, "ignored: unknown")

    def turn_off(self, services: tuple[str, ...], reason: Reason) -> None:
        """Turn services off for a reason."""
        self.off.append((services, reason))

    def warn(self, text: str) -> None:
        """Add a warning once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def ignore(self, layer: str, source: str, name: str, effect: str) -> None:
        """Add an ignored key once."""
        reason = Reason(layer=layer, source=source, variable=printable(name), effect=effect)
        if len(self.ignored) >= IGNORED_LIMIT:
            self.warn(f"more than {IGNORED_LIMIT} keys are ignored; the others are not listed")
        elif reason not in self.ignored:
            self.ignored.append(reason)

    def _restrict(self, layer: str, source: str, name: str, text: str) -> None:
        """Apply a switch or a provider; a project's value that restricts nothing is listed as ignored."""
        provider = self.providers.get(name)
        applies, warning = restricts(text, provider.truth if provider else self._truth(self.switches[name]))
        if warning:
            self.warn(f"{name} in {source} {warning}")
        if not applies:
            if layer in PROJECT_LAYERS:
                self.ignore(layer, source, name, CANNOT_LIFT)
        elif provider is None:
            services = self.switches[name].services
            self.turn_off(services, Reason(layer=layer, source=source, variable=name, effect="off"))
            if layer not in PROJECT_LAYERS:
                self.erased += services
        elif layer == ENVIRONMENT and name in self.cancelled:
            self.notes.append((self.profile.services, self.cancelled[name]))
        else:
            effect = f"the provider is {provider.name}"
            self.named.append((provider, Reason(layer=layer, source=source, variable=name, effect=effect)))

    def _truth(self, switch: Switch) -> Truth:
        return BOOLEAN if self.boolean and switch.truth == PRESENCE else switch.truth

    def _own(self, layer: str, source: str, name: str, text: str) -> None:
        """Keep a trusted value; one that is neither text nor number turns everything off."""
        if layer in PROJECT_LAYERS or (name in MANAGED_ONLY and layer != MANAGED):
            why = NOT_BY_PROJECT if layer in PROJECT_LAYERS else "ignored: only managed settings may set this"
            self.ignore(layer, source, name, why)
        elif text == UNREADABLE:
            reason = Reason(layer=layer, source=source, variable=name, effect="off: the value is not a string")
            self.turn_off(self.profile.services, reason)
        else:
            self.settings.append(Setting(layer=layer, source=source, name=name, value=text))

    def _cancel(self, file: SettingsFile) -> None:
        """Let "" or null, and no other value, cancel the environment's provider variable."""
        for name, provider in self.providers.items():
            values = file.env.values_of(name)
            if values and all(value is None or value == "" for value in values):
                effect = f"the environment's {provider.name} is cancelled"
                reason = Reason(layer=file.layer, source=file.path, variable=name, effect=effect)
                self.cancelled.setdefault(name, reason)

    def _looks_like_ours(self, name: str) -> bool:
        plain = name[:NAME_LIMIT].upper().replace("-", "_")
        known = plain in self.switches or plain in self.providers or plain.startswith(OWN_PREFIX)
        return known or any(hint in plain for hint in self.profile.hints)
