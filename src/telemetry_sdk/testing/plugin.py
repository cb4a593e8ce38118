"""The pytest plugin; light, because every pytest run of every project that installs the package loads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .mock import TelemetryMock


@pytest.fixture
def telemetry_mock(tmp_path: Path) -> Iterator[TelemetryMock]:
    """Own the creation of clients whose requests a respx router answers; nothing reaches the network.

    At the end the clients are closed and drained, then the router stops. A request that no route answers, or
    that comes when the router is not active, fails the test.
    """
    from .mock import mocked

    with mocked(state_dir=tmp_path / "telemetry-state") as mock:
        yield mock
