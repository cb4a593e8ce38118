"""The errors that this package raises: only the bug report's calls raise; all else is counted.

    TelemetryError
    ├── BugReportRefused    the policy forbids it; `.reasons` says why
    ├── DraftError          a part cannot be read or made
    ├── ConsentError        what would leave is not what was agreed to
    ├── EventError          an event does not fit its declaration (strict mode)
    └── NetworkFailure      no answer came (raised by egress, caught by who sends)

They print as `telemetry_sdk.X`, the place to import them from.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._internal.layers import Reason


class TelemetryError(Exception):
    """The root of this package's errors."""

    __module__ = "telemetry_sdk"


class BugReportRefused(TelemetryError):
    """Bug reports are off. `.reasons` holds every reason (layer, source, variable, effect)."""

    __module__ = "telemetry_sdk"

    def __init__(self, message: str, reasons: tuple[Reason, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class DraftError(TelemetryError):
    """A part of a bug report cannot be read, or the report cannot be made of it."""

    __module__ = "telemetry_sdk"


class ConsentError(TelemetryError):
    """The consent was given for other bytes, another host, or another setter of that host."""

    __module__ = "telemetry_sdk"


class EventError(TelemetryError):
    """An event that is not declared, or does not fit its declaration; raised in strict mode only."""

    __module__ = "telemetry_sdk"


class NetworkFailure(TelemetryError):
    """No usable answer came: name, connection, TLS, deadline, or a captive portal's page."""

    __module__ = "telemetry_sdk"
