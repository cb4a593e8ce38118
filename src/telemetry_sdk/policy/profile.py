"""What an application's switches, providers and settings files are: data, no code.

`CLAUDE_CODE` is the default. Another application passes its own `Profile`; a new provider is one row.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen

from .truth import FLAG, PRESENCE, Truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

METRICS, ERRORS, BUG_REPORTS = "metrics", "errors", "bug_reports"
SERVICES = (METRICS, ERRORS, BUG_REPORTS)

MANAGED = "managed settings"
HOST = "host"
LOCAL_PROJECT = "local project settings"
PROJECT = "project settings"
USER = "user settings"
ENVIRONMENT = "environment"
DEFAULT = "default"
LAYERS = (MANAGED, HOST, LOCAL_PROJECT, PROJECT, USER, ENVIRONMENT, DEFAULT)
"""Highest first: for explaining, and for values that are not opt-outs. Opt-outs of all layers are united."""

OWN_PREFIX = "TELEMETRY_SDK_"
OWN_VARIABLES = (
    "TELEMETRY_SDK_STATSIG_KEY",
    "TELEMETRY_SDK_STATSIG_URL",
    "TELEMETRY_SDK_SENTRY_DSN",
    "TELEMETRY_SDK_BUG_REPORT_URL",
    "TELEMETRY_SDK_BUG_REPORT_TOKEN",
    "TELEMETRY_SDK_STATE_DIR",
    "TELEMETRY_SDK_DEBUG",
    "TELEMETRY_SDK_STRICT",
)
MANAGED_ONLY = ("TELEMETRY_SDK_GITHUB_REPOSITORY",)
"""The target of public issues comes from the host or managed settings, from nobody else."""

PROCESS_ONLY = (
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "CLAUDE_CODE_CLIENT_CERT",
    "CLAUDE_CODE_CLIENT_KEY",
    "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
)
"""Proxies and certificates, in any case: a settings file that names one is listed, never followed."""


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
    """An application's table; raises ValueError where a row names a service that the table does not have.

    User and project files are named with "/", from the home directory and from each project directory.
    `managed_files` are pairs of a `sys.platform` and a path; "" stands for every other platform.
    `broken_settings_turn_off`: what a settings file that cannot be understood turns off (a managed one: all).
    `hints`: parts of a key's name that make an unknown key worth listing.
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


CLAUDE_CODE = Profile(
    name="claude-code",
    switches=(
        Switch(variable="DISABLE_TELEMETRY", services=(METRICS,)),
        Switch(variable="DISABLE_ERROR_REPORTING", services=(ERRORS,)),
        Switch(variable="DISABLE_BUG_COMMAND", services=(BUG_REPORTS,)),
        Switch(variable="DISABLE_FEEDBACK_COMMAND", services=(BUG_REPORTS,)),
        Switch(variable="CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", services=SERVICES),
        Switch(variable="DO_NOT_TRACK", services=(METRICS, ERRORS), truth=FLAG),
    ),
    providers=(
        Provider(name="bedrock", variable="CLAUDE_CODE_USE_BEDROCK"),
        Provider(name="vertex", variable="CLAUDE_CODE_USE_VERTEX"),
        Provider(name="foundry", variable="CLAUDE_CODE_USE_FOUNDRY"),
    ),
    managed_files=(
        ("darwin", "/Library/Application Support/ClaudeCode/managed-settings.json"),
        ("win32", "C:\\Program Files\\ClaudeCode\\managed-settings.json"),
        ("", "/etc/claude-code/managed-settings.json"),
    ),
    user_file=".claude/settings.json",
    project_files=(
        (LOCAL_PROJECT, ".claude/settings.local.json"),
        (PROJECT, ".claude/settings.json"),
    ),
    hints=(
        "TELEMETRY",
        "ERROR_REPORT",
        "BUG_COMMAND",
        "BUG_REPORT",
        "FEEDBACK",
        "NONESSENTIAL",
        "DO_NOT_TRACK",
        "CLAUDE_CODE_USE_",
        "CLEANUPPERIOD",
        "STATSIG",
        "SENTRY",
    ),
)
