"""Settings files that are torn, or rewritten a thousand times, while a client records."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

import telemetry_sdk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from telemetry_sdk import TelemetryClient
    from telemetry_sdk.receiver import Receiver

    from .conftest import World

SAVES = 1000
OTHERS = 20  # events of another run


class Save(telemetry_sdk.Event, name="save"):
    n: int


class Writer(threading.Thread):
    """Saves the file as an editor does that truncates and writes; the last content is whole."""

    def __init__(self, path: Path, env: dict[str, str]) -> None:
        super().__init__()
        self._path = path
        self._env = env
        self.torn = 0

    def run(self) -> None:
        for number in range(SAVES):
            text = json.dumps({"env": self._env, "number": number})
            with self._path.open("w") as file:
                file.write(text[: len(text) // 2])
                file.flush()
                self.torn += 1
                file.write(text[len(text) // 2 :])


def waiting(client: TelemetryClient) -> int:
    return client.stats()["directory"]["waiting"].get("metrics", 0)


@pytest.mark.usefixtures("looks_at_every_check")
@pytest.mark.parametrize("cancels", [False, True], ids=["plain", "cancels a provider"])
def test_a_thousand_torn_saves_delete_nothing_and_end_with_the_service_on(
    start: Callable[..., TelemetryClient],
    home: World,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    cancels: bool,
) -> None:
    env = {"CLAUDE_CODE_USE_BEDROCK": ""} if cancels else {"EDITOR": "vi"}
    home.env("user", **env)
    state = home.home / "state"
    if cancels:
        monkeypatch.setenv("CLAUDE_CODE_USE_BEDROCK", "1")
    receiver.hang("metrics")
    other = start(state_dir=state)
    for n in range(OTHERS):
        other.log_event(Save(n=n))
    assert other.flush_sync(20, to="spool")
    identity = next(state.rglob("installation-id"))
    kept = identity.read_text()

    client = start(state_dir=state)
    writer = Writer(home.user, env)
    writer.start()
    silenced = recorded = 0
    while writer.is_alive():
        client.log_event(Save(n=recorded))
        recorded += 1
        silenced += not client.policy.metrics.enabled
    writer.join()

    assert writer.torn == SAVES
    assert silenced > 0, "no look met a torn file"
    assert client.policy.metrics.enabled
    assert other.policy.metrics.enabled
    assert client.flush_sync(20, to="spool")
    stats: dict[str, Any] = client.stats()
    assert stats["dropped"] == {}
    assert waiting(client) == OTHERS + stats["accepted"]
    assert identity.read_text() == kept
    receiver.release()
    client.log_event(Save(n=-1))
    assert client.flush_sync(20)
    assert other.flush_sync(20)
    assert receiver.wait_for(metrics=OTHERS + stats["accepted"] + 1, timeout=20)


@pytest.mark.usefixtures("looks_at_every_check")
def test_a_silence_before_the_first_drain_keeps_the_record_on_disk(
    start: Callable[..., TelemetryClient], home: World, receiver: Receiver
) -> None:
    client = start(state_dir=home.home / "state", notice=True)  # nothing is drained until the notice was shown
    client.log_event(Save(n=1))
    home.write("user", b"{")
    assert not client.policy.metrics.enabled
    client.notice_shown()
    assert client.flush_sync(20, to="spool")
    assert client.stats()["storage"] == "disk"
    assert waiting(client) == 1
    assert receiver.metrics() == []
    home.env("user", EDITOR="vi")
    assert client.policy.metrics.enabled
    client.log_event(Save(n=2))
    assert client.flush_sync(20)
    assert receiver.wait_for(metrics=2, timeout=20)
