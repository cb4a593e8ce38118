"""The pytest plugin. Every pytest run of a project that installs the package loads it, so it imports little.

While it is loaded, `telemetry_sdk.start()` is in local mode, with a temporary home, in subprocesses, too.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from .run import isolated_run

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from .mock import TelemetryMock
    from .run import RespxStarts

MARKER = "telemetry_policy"
CHOICES = ("off", "opted_out", "provider", "lift_provider_default", "profile", "settings_file", "truth", "settings")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; keep what the run starts from the network and from the user's files."""
    stack = ExitStack()
    starts = stack.enter_context(isolated_run())
    config.pluginmanager.register(UnexpectedTraffic(starts))
    config.add_cleanup(stack.close)
    config.addinivalue_line(
        "markers",
        f"{MARKER}(*switches, environ={{}}, {', '.join(f'{name}=...' for name in CHOICES)}): the policy of the clients "
        "of telemetry_mock: environment variables to set to 1, others, and arguments of start()",
    )


class UnexpectedTraffic:
    """Fails a test whose clients made a request that its own respx router did not answer, after its fixtures ended."""

    def __init__(self, starts: RespxStarts) -> None:
        self._starts = starts

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin the test."""
        self._starts.begin_test(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """End it. Requests that are made later are no longer its own."""
        result = yield
        self._starts.end_test()
        return result


@pytest.fixture
def telemetry_mock(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TelemetryMock]:
    """Start clients whose requests a respx router answers; nothing reaches the network.

    `@pytest.mark.telemetry_policy(...)` sets their policy; those of class and module are added to the test's own.
    At the end the clients are drained and closed, then the router stops. A request without a route, or while the
    router is not active, fails the test, and in strict mode whatever failed inside a client.
    """
    from .mock import mocked

    environ, choices = _policy(request.node)
    with mocked(state_dir=tmp_path / "telemetry-state", environ=environ, **choices) as mock:
        yield mock


def _policy(node: pytest.Item) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the variables and arguments of all markers; the closest one's value of a name counts."""
    environ: dict[str, str] = {}
    choices: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers(MARKER))):
        unknown = sorted(mark.kwargs.keys() - {"environ", *CHOICES})
        if unknown:
            known = ", ".join(("environ", *CHOICES))
            raise pytest.UsageError(f"{MARKER} of {node.nodeid} has no argument {unknown[0]!r}; it takes {known}")
        environ |= {**dict.fromkeys(mark.args, "1"), **mark.kwargs.get("environ", {})}
        choices |= {name: mark.kwargs[name] for name in CHOICES if name in mark.kwargs}
    return environ, choices
