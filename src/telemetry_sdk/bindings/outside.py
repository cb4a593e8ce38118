"""Clients of the vendors' packages that are active with a network of their own: outside of this policy."""

from __future__ import annotations

import sys

SENTRY, STATSIG = "sentry_sdk", "statsig"


def outside() -> list[str]:
    """Return the packages of which such a client is active. Imports none that the application has not."""
    found: list[str] = []
    if SENTRY in sys.modules:
        from . import sentry

        found += [SENTRY] if sentry.outside() else []
    return found
