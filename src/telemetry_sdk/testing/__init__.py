"""For applications' tests: clients whose network is a respx router. Needs `telemetry-sdk[testing]`.

    def test_my_agent(telemetry_mock):
        client = telemetry_mock.start(app="acme-agent", version="1.4.2")
        ...
        assert telemetry_mock.metrics[0]["eventName"] == "tool_use"

The fixture `telemetry_mock` comes with the package, as a pytest plugin; `mocked()` is the same without pytest.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .mock import TelemetryMock, mocked

__all__ = ["TelemetryMock", "mocked"]


def __getattr__(name: str) -> object:
    """Load a public name at its first use."""
    if name in __all__:
        from . import mock

        return getattr(mock, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
