"""The SDK's own variables, and those of proxies and certificates, with the layers that may set them."""

from __future__ import annotations

OWN_PREFIX = "TELEMETRY_SDK_"
MODE = "TELEMETRY_SDK_MODE"
AT_EXIT = "TELEMETRY_SDK_AT_EXIT"
RECEIVER = "TELEMETRY_SDK_RECEIVER"

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

OWN_VARIABLES = (*TRUSTED, MODE, AT_EXIT, RECEIVER)

MANAGED_ONLY = ("TELEMETRY_SDK_GITHUB_REPOSITORY",)
"""The repository for public issues is set by the host or by managed settings only."""

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS")
NETWORK = (*PROXIES, *CERTIFICATES)
"""Set by the environment, user and managed settings, in any case of letters."""

NOT_READ = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables of other tools for the same purpose, listed as ignored where a settings file sets them."""
