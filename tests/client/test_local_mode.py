"""TELEMETRY_SDK_MODE=local: records end in the ledger, in a state of their own; nothing is sent."""

from __future__ import annotations

import pytest

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


def test_no_key_is_needed(world, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_MODE", "local")
    client = telemetry_sdk.start(app="acme-agent", version="1", state_dir=world / "state")
    assert [client.policy.service(name).enabled for name in ("metrics", "errors", "bug_reports")] == [True, True, False]
    assert (client.policy.metrics.destination, client.policy.errors.destination) == (None, None)
    assert "TELEMETRY_SDK_MODE: recorded here, with no address" in client.policy.explain()
    client.log_event(Local(n=1))
    client.capture_exception(ValueError())
    assert not client.flush_sync(20), "nothing is delivered"
    entries = list(ledger.read(str(world / "state" / "acme-agent" / "local")))
    assert sorted((entry.service, entry.host, entry.reason) for entry in entries) == [
        ("errors", "not-sent.invalid", "not sent: local mode"),
        ("metrics", "not-sent.invalid", "not sent: local mode"),
    ]
    client.close()


@pytest.mark.parametrize("choice", [{"statsig_key": "secret-x"}, {"off": "metrics"}, {"provider": "bedrock"}])
def test_what_turns_a_service_off_does_so_in_local_mode(choice, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_MODE", "local")
    assert not telemetry_sdk.start(app="acme-agent", version="1", **choice).policy.metrics.enabled


def test_a_vendors_package_is_bound_without_a_dsn(program):
    done = program(
        """
        import sentry_sdk, telemetry_sdk
        client = telemetry_sdk.start(app="acme-agent", version="1", app_modules=["__main__"])
        sentry_sdk.capture_exception(KeyError())
        client.flush_sync(20)
        print(client.policy.warnings, client.stats()["directory"]["dropped"])
        """,
        bare=True,
        TELEMETRY_SDK_MODE="local",
        TELEMETRY_SDK_SENTRY_DSN="",
    )
    assert (done.out, done.err) == ("() {'local_mode': 1}\n", "")


def test_a_short_programs_records_are_in_the_ledger_at_its_end(program, world):
    done = program("client.log_event(Tick(n=1))", TELEMETRY_SDK_MODE="local", TELEMETRY_SDK_AT_EXIT="")
    assert (done.code, done.err) == (0, "")
    path = world / ".local" / "state" / "telemetry-sdk" / "acme-agent" / "local"
    assert [(entry.service, entry.reason) for entry in ledger.read(str(path))] == [("metrics", "not sent: local mode")]


def test_an_unknown_mode_silences_everything(start, receiver, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_MODE", "lokal")
    client = start()
    assert not any(row.enabled for row in client.policy.rows)
    assert any("TELEMETRY_SDK_MODE" in warning for warning in client.policy.warnings)
