"""For applications' tests: clients whose network is a respx router. Needs `telemetry-sdk[testing]`.

    def test_my_agent(telemetry_mock):
        client = telemetry_mock.start(app="acme-agent", version="1.4.2")
        ...
        assert telemetry_mock.metrics[0]["eventName"] == "tool_use"

The fixture `telemetry_mock` comes with the package, as a pytest plugin; `mocked()` is the same without pytest.
`telemetry_mock.metrics`, `.errors`, `.bug_reports` are what was sent, `.losses` what was dropped, by reason. A request
that no route of `telemetry_mock.router` answers fails the test, and so does in strict mode (`environ={
"TELEMETRY_SDK_STRICT": "1"}`) what failed inside a client. A marker sets the policy:

    @pytest.mark.telemetry_policy("DISABLE_TELEMETRY")  # variables to set to 1; also environ={...}
    @pytest.mark.telemetry_policy(provider="bedrock")  # arguments of start(): provider, off, opted_out, ...
    def test_my_agent_without_metrics(telemetry_mock): ...
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .mock import TelemetryMock, UnexpectedRequestError, mocked

__all__ = ["TelemetryMock", "UnexpectedRequestError", "mocked"]


def __getattr__(name: str) -> object:
    """Load a public name at its first use."""
    if name in __all__:
        from . import mock

        return getattr(mock, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
