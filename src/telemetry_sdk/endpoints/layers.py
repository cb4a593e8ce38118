"""Who names an endpoint: the highest trusted layer that speaks of a service speaks alone.

Endpoint and credential come from one layer, so that a URL set by one never receives another's key.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk.policy.profile import ENVIRONMENT, HOST, MANAGED, USER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk.policy import Policy

STATSIG_KEY = "TELEMETRY_SDK_STATSIG_KEY"
STATSIG_URL = "TELEMETRY_SDK_STATSIG_URL"
SENTRY_DSN = "TELEMETRY_SDK_SENTRY_DSN"
BUG_REPORT_URL = "TELEMETRY_SDK_BUG_REPORT_URL"
BUG_REPORT_TOKEN = "TELEMETRY_SDK_BUG_REPORT_TOKEN"  # noqa: S105 - a variable's name
VARIABLES = (STATSIG_KEY, STATSIG_URL, SENTRY_DSN, BUG_REPORT_URL, BUG_REPORT_TOKEN)

ARGUMENTS = {
    STATSIG_KEY: "statsig_key",
    STATSIG_URL: "statsig_url",
    SENTRY_DSN: "sentry_dsn",
    BUG_REPORT_URL: "bug_report_url",
    BUG_REPORT_TOKEN: "bug_report_auth",
}
"""The argument by which the host's code says the same as the variable."""


class Voice(Frozen):
    """What one layer says, by variable."""

    layer: str
    source: str
    values: Mapping[str, object]

    def calls(self, variable: str) -> str:
        """Return the name under which this layer knows a variable."""
        return ARGUMENTS[variable] if self.layer == HOST else variable

    def __repr__(self) -> str:
        return f"telemetry_sdk.Voice(layer={self.layer!r}, names={sorted(self.values)!r})"


def voices(policy: Policy, environ: Mapping[str, object], host: Mapping[str, object]) -> list[Voice]:
    """Return the trusted layers' words, highest first.

    A settings file's "" or null takes a variable away from the layers below it, the host's code excepted.
    """
    cancelled: set[str] = set()
    managed = _settings(policy, MANAGED, cancelled)
    arguments = {name: value for name, value in host.items() if value is not None}
    user = _settings(policy, USER, cancelled)
    process = {name: environ[name] for name in VARIABLES if name not in cancelled and not _blank(environ.get(name))}
    return [
        managed,
        Voice(layer=HOST, source="the application", values=arguments),
        user,
        Voice(layer=ENVIRONMENT, source="process environment", values=process),
    ]


def _settings(policy: Policy, layer: str, cancelled: set[str]) -> Voice:
    """Return a settings file's words, and note what it and those above it cancel."""
    above = frozenset(cancelled)
    values: dict[str, object] = {}
    source = layer
    for setting in policy.settings:
        if setting.layer == layer and setting.name in VARIABLES and setting.name not in above:
            source = setting.source
            if _blank(setting.value):
                cancelled.add(setting.name)
                values.pop(setting.name, None)
            else:
                values[setting.name] = setting.value
    return Voice(layer=layer, source=source, values=values)


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def pick(said: list[Voice], service: str, variables: tuple[str, ...]) -> tuple[Voice | None, list[str]]:
    """Return the layer that speaks for a service, and warnings on those below it that are not heard."""
    speaking = [voice for voice in said if any(name in voice.values for name in variables)]
    if not speaking:
        return None, []
    first, *rest = speaking
    warnings = [
        f"{name} of {voice.layer} ({voice.source}) is ignored: {first.layer} ({first.source}) says where "
        f"{service} go, and endpoint and credential come from one layer"
        for voice in rest
        for name in variables
        if name in voice.values
    ]
    return first, warnings
