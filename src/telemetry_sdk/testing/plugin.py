"""The pytest plugin. Every pytest run of a project that installs the package loads it, so it imports little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .mock import TelemetryMock


@pytest.fixture
def telemetry_mock(tmp_path: Path) -> Iterator[TelemetryMock]:
    """Start clients whose requests a respx router answers; nothing reaches the network.

    At the end the clients are drained and closed, then the router stops. A request without a route, or while the
    router is not active, fails the test.
    """
    from .mock import mocked

    with mocked(state_dir=tmp_path / "telemetry-state") as mock:
        yield mock
