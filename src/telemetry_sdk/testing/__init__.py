"""For applications' tests: a respx router in the network's place. Needs `telemetry-sdk[testing]`.

    def test_my_agent(telemetry_mock):
        acme_agent.main()  # its own `telemetry_sdk.start()` is taken over
        assert telemetry_mock.metrics == [ToolUse(tool="bash", ok=True)]

The fixture `telemetry_mock` comes with the package, as a pytest plugin; `mocked()` is the same without pytest.
`.metrics` are instances of the declared classes, `.errors` and `.bug_reports` values, `.requests` the raw requests,
`.losses` what was dropped, by reason; each first sends what still waits, of closed clients, too. A test fails when
a request finds no route of `telemetry_mock.router`, and in strict mode, which is the default, when something failed
inside a client. `monkeypatch.setenv` and a marker set the policy; the shell's variables and the user's files do not:

    @pytest.mark.telemetry_policy("DISABLE_TELEMETRY")  # variables to set to 1; also environ={...}
    @pytest.mark.telemetry_policy(settings={"env": {"DO_NOT_TRACK": "1"}})  # the user's settings file
    @pytest.mark.telemetry_policy(provider="bedrock")  # arguments of start(): provider, off, opted_out, ...
    def test_my_agent_without_metrics(telemetry_mock): ...

Without the fixture, `start()` in a test run is in local mode, with a temporary home for its files; its subprocesses
inherit that. While a respx router is active, it gets the requests instead.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .mock import TelemetryMock, UnexpectedRequestError, mocked
    from .sent import SentBugReport, SentError, SentMetric, SentRequest

_MODULES = {
    "mock": ("TelemetryMock", "UnexpectedRequestError", "mocked"),
    "sent": ("SentBugReport", "SentError", "SentMetric", "SentRequest"),
}
__all__ = [
    "SentBugReport",
    "SentError",
    "SentMetric",
    "SentRequest",
    "TelemetryMock",
    "UnexpectedRequestError",
    "mocked",
]


def __getattr__(name: str) -> object:
    """Load a public name at its first use."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(__import__(f"{__name__}.{module}", fromlist=("__name__",)), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
