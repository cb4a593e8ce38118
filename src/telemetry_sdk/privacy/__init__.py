"""Cleaning functions for applications. Names are loaded at their first use."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..redaction import redact_secrets
    from .exceptions import clean_exception
    from .sentry_items import clean_sentry_item

__all__ = ["clean_exception", "clean_sentry_item", "redact_secrets"]


if not TYPE_CHECKING:  # to a type checker a name that is not there is an error

    def __getattr__(name: str) -> object:
        """Load a public name at its first use."""
        if name == "clean_exception":
            from .exceptions import clean_exception

            return clean_exception
        if name == "clean_sentry_item":
            from .sentry_items import clean_sentry_item

            return clean_sentry_item
        if name == "redact_secrets":
            from ..redaction import redact_secrets

            return redact_secrets
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
