"""The trusted layers that may set endpoints. For each service the highest layer that sets anything is used alone.

Endpoint and credential come from one layer, so that a URL of one layer never receives the key of another.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk.policy.layers import ENVIRONMENT, HOST, MANAGED, USER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk.policy import Policy

STATSIG_KEY = "TELEMETRY_SDK_STATSIG_KEY"
STATSIG_URL = "TELEMETRY_SDK_STATSIG_URL"
SENTRY_DSN = "TELEMETRY_SDK_SENTRY_DSN"
BUG_REPORT_URL = "TELEMETRY_SDK_BUG_REPORT_URL"
BUG_REPORT_TOKEN = "TELEMETRY_SDK_BUG_REPORT_TOKEN"  # noqa: S105 - the name of a variable
VARIABLES = (STATSIG_KEY, STATSIG_URL, SENTRY_DSN, BUG_REPORT_URL, BUG_REPORT_TOKEN)

ARGUMENTS = {
    STATSIG_KEY: "statsig_key",
    STATSIG_URL: "statsig_url",
    SENTRY_DSN: "sentry_dsn",
    BUG_REPORT_URL: "bug_report_url",
    BUG_REPORT_TOKEN: "bug_report_auth",
}
"""The argument of `start()` for each variable."""


class EndpointSource(Frozen):
    """The values of one layer, by variable."""

    layer: str
    source: str
    values: Mapping[str, object]

    def name_of(self, variable: str) -> str:
        """Return the variable's name in this layer: the argument's name for the host."""
        return ARGUMENTS[variable] if self.layer == HOST else variable

    def __repr__(self) -> str:
        return f"telemetry_sdk.EndpointSource(layer={self.layer!r}, names={sorted(self.values)!r})"


def endpoint_sources(policy: Policy, environ: Mapping[str, object], host: Mapping[str, object]) -> list[EndpointSource]:
    """Return the trusted layers, highest first.

    "" or null in a settings file cancels the variable of lower layers, except the host's code.
    """
    cancelled: set[str] = set()
    managed = _settings(policy, MANAGED, cancelled)
    arguments = {name: stripped(value) for name, value in host.items() if value is not None}
    user = _settings(policy, USER, cancelled)
    process = {
        name: stripped(environ[name]) for name in VARIABLES if name not in cancelled and not _blank(environ.get(name))
    }
    return [
        managed,
        EndpointSource(layer=HOST, source="the application", values=arguments),
        user,
        EndpointSource(layer=ENVIRONMENT, source="process environment", values=process),
    ]


def _settings(policy: Policy, layer: str, cancelled: set[str]) -> EndpointSource:
    """Return the values of a settings layer; add the variables that it cancels to `cancelled`."""
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
                values[setting.name] = stripped(setting.value)
    return EndpointSource(layer=layer, source=source, values=values)


def stripped(value: object) -> object:
    """Return a text without the blanks around it: people paste keys and URLs with them."""
    return value.strip(" \t\r\n") if isinstance(value, str) else value


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def select_source(
    sources: list[EndpointSource], service: str, variables: tuple[str, ...]
) -> tuple[EndpointSource | None, list[str]]:
    """Return the layer that sets a service's endpoint, and warnings about values of lower layers."""
    setting = [source for source in sources if any(name in source.values for name in variables)]
    if not setting:
        return None, []
    first, *lower = setting
    warnings = [
        f"{name} in {source.layer} ({source.source}) is ignored: {first.layer} ({first.source}) sets the endpoint of "
        f"{service}, and endpoint and credential must come from one layer"
        for source in lower
        for name in variables
        if name in source.values
    ]
    return first, warnings
