"""The SDK's own variables, and those that only some layers may set."""

from __future__ import annotations

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
"""The repository for public issues is set by the host or by managed settings only."""

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
"""Proxies and certificates, in any case: ignored and listed where a settings file sets them."""
