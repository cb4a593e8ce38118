"""The vendors' own packages talk to the receiver and are understood.

They run in processes of their own, which may look up no name but loopback's.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from telemetry_sdk import receiver as receiver_package

GUARD = """
import sys
def guard(event, args):
    if event == "socket.getaddrinfo" and args[0] not in ("127.0.0.1", "localhost"):
        print("looked up", args[0], file=sys.stderr)
        raise OSError(args[0])
sys.addaudithook(guard)
"""
STATSIG = """
import json
from statsig import StatsigEvent, StatsigOptions, StatsigServer, StatsigUser
rule = {"id": "r", "name": "r", "salt": "", "passPercentage": 100, "conditions": [], "returnValue": True}
gate = {"name": "g", "type": "feature_gate", "enabled": True, "salt": "s", "rules": [rule]}
gate["defaultValue"] = False
specs = {"time": 1, "has_updates": True, "feature_gates": [gate], "dynamic_configs": [], "layer_configs": []}
server = StatsigServer()
server.initialize(sys.argv[2], StatsigOptions(
    api=sys.argv[1], tier="staging", bootstrap_values=json.dumps(specs),
    disable_ua_parser=True, disable_country_lookup=True))
user = StatsigUser("user-1", custom={"app": "acme", "event_uuid": "same for all of one user"})
server.check_gate(user, "g")
server.log_event(StatsigEvent(user, "tool_use", value=9.99, metadata={"tool": "bash", "event_uuid": "1"}))
server.shutdown()
"""
SENTRY = """
import sentry_sdk
sentry_sdk.init(dsn=sys.argv[1], release="acme@1.0", auto_session_tracking=True, traces_sample_rate=1.0,
                spotlight=False, _experiments={"transport_compression_algo": sys.argv[2]})
def fail(secret):
    raise ValueError("no " + secret) from KeyError("k")
with sentry_sdk.start_transaction(name="t"), sentry_sdk.isolation_scope() as scope:
    scope.add_attachment(bytes=b"\\x00\\n\\n", filename="a.bin")
    sentry_sdk.add_breadcrumb(category="c", level="info")
    sentry_sdk.set_tag("k", "v")
    try:
        fail("way")
    except ValueError:
        print(sentry_sdk.capture_exception())
sentry_sdk.capture_message("hello", level="warning")
sentry_sdk.flush(10)
"""


def _run(code, *args):
    command = [sys.executable, "-c", GUARD + code, *args]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)


def test_events_of_the_statsig_package_are_accepted():
    with receiver_package.running(accept_keys=["secret-key"]) as receiver:
        done = _run(STATSIG, receiver.statsig_url, "secret-key")
        assert receiver.wait_for(metrics=3), receiver.requests()
        events = {event["eventName"]: event for event in receiver.metrics()}
        assert set(events) == {"statsig::diagnostics", "statsig::gate_exposure", "tool_use"}
        assert events["tool_use"]["value"] == 9.99
        assert events["tool_use"]["user"]["statsigEnvironment"] == {"tier": "staging"}
        [request] = receiver.requests("metrics")
        assert (request.status, request.headers["content-encoding"]) == (202, "gzip")
        assert "looked up" not in done.stderr


def test_the_statsig_package_gets_401_for_a_wrong_key(receiver):
    done = _run(STATSIG, receiver.statsig_url, "secret-other")
    assert {request.status for request in receiver.requests("metrics")} == {401}
    assert "401" in done.stderr


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_envelopes_of_the_sentry_package_are_accepted(receiver, encoding):
    done = _run(SENTRY, receiver.sentry_dsn, encoding)
    assert receiver.wait_for(errors=2), receiver.requests()
    first, second = receiver.errors()
    assert first["event_id"] == done.stdout.strip()
    assert [value["type"] for value in first["exception"]["values"]] == ["KeyError", "ValueError"]
    assert second["message"] == "hello"
    items = receiver.envelope_items()
    assert {"event", "transaction", "attachment"} <= {item.type for item in items}
    assert next(item.payload for item in items if item.type == "attachment") == b"\x00\n\n"
    assert {request.headers["content-encoding"] for request in receiver.requests()} == {encoding}
    assert {request.status for request in receiver.requests()} == {200}


def test_the_sentry_package_gets_an_error_for_a_wrong_key(receiver):
    dsn = receiver.sentry_dsn.replace(receiver.sentry_key, "0" * 32)
    _run(SENTRY, dsn, "gzip")
    assert {request.status for request in receiver.requests()} == {403}
    assert receiver.envelope_items() == []
