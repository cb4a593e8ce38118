"""Clients of the vendors' packages that are active with a network of their own: outside of this policy."""

from __future__ import annotations

import sys

SENTRY, STATSIG = "sentry_sdk", "statsig"


def outside() -> list[str]:
    """Return the packages of which such a client is active. Imports none that the application has not."""
    return [package for package in (SENTRY, STATSIG) if package in sys.modules and _is_outside(package)]


def _is_outside(package: str) -> bool:
    try:
        if package == SENTRY:
            from . import sentry

            return sentry.outside()
        from .statsig_others import active_others

        return active_others() > 0
    except Exception:  # a version with another inside: the policy's warnings say that it is not bound
        return False
