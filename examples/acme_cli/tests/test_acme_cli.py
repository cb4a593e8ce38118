"""The application's tests: its own `start()` is taken over; nothing leaves the machine."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from acme_cli import Counted, count, main

import telemetry_sdk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def text(tmp_path: Path) -> str:
    """Return the path of a file of two lines."""
    path = tmp_path / "text.txt"
    path.write_text("one\ntwo\n", "utf-8")
    return str(path)


def test_counting_is_measured(telemetry_mock: Any, text: str) -> None:
    """The declared class comes back, though the client is closed."""
    assert main([text]) == 0
    (event,) = telemetry_mock.metrics
    assert (type(event), event.kind, event.ok) == (Counted, "lines", True)
    assert telemetry_mock.losses == {}


def test_a_missing_file_is_reported_without_its_name(telemetry_mock: Any) -> None:
    """An error and the failed measure."""
    assert main(["/secret/place.txt"]) == 1
    assert [error.type for error in telemetry_mock.errors] == ["FileNotFoundError"]
    assert [event.ok for event in telemetry_mock.metrics] == [False]
    assert "secret" not in repr(telemetry_mock.errors)


@pytest.mark.parametrize("switch", ["DO_NOT_TRACK", "DISABLE_TELEMETRY"])
def test_an_opt_out_is_obeyed(telemetry_mock: Any, text: str, monkeypatch: pytest.MonkeyPatch, switch: str) -> None:
    """What `monkeypatch` sets is seen."""
    monkeypatch.setenv(switch, "1")
    assert main([text]) == 0
    assert telemetry_mock.metrics == []


@pytest.mark.telemetry_policy(provider="bedrock")
def test_a_third_party_provider_turns_metrics_off(telemetry_mock: Any, text: str) -> None:
    """By a marker."""
    main([text])
    assert telemetry_mock.metrics == []


def test_threads_share_the_client(telemetry_mock: Any, text: str) -> None:
    """What each thread recorded is seen, once the client is closed."""
    with telemetry_sdk.start(app="acme-cli", version="0.1"):
        threads = [threading.Thread(target=count, args=(text,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(telemetry_mock.metrics) == len(threads)


async def test_on_an_event_loop(telemetry_mock: Any, text: str) -> None:
    """On asyncio and on trio."""
    assert main([text]) == 0
    assert len(telemetry_mock.metrics) == 1


def test_without_the_fixture_nothing_is_sent(text: str) -> None:
    """A start is in local mode, in subprocesses, too."""
    assert main([text]) == 0
    assert telemetry_sdk.get_client().policy.mode == "local"
    source = "import telemetry_sdk; print(telemetry_sdk.start(app='acme-cli', version='1').policy.mode)"
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "local\n"
