"""The fixture for applications' tests: it owns the client's creation, and nothing gets past the router."""

from __future__ import annotations

import socket
from typing import Literal

import pytest
import respx

import telemetry_sdk
from telemetry_sdk.testing import mocked
from telemetry_sdk.testing.mock import NoRouterError


class Step(telemetry_sdk.Event, name="step"):
    kind: Literal["one", "two"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Any look-up or connection of this process is an error: the outside world is replaced, nothing of ours."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_a_synchronous_test_sees_what_is_sent(telemetry_mock):
    client = telemetry_mock.start()
    client.log_event(Step(kind="one"))
    client.log_event("nobody_declared_this")
    client.capture_exception(ValueError("planted"))
    assert client.flush_sync(10)
    assert telemetry_mock.metrics[0]["metadata"]["kind"] == "one"
    assert telemetry_mock.errors[0]["exception"]["values"][0]["type"] == "ValueError"
    assert telemetry_mock.losses == {"undeclared_event": 1}


async def test_an_async_test_sees_what_is_sent(telemetry_mock):
    async with telemetry_mock.start() as client:
        client.log_event(Step(kind="two"))
        assert await client.flush(10)
        draft = client.draft_bug_report("It froze")
        outcome = await client.send_bug_report(draft, consent=draft.preview().consent())
    assert outcome.kind == "sent"
    assert [event["eventName"] for event in telemetry_mock.metrics] == ["step"]
    assert telemetry_mock.bug_reports[0]["report_id"] == draft.report_id


def test_teardown_drains_before_the_router_stops():
    with mocked() as mock:
        mock.start().log_event(Step(kind="one"))
        calls = mock.router.calls
    assert len(calls) == 1


def test_without_an_active_router_egress_refuses_clearly():
    mocks = []
    with pytest.raises(NoRouterError, match="no router is active"), mocked() as mock:
        mocks.append(mock)
        client = mock.start()
        mock.active = False
        client.capture_exception(ValueError())
        assert not client.flush_sync(1)
    assert mocks[0].router.calls.call_count == 0


def test_a_route_of_the_test_comes_first(telemetry_mock):
    route = telemetry_mock.router.post("https://events.statsigapi.net/v1/log_event").respond(400)
    client = telemetry_mock.start()
    client.log_event(Step(kind="one"))
    client.flush_sync(10)
    assert route.called
    assert client.stats()["directory"]["dropped"] == {"status_400": 1}


def test_unexpected_traffic_fails_the_test():
    with pytest.raises(NoRouterError, match="AllMockedAssertionError"), mocked() as mock:
        client = mock.start(statsig_url="https://elsewhere.example/v1")
        client.log_event(Step(kind="one"))
        client.flush_sync(1)


def test_plain_respx_sees_the_same_requests(world):
    """An application may mock at the transport by itself: there is only one exit."""
    with respx.mock as router:
        route = router.post("https://events.statsigapi.net/v1/log_event").respond(202, json={"success": True})
        with telemetry_sdk.start(app="a", version="1", statsig_key="client-key") as client:
            client.log_event(Step(kind="one"))
            assert client.flush_sync(10)
        assert route.call_count == 1


@pytest.mark.parametrize("switch", ["DISABLE_TELEMETRY", "CLAUDE_CODE_USE_BEDROCK"])
def test_the_environment_of_the_process_is_ignored(telemetry_mock, switch, monkeypatch):
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    assert telemetry_mock.start().policy.metrics.enabled
    assert not telemetry_mock.start(environ={switch: "1"}).policy.metrics.enabled
