"""The table of an application's services, switches, providers and settings files."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import LOCAL_PROJECT, PROJECT
from telemetry_sdk._internal.services import BUG_REPORTS, ERRORS, METRICS, SERVICES
from telemetry_sdk._internal.shapes import is_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeVar

    Row = TypeVar("Row", bound=Frozen)

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

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")


class Truth(Frozen):
    """Which values of a variable restrict: whether a "no" does too, and whether any other word causes a warning.

    | class | unset, empty | `1 true yes on` | `0 false no off` | anything else |
    | --- | --- | --- | --- | --- |
    | presence | no | yes | yes, with a warning | yes |
    | boolean | no | yes | no | yes |
    | flag | no | yes | no | yes, with a warning |

    Case and surrounding whitespace do not matter.
    """

    name: str
    no_restricts: bool
    other_warns: bool


PRESENCE = Truth(name="presence", no_restricts=True, other_warns=False)
BOOLEAN = Truth(name="boolean", no_restricts=False, other_warns=False)
FLAG = Truth(name="flag", no_restricts=False, other_warns=True)


def restricts(text: str, truth: Truth) -> tuple[bool, str]:
    """Return whether a value restricts, and a warning or ""."""
    word = text.strip().lower()
    if not word or word in YES:
        return bool(word), ""
    if word in NO:
        warning = f"is {word!r} and still opts out; unset it to opt in" if truth.no_restricts else ""
        return truth.no_restricts, warning
    return True, "is not a boolean and counts as set" if truth.other_warns else ""


OTHER = "other"
"""The name of a third-party provider that a profile does not list."""


class Switch(Frozen):
    """An opt-out: an environment variable, the services that it turns off, and which values count.

    `truth`: `PRESENCE` (any value) or `FLAG` (not "0", "false", "no", "off"). Raises ValueError for a wrong field.
    """

    variable: str
    services: tuple[str, ...]
    truth: Truth = PRESENCE

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        from .profile_checks import check_switch

        check_switch(self, Truth)


class Provider(Frozen):
    """A third-party model provider, its variable, and the services that are off with it unless the host lifts that.

    `part_of`: the name of a provider that it may be combined with, without a conflict. Raises ValueError for a wrong
    field; the name "other" is reserved.
    """

    name: str
    variable: str
    off: tuple[str, ...] = SERVICES
    truth: Truth = FLAG
    part_of: str = ""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        from .profile_checks import check_provider

        check_provider(self, Truth, OTHER)


def built_in(kind: type[Row], **values: Any) -> Row:
    """Return a row or profile of the SDK's own, which the tests check: at a start it takes too long."""
    row = kind.__new__(kind)
    Frozen.__init__(row, **values)
    return row


COMMON_SWITCHES = (
    built_in(Switch, variable="DISABLE_TELEMETRY", services=(METRICS,)),
    built_in(Switch, variable="DISABLE_ERROR_REPORTING", services=(ERRORS,)),
    built_in(Switch, variable="DISABLE_BUG_COMMAND", services=(BUG_REPORTS,)),
    built_in(Switch, variable="DISABLE_FEEDBACK_COMMAND", services=(BUG_REPORTS,)),
    built_in(Switch, variable="DO_NOT_TRACK", services=(METRICS, ERRORS), truth=FLAG),
)
"""The switches that applications share."""


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
        from .profile_checks import check_profile

        check_profile(self, Switch, Provider)

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

    def names_provider(self, variable: str) -> bool:
        """Whether a variable names a provider, a known or an unknown one."""
        prefix = self.unknown_provider_prefix
        unknown = bool(prefix) and variable.startswith(prefix) and variable not in self.no_providers
        return unknown or any(row.variable == variable for row in self.providers)

    def variable_for(self, service: str) -> str:
        """Return the switch that turns off this service and as little else as possible, "" if there is none."""
        fitting = [switch for switch in self.switches if service in switch.services]
        return min(fitting, key=lambda switch: len(switch.services)).variable if fitting else ""


CLAUDE_CODE = built_in(
    Profile,
    name="claude-code",
    switches=(
        *COMMON_SWITCHES,
        built_in(Switch, variable="CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", services=SERVICES),
    ),
    providers=(
        built_in(Provider, name="bedrock", variable="CLAUDE_CODE_USE_BEDROCK"),
        built_in(Provider, name="vertex", variable="CLAUDE_CODE_USE_VERTEX"),
        built_in(Provider, name="foundry", variable="CLAUDE_CODE_USE_FOUNDRY"),
        built_in(Provider, name="anthropic-aws", variable="CLAUDE_CODE_USE_ANTHROPIC_AWS"),
        built_in(Provider, name="mantle", variable="CLAUDE_CODE_USE_MANTLE", part_of="bedrock"),
        built_in(Provider, name="anthropic-google-cloud", variable="CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD"),
        built_in(Provider, name="gateway", variable="CLAUDE_CODE_USE_GATEWAY"),
    ),
    unknown_provider_prefix="CLAUDE_CODE_USE_",
    no_providers=(
        "CLAUDE_CODE_USE_CCR_V2",
        "CLAUDE_CODE_USE_COWORK_PLUGINS",
        "CLAUDE_CODE_USE_NATIVE_FILE_SEARCH",
        "CLAUDE_CODE_USE_POWERSHELL_TOOL",
    ),
    managed_files=(
        ("darwin", "/Library/Application Support/ClaudeCode/managed-settings.json"),
        ("darwin", "/Library/Managed Preferences/{user}/com.anthropic.claudecode.plist"),
        ("darwin", "/Library/Managed Preferences/com.anthropic.claudecode.plist"),
        ("win32", "C:\\Program Files\\ClaudeCode\\managed-settings.json"),
        ("win32", "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode"),
        ("win32", "HKEY_CURRENT_USER\\SOFTWARE\\Policies\\ClaudeCode"),
        ("", "/etc/claude-code/managed-settings.json"),
    ),
    user_file=".claude/settings.json",
    config_dir_variable="CLAUDE_CONFIG_DIR",
    project_files=(
        (LOCAL_PROJECT, ".claude/settings.local.json"),
        (PROJECT, ".claude/settings.json"),
    ),
    client_certificate=(
        "CLAUDE_CODE_CLIENT_CERT",
        "CLAUDE_CODE_CLIENT_KEY",
        "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
    ),
    hints=(*HINTS, "CLAUDE_CODE_USE_"),
)
"""The default profile: the switches, providers and settings files of Claude Code."""
