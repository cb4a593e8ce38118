"""The layers of a policy: their names, the variables that they may set, and the reasons that they give.

A `Reason` says why a service is on or off; it is part of the policy and of `BugReportRefused`.
"""

from __future__ import annotations

from .frozen import Frozen

MANAGED = "managed settings"
HOST = "host"
HOST_FILE = "host-named settings"
LOCAL_PROJECT = "local project settings"
PROJECT = "project settings"
CHOICE = "user's choice"
USER = "user settings"
ENVIRONMENT = "environment"
DEFAULT = "default"
LAYERS = (MANAGED, HOST, HOST_FILE, LOCAL_PROJECT, PROJECT, CHOICE, USER, ENVIRONMENT, DEFAULT)
"""Highest first: for explaining, and for values that are not opt-outs. Opt-outs of all layers are united."""

RESTRICT_ONLY = frozenset((PROJECT, LOCAL_PROJECT, HOST_FILE))
"""Files that a repository or a flag can name: they turn off, and delete nothing."""

OWN_PREFIX = "TELEMETRY_SDK_"
MODE = "TELEMETRY_SDK_MODE"
AT_EXIT = "TELEMETRY_SDK_AT_EXIT"
RECEIVER = "TELEMETRY_SDK_RECEIVER"
LOCAL = "local"  # the value of `MODE` with which nothing is sent
LOCAL_HOME = "TELEMETRY_SDK_LOCAL_HOME"  # the home directory in that mode, for tests: the user's stays as it is

TRUSTED = (
    "TELEMETRY_SDK_STATSIG_KEY",
    "TELEMETRY_SDK_STATSIG_URL",
    "TELEMETRY_SDK_SENTRY_DSN",
    "TELEMETRY_SDK_BUG_REPORT_URL",
    "TELEMETRY_SDK_BUG_REPORT_TOKEN",
    "TELEMETRY_SDK_STATE_DIR",
    "TELEMETRY_SDK_DEBUG",
    "TELEMETRY_SDK_STRICT",
)
"""Set by the environment, user and managed settings."""

OWN_VARIABLES = (*TRUSTED, MODE, AT_EXIT, RECEIVER, LOCAL_HOME)

MANAGED_ONLY = ("TELEMETRY_SDK_GITHUB_REPOSITORY",)
"""The repository for public issues is set by the host or by managed settings only."""

KNOWN_VARIABLES = (*OWN_VARIABLES, *MANAGED_ONLY)

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS")
NETWORK = (*PROXIES, *CERTIFICATES)
"""Set by the environment, user and managed settings, in any case of letters."""

NOT_READ = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables of other tools for the same purpose, listed as ignored where a settings file sets them."""

HOST_SOURCE = "the application"  # the source of what the host's code chose
WITHDRAWN = "withdrawn"  # the user withdrew consent: what is kept of the service is deleted
SILENCED = "silenced"  # this process neither records nor sends; nothing is deleted
BROKEN = "broken"  # silenced by a broken file, until it can be read again
UNAVAILABLE = "unavailable"  # silenced by a provider or a missing endpoint; a bug report may be drafted


class Reason(Frozen):
    """The layer, its source (a file, or what else), the variable if any, and the effect.

    `kind` is one of the constants above for a reason that turns a service off, else "".
    """

    layer: str
    source: str
    variable: str
    effect: str
    kind: str = ""

    def to_json(self) -> dict[str, str]:
        """Return layer, source, variable and effect."""
        return {"layer": self.layer, "source": self.source, "variable": self.variable, "effect": self.effect}
