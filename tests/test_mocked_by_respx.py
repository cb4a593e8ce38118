"""The fixture for applications' tests: it owns the client's creation, and nothing gets past the router."""

from __future__ import annotations

import socket
from typing import Literal

import pytest
import respx

import telemetry_sdk
from telemetry_sdk.testing import UnexpectedRequestError, mocked


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
    with pytest.raises(UnexpectedRequestError, match="no router is active"), mocked() as mock:
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
    assert telemetry_mock.losses == {"status_400": 1}


def test_unexpected_traffic_fails_the_test():
    with (
        pytest.raises(UnexpectedRequestError, match=r"POST https://elsewhere\.example/v1/log_event: no route"),
        mocked() as mock,
    ):
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


def test_losses_of_a_shared_directory_are_counted_once(telemetry_mock):
    telemetry_mock.router.post("https://events.statsigapi.net/v1/log_event").respond(400)
    for _ in range(2):
        telemetry_mock.start().log_event(Step(kind="one"))
    telemetry_mock.start(app="other").log_event(Step(kind="one"))
    assert telemetry_mock.losses == {"status_400": 3}


def test_a_failure_inside_a_strict_client_is_raised_at_the_end():
    def fail(_record):
        raise ZeroDivisionError

    mocks = []
    with pytest.raises(ZeroDivisionError), mocked(environ={"TELEMETRY_SDK_STRICT": "1"}) as mock:
        mocks.append(mock)
        mock.start().capture_exception(ValueError())
        mock.start(before_send=fail).log_event(Step(kind="one"))
    assert not mocks[0].active
    assert all(client.closed for client in mocks[0].clients)
    assert mocks[0].router.calls.call_count == 1


class TestPolicyMarker:
    """The policy that markers set."""

    pytestmark = pytest.mark.telemetry_policy("DISABLE_ERROR_REPORTING", provider="bedrock")

    @pytest.mark.telemetry_policy(environ={"DISABLE_TELEMETRY": "0"}, truth="boolean", provider=None)
    def test_the_closest_marker_counts(self, telemetry_mock):
        policy = telemetry_mock.start().policy
        assert (policy.metrics.enabled, policy.errors.enabled) == (True, False)

    def test_a_marker_of_the_class_counts(self, telemetry_mock):
        policy = telemetry_mock.start().policy
        assert (policy.metrics.enabled, policy.errors.enabled) == (False, False)

    def test_an_argument_of_the_test_replaces_a_markers(self, telemetry_mock):
        client = telemetry_mock.start(provider=None, environ={"DISABLE_ERROR_REPORTING": ""})
        assert (client.policy.metrics.enabled, client.policy.errors.enabled) == (True, True)


@pytest.mark.telemetry_policy(off=("metrics",))
def test_what_is_off_is_not_sent(telemetry_mock):
    client = telemetry_mock.start()
    client.log_event(Step(kind="one"))
    client.capture_exception(ValueError())
    assert (telemetry_mock.metrics, len(telemetry_mock.errors)) == ([], 1)


@pytest.mark.telemetry_policy(metrics="off")
def test_an_unknown_argument_of_the_marker_is_named(request):
    with pytest.raises(pytest.UsageError, match="has no argument 'metrics'; it takes environ, off, opted_out"):
        request.getfixturevalue("telemetry_mock")
