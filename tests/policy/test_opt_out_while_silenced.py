"""An opt-out of a service that is silenced deletes what other runs left of it, and reaches running processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import telemetry_sdk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from telemetry_sdk import TelemetryClient
    from telemetry_sdk.receiver import Receiver

    from .conftest import World

SILENCES: dict[str, dict[str, Any]] = {"provider": {"provider": "bedrock"}, "off": {"off": ("metrics",)}, "broken": {}}


class Left(telemetry_sdk.Event, name="left"):
    n: int


def kept(state: Path) -> list[str]:
    return [path.name for path in state.rglob("*") if path.name.endswith((".m.0.0.-.open", ".wait", "installation-id"))]


@pytest.fixture
def state(home: World) -> Path:
    return home.home / "state"


@pytest.fixture
def other(start: Callable[..., TelemetryClient], state: Path, receiver: Receiver) -> TelemetryClient:
    """Another run, with an event that waits on disk."""
    receiver.hang("metrics")
    client = start(state_dir=state, bug_report_url=None, bug_report_auth=None)
    client.log_event(Left(n=1))
    assert client.flush_sync(20, to="spool")
    assert len(kept(state)) > 1
    return client


@pytest.fixture(params=SILENCES)
def silenced(
    request: pytest.FixtureRequest,
    start: Callable[..., TelemetryClient],
    home: World,
    state: Path,
    other: TelemetryClient,
) -> TelemetryClient:
    """A client whose metrics are silenced from the start, while the other run's are on."""
    if request.param == "broken":
        home.write("user", b"{")
    client = start(state_dir=state, **SILENCES[request.param])
    home.user.unlink(missing_ok=True)
    assert "metrics" in client.policy.silenced
    assert other.policy.metrics.enabled
    assert kept(state)
    return client


def test_a_call_deletes_at_once_and_stops_other_processes(
    silenced: TelemetryClient, other: TelemetryClient, state: Path
) -> None:
    silenced.opt_out("metrics", persist=False)
    assert kept(state) == []
    assert not other.policy.metrics.enabled
    assert silenced.policy.withdrawn == ("metrics",)


@pytest.mark.usefixtures("looks_at_every_check", "other")
def test_an_edited_file_deletes_at_the_next_look(
    start: Callable[..., TelemetryClient], home: World, state: Path
) -> None:
    client = start(state_dir=state, off=("metrics",))
    home.env("user", DISABLE_TELEMETRY="1")
    assert client.policy.errors.enabled, "the check of another service looks"
    assert kept(state) == []
    assert client.policy.withdrawn == ("metrics",)


@pytest.mark.usefixtures("looks_at_every_check")
def test_an_edited_file_is_shown_as_the_users_withdrawal(
    start: Callable[..., TelemetryClient], home: World, state: Path
) -> None:
    client = start(state_dir=state)
    home.env("user", DISABLE_TELEMETRY="1")
    home.env("project", DISABLE_ERROR_REPORTING="1")
    policy = client.policy
    assert (policy.withdrawn, policy.silenced) == (("metrics",), ("errors",))


@pytest.mark.usefixtures("looks_at_every_check")
def test_an_opt_out_in_the_environment_of_one_process_stops_no_other(
    start: Callable[..., TelemetryClient],
    home: World,
    state: Path,
    other: TelemetryClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as environment:
        environment.setenv("DISABLE_TELEMETRY", "1")
        client = start(state_dir=state)
    assert client.policy.withdrawn == ("metrics",)
    home.env("user", EDITOR="vi")
    assert client.policy.errors.enabled
    assert other.policy.metrics.enabled
