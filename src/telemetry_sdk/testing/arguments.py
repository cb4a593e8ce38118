"""The addresses of the kit's clients: those that an application names, the kit's own in place of missing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telemetry_sdk.endpoints.endpoint import (
    ARGUMENTS,
    BUG_REPORT_TOKEN,
    BUG_REPORT_URL,
    SENTRY_DSN,
    STATSIG_BASE,
    STATSIG_KEY,
    STATSIG_URL,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTRY = "https://public@sentry.example/1"
BUG_REPORTS = "https://bugs.example/v1/reports"
URLS = (f"{STATSIG_BASE}/log_event", "https://sentry.example/api/1/envelope/", BUG_REPORTS)
"""Where requests to the kit's own addresses go, by service as in `ANSWERS`."""
ANSWERS = {
    "metrics": (202, {"success": True}),
    "errors": (200, {"id": "0" * 32}),
    "bug_reports": (200, {"feedback_id": "mock"}),
}
"""The status and the JSON body of each service's answer."""


def _bug_report_auth() -> tuple[str, str]:
    return "Authorization", "Bearer mock"


SERVICES: tuple[Mapping[str, Any], ...] = (
    {STATSIG_KEY: "client-mock", STATSIG_URL: STATSIG_BASE},
    {SENTRY_DSN: SENTRY},
    {BUG_REPORT_URL: BUG_REPORTS, BUG_REPORT_TOKEN: _bug_report_auth},
)
"""For each service its variables with the kit's values; the arguments of `start()` have other names."""


def all_addresses() -> dict[str, Any]:
    """Return the kit's addresses of all services, as arguments of `start()`."""
    return {ARGUMENTS[name]: value for service in SERVICES for name, value in service.items()}


def complete_addresses(given: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments with the kit's addresses for each service of which nothing is named."""
    whole = dict(given)
    for service in SERVICES:
        if not any(given[ARGUMENTS[name]] is not None or name in environ for name in service):
            whole |= {ARGUMENTS[name]: value for name, value in service.items()}
    return whole
