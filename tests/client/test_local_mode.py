"""TELEMETRY_SDK_MODE=local: records end in the ledger, in a state of their own; nothing is sent."""

from __future__ import annotations

import telemetry_sdk
from telemetry_sdk import ledger


class Local(telemetry_sdk.Event, name="local_event"):
    n: int


def test_records_end_in_the_ledger_and_nothing_is_sent(start, world, receiver, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_MODE", "local")
    client = start(state_dir=world / "state")
    client.log_event(Local(n=1))
    client.capture_exception(ValueError())
    assert not client.flush_sync(20), "nothing is delivered"
    assert receiver.requests() == []
    app = world / "state" / "acme-agent"
    assert [path.name for path in app.iterdir() if path.is_dir()] == ["local"]
    entries = list(ledger.read(str(app / "local")))
    assert sorted((entry.service, entry.reason) for entry in entries) == [
        ("errors", "not sent: local mode"),
        ("metrics", "not sent: local mode"),
    ]
    assert client.stats()["directory"]["dropped"] == {"local_mode": 2}
    assert client.stats()["directory"]["waiting"] == {"errors": 0, "metrics": 0}


def test_an_unknown_mode_silences_everything(start, receiver, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_MODE", "lokal")
    client = start()
    assert not any(row.enabled for row in client.policy.rows)
    assert any("TELEMETRY_SDK_MODE" in warning for warning in client.policy.warnings)
