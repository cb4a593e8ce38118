"""Telemetry for agent applications: metrics, errors and bug reports that ask first, leak nothing and never hang.

    import telemetry_sdk

    client = telemetry_sdk.start(app="acme-agent", version="1.4.2", statsig_key="client-...", sentry_dsn="https://...")

Names are loaded at their first use: importing this package loads nothing else.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from . import privacy
    from .bug_report import BugReportDraft, Consent, Outcome, Preview
    from .client import TelemetryClient
    from .events import Event
    from .exceptions import BugReportRefused, ConsentError, DraftError, EventError, NetworkFailure, TelemetryError
    from .policy import CLAUDE_CODE, Policy, Profile, Provider, Switch, resolve_policy
    from .startup import get_client, start

    __version__: str

__all__ = [
    "CLAUDE_CODE",
    "BugReportDraft",
    "BugReportRefused",
    "Consent",
    "ConsentError",
    "DraftError",
    "Event",
    "EventError",
    "NetworkFailure",
    "Outcome",
    "Policy",
    "Preview",
    "Profile",
    "Provider",
    "Switch",
    "TelemetryClient",
    "TelemetryError",
    "__version__",
    "get_client",
    "privacy",
    "resolve_policy",
    "start",
]

_MODULES = {
    "bug_report": ("BugReportDraft", "Consent", "Outcome", "Preview"),
    "client": ("TelemetryClient",),
    "exceptions": (
        "BugReportRefused",
        "ConsentError",
        "DraftError",
        "EventError",
        "NetworkFailure",
        "TelemetryError",
    ),
    "events": ("Event",),
    "policy": ("CLAUDE_CODE", "Policy", "Profile", "Provider", "Switch", "resolve_policy"),
    "startup": ("get_client", "start"),
}


def _module(name: str) -> ModuleType:
    """Return a module of this package; importlib's front door would load warnings, too."""
    return __import__(f"{__name__}.{name}", fromlist=("__name__",))


if not TYPE_CHECKING:  # to a type checker a name that is not there is an error

    def __getattr__(name: str) -> object:
        """Load a public name at its first use."""
        if name == "privacy":
            return _module(name)
        if name == "__version__":
            return _module("_internal.version").VERSION
        for module, names in _MODULES.items():
            if name in names:
                found = globals()[name] = getattr(_module(module), name)
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
