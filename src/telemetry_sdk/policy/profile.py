"""The table of an application's services, switches, providers and settings files."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.services import ERRORS, METRICS, SERVICES
from telemetry_sdk._internal.shapes import is_release

from .layers import LOCAL_PROJECT, PROJECT
from .profile_checks import check_choice, check_pairs, check_rows, check_text, check_texts
from .switches import COMMON_SWITCHES, Provider, Switch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

HINTS = (
    "TELEMETRY",
    "ERROR_REPORT",
    "BUG_COMMAND",
    "BUG_REPORT",
    "FEEDBACK",
    "NONESSENTIAL",
    "DO_NOT_TRACK",
    "CLEANUPPERIOD",
    "STATSIG",
    "SENTRY",
)
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


class Profile(Frozen):
    """An application's table. The default is `CLAUDE_CODE`; a new provider is one row.

    `managed_files`: pairs of a `sys.platform` ("": every other one) and a path; one ending in ".plist" is a property
    list, one beginning with "HKEY_" a registry key whose value `Settings` holds JSON; `{user}` is the login name.
    `user_file`, `project_files`: relative to the home directory and to each project directory, with "/".
    `config_dir_variable`: the environment variable that names another directory for the user file.
    `unknown_provider_prefix`: a true variable of this prefix that is neither in `providers` nor in `no_providers`
    is an unknown third party; "": no such rule.
    `switch_suffixes`: every variable that ends with one of them turns all services off.
    `client_certificate`: the variables of a client certificate, its key and the key's passphrase.
    `broken_settings_turn_off`: the services that a broken settings file turns off (a managed one: all).
    `repository_mark`: links in project files may lead to anywhere below the directory that holds it.
    `hints`: an unknown key whose name contains one of these is listed as ignored.

    Raises ValueError, with the expected value, for a wrong field.
    """

    name: str
    switches: tuple[Switch, ...]
    providers: tuple[Provider, ...] = ()
    services: tuple[str, ...] = SERVICES
    first_party: str = "first-party"
    unknown_provider_prefix: str = ""
    no_providers: tuple[str, ...] = ()
    switch_suffixes: tuple[str, ...] = ()
    managed_files: tuple[tuple[str, str], ...] = ()
    user_file: str
    config_dir_variable: str = ""
    project_files: tuple[tuple[str, str], ...]
    client_certificate: tuple[str, ...] = ()
    repository_mark: str = ".git"
    broken_settings_turn_off: tuple[str, ...] = (METRICS, ERRORS)
    retention_key: str = "cleanupPeriodDays"
    retention_days: int = 30
    hints: tuple[str, ...] = HINTS

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        owner = f"profile {self.name!r}"
        for field in ("name", "first_party", "user_file", "repository_mark", "retention_key"):
            check_text(owner, field, getattr(self, field))
        for field in ("unknown_provider_prefix", "config_dir_variable"):
            check_text(owner, field, getattr(self, field), empty=True)
        for field in ("services", "no_providers", "switch_suffixes", "client_certificate", "hints"):
            check_texts(owner, field, getattr(self, field))
        check_texts(owner, "broken_settings_turn_off", self.broken_settings_turn_off)
        check_rows(owner, "switches", self.switches, Switch)
        check_rows(owner, "providers", self.providers, Provider)
        for field in ("managed_files", "project_files"):
            check_pairs(owner, field, getattr(self, field))
        self._check_references(owner)

    def _check_references(self, owner: str) -> None:
        rows = [(switch.variable, switch.services) for switch in self.switches]
        rows += [(provider.variable, provider.off) for provider in self.providers]
        for name, services in (*rows, ("broken_settings_turn_off", self.broken_settings_turn_off)):
            for service in services:
                check_choice(owner, name, service, self.services)
        names = tuple(provider.name for provider in self.providers)
        for provider in self.providers:
            check_choice(owner, f"part_of of {provider.variable}", provider.part_of, ("", *names))
        for layer, _ in self.project_files:
            check_choice(owner, "project_files", layer, (LOCAL_PROJECT, PROJECT))
        days: object = self.retention_days
        if not isinstance(days, int) or isinstance(days, bool) or days < 1:
            raise ValueError(f"{owner}: retention_days must be an integer of at least 1, got {days!r}")

    @classmethod
    def for_app(cls, app: str, *, switches: Iterable[Switch] = ()) -> Profile:
        """Return a profile for an application: the common switches, its own variables and its own settings files.

        The variables' prefix is the name in capitals, all characters but A-Z and 0-9 replaced by "_". Raises
        ValueError for a name that cannot be a directory's, or a wrong switch.
        """
        if not is_release(app) or app[0] in ".-" or "@" in app:
            raise ValueError(f"Profile.for_app: app must be a short name such as 'acme-agent', got {app!r}")
        prefix = "".join(c if c in _CAPITALS else "_" for c in app.upper())
        return cls(
            name=app,
            switches=(
                *COMMON_SWITCHES,
                Switch(variable=f"{prefix}_TELEMETRY_DISABLED", services=(METRICS, ERRORS)),
                Switch(variable=f"{prefix}_DISABLE_NONESSENTIAL_TRAFFIC", services=SERVICES),
                *switches,
            ),
            providers=tuple(
                Provider(name=name, variable=f"{prefix}_USE_{name.upper()}")
                for name in ("bedrock", "vertex", "foundry")
            ),
            managed_files=(
                ("darwin", f"/Library/Application Support/{app}/managed-settings.json"),
                ("win32", f"C:\\Program Files\\{app}\\managed-settings.json"),
                ("", f"/etc/{app}/managed-settings.json"),
            ),
            user_file=f".config/{app}/settings.json",
            project_files=((LOCAL_PROJECT, f".{app}/settings.local.json"), (PROJECT, f".{app}/settings.json")),
            hints=(*HINTS, f"{prefix}_USE_"),
        )

    def variable_for(self, service: str) -> str:
        """Return the switch that turns off this service and as little else as possible, "" if there is none."""
        fitting = [switch for switch in self.switches if service in switch.services]
        return min(fitting, key=lambda switch: len(switch.services)).variable if fitting else ""
