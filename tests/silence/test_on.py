"""With every service on nobody hears of the program before it records something; and one that is off stays unheard."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from telemetry_sdk.receiver import running

VENDORS = ("sentry_sdk", "statsig")
HEAVY = ("httpx", "httpcore", "anyio", "asyncio", "trio", "ssl", "_ssl", "socket", "_socket", "truststore", "json")
NO_PROXY = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "")

UNTIL_AN_ANSWER = """
    import _thread, pathlib, time

    client.log_event("tick", metadata={"n": 1})
    client.capture_exception(KeyError("planted"))
    _thread.start_new_thread(client.flush_sync, (60,))
    until = time.monotonic() + 40
    while sum(len(p.read_text().splitlines()) for p in pathlib.Path.home().rglob("sent/*.jsonl")) < 2:
        assert time.monotonic() < until, client.stats()
        time.sleep(0.01)
    client.close()
"""


def connected(done):
    """Return the addresses that the program connected or sent to."""
    calls = [what for what in done.seen("network") if what.startswith(("socket.connect", "socket.send"))]
    return {ast.literal_eval(call[call.index("(") : call.rindex(")") + 1]) for call in calls}


def looked_up(done):
    """Return the names that the program asked for."""
    return {ast.literal_eval(what.split()[1]) for what in done.seen("network") if what.startswith("socket.get")}


def test_a_started_and_closed_client_is_silent(started):
    done = started(
        """
        assert all(row.enabled for row in client.policy.rows), client.policy.explain()
        assert client.flush_sync(5) and client.flush_sync(5, to="spool")
        """,
        **NO_PROXY,
    )
    done.assert_silent()
    assert done.imported(*VENDORS, *HEAVY) == []


def test_reading_stats_creates_nothing(started):
    done = started("assert client.stats()['accepted'] == 0", **NO_PROXY)
    done.assert_silent()
    assert done.imported(*VENDORS, "httpx", "anyio", "asyncio", "ssl", "socket") == []


def test_a_killed_with_block_is_silent(started):
    done = started(
        """
        import os
        with client:
            os._exit(0 if all(row.enabled for row in client.policy.rows) else 1)
        """,
        **NO_PROXY,
    )
    assert (done.code, done.out, done.err, done.changed) == (0, "", "", set())
    for kind in ("network", "thread", "process", "change"):
        assert done.seen(kind) == [], kind
    assert done.packets in (None, [])


def test_recording_is_detected(started, world):
    done = started("client.log_event('tick', metadata={'n': 1})", network=False, **NO_PROXY)
    assert done.seen("thread"), "the control: with a record there is a writer"
    assert done.changed
    assert done.imported(*VENDORS) == []


@pytest.mark.parametrize(
    ("off", "host"),
    [("DISABLE_ERROR_REPORTING", "metrics.acme.example"), ("DISABLE_TELEMETRY", "errors.acme.example")],
)
def test_only_the_host_of_the_enabled_service_is_resolved(started, off, host):
    addresses = "{'statsig_url': 'https://metrics.acme.example/v1', 'sentry_dsn': 'https://key@errors.acme.example/1'}"
    done = started(UNTIL_AN_ANSWER, choices=addresses, **{**NO_PROXY, off: "1"})
    assert (done.code, done.out, done.err) == (0, "", "")
    assert looked_up(done) == {host}
    assert done.names is None or {name for name in done.names if "acme" in name} == {host}
    assert done.imported(*VENDORS) == []


@pytest.mark.parametrize("off", ["DISABLE_ERROR_REPORTING", "DISABLE_TELEMETRY"])
def test_no_byte_goes_to_the_host_of_a_disabled_service(started, off):
    with running() as metrics, running() as errors:
        addresses = {"statsig_key": metrics.statsig_key, "statsig_url": metrics.statsig_url}
        done = started(
            """
            client.log_event("tick", metadata={"n": 1})
            client.capture_exception(KeyError("planted"))
            assert client.flush_sync(30)
            """,
            choices=repr({**addresses, "sentry_dsn": errors.sentry_dsn}),
            network=False,
            **{off: "1"},
        )
        assert (done.code, done.out, done.err) == (0, "", "")
        heard, unheard = (metrics, errors) if off == "DISABLE_ERROR_REPORTING" else (errors, metrics)
        assert len(heard.requests()) == 1
        assert unheard.requests() == []
        assert {address[1] for address in connected(done)} == {heard.port}
        assert done.imported(*VENDORS) == []
        written = [Path(what).name for what in done.seen("change") if "installation-id" in what]
        assert bool(written) == (heard is metrics), "the id is the metrics' alone"
