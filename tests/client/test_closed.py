"""A client after `close`: what it is given is counted, and its description says so."""

from __future__ import annotations

import pytest

import telemetry_sdk


class Late(telemetry_sdk.Event, name="late_event"):
    n: int = 0
    duration_ms: float | None = None
    ok: bool | None = None


@pytest.mark.parametrize("strict", ["0", "1"])
def test_records_after_close_are_counted(telemetry_mock, strict):
    client = telemetry_mock.start(environ={"TELEMETRY_SDK_STRICT": strict})
    client.log_event(Late(n=1))
    client.close()
    client.log_event(Late(n=2))
    client.log_event("late_event", metadata={"n": 3})
    with client.measure(Late):
        pass
    assert client.capture_exception(ValueError()) is None
    client.close()
    assert client.stats()["dropped"] == {"closed": 4}
    assert client.stats()["accepted"] == 5
    assert telemetry_mock.losses == {"closed": 4}
    assert telemetry_mock.metrics == [Late(n=1)]


def test_what_is_off_is_not_counted_after_close(telemetry_mock):
    client = telemetry_mock.start(off=("metrics",))
    client.close()
    client.log_event(Late())
    client.capture_exception(ValueError())
    assert client.stats()["dropped"] == {"closed": 1}


def test_the_description_says_closed(telemetry_mock):
    client = telemetry_mock.start(app="acme")
    assert repr(client) == "<telemetry_sdk.TelemetryClient app='acme' on=['metrics', 'errors', 'bug_reports']>"
    client.close()
    assert repr(client) == "<telemetry_sdk.TelemetryClient app='acme' closed>"


def test_get_client_is_the_client_of_the_last_start(telemetry_mock):
    first = telemetry_mock.start()
    second = telemetry_mock.start()
    second.close()
    assert telemetry_sdk.get_client() is second
    assert first is not second


@pytest.mark.parametrize("event", [Late, "late_event"])
def test_measure_takes_a_class_or_a_name(telemetry_mock, event):
    client = telemetry_mock.start()
    with client.measure(event, n=4) as measured:
        measured.set(n=5)
    with pytest.raises(ZeroDivisionError), client.measure(event):
        raise ZeroDivisionError
    first, second = telemetry_mock.metrics
    assert (first.n, first.ok, first.duration_ms >= 0) == (5, True, True)
    assert (second.n, second.ok) == (0, False)


def test_measure_of_an_unknown_name_is_counted(telemetry_mock):
    with telemetry_mock.start(environ={"TELEMETRY_SDK_STRICT": "0"}).measure("nobody_declared_this"):
        pass
    assert telemetry_mock.losses == {"undeclared_event": 1}


def test_a_purge_is_not_shown_as_an_opt_out(start, world):
    """A running program names both possibilities: the purge leaves no choice behind."""
    from telemetry_sdk.runtime.purge import purge

    client = start(state_dir=world / "state")
    client.log_event(Late())
    assert client.flush_sync(20, to="spool")
    (path,) = [path for path in (world / "state" / "acme-agent").iterdir() if path.is_dir()]
    purge(str(path), ["metrics"], drafts=False)
    shown = [reason.effect for reason in client.policy.metrics.reasons]
    assert "off until the next start: another process ran `purge`, or opted out" in shown
    assert "off: turned off while running" not in shown
    assert client.policy.errors.enabled
