"""The fixture for applications' tests: it owns the client's creation, and nothing gets past the router."""

from __future__ import annotations

import enum
import os
import socket
import threading
from typing import Literal

import httpx
import pytest
import respx

import telemetry_sdk
from telemetry_sdk.runtime.runtime import LAST_CLIENT
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
    client.capture_exception(ValueError("planted"), level="warning")
    assert client.flush_sync(10)
    assert telemetry_mock.metrics == [Step(kind="one")]
    (error,) = telemetry_mock.errors
    assert (error.type, error.level, error.handled, error.tags) == ("ValueError", "warning", True, {})
    assert telemetry_mock.losses == {}


@pytest.mark.telemetry_policy(environ={"TELEMETRY_SDK_STRICT": "0"})
def test_losses_are_counted_by_reason(telemetry_mock):
    telemetry_mock.start().log_event("nobody_declared_this")
    assert telemetry_mock.losses == {"undeclared_event": 1}


def test_a_mistake_of_the_caller_raises(telemetry_mock):
    with pytest.raises(telemetry_sdk.EventError, match="nobody_declared_this"):
        telemetry_mock.start().log_event("nobody_declared_this")


class Kind(enum.Enum):
    """The choices of an event's field, with values of their own."""

    FIRST = "first"
    SECOND = 2


class Full(telemetry_sdk.Event, name="full_step"):
    kind: Kind
    number: int | None
    ratio: float = 0.5
    value: float
    ok: bool | None = None


@pytest.mark.parametrize(
    "event",
    [Full(kind=Kind.FIRST, number=1, ratio=0.25, value=2.0, ok=True), Full(kind=Kind.SECOND, number=None, value=1.5)],
)
def test_an_event_comes_back_as_its_class(telemetry_mock, event):
    with telemetry_mock.start() as client:
        client.log_event(event)
        client.log_event("full_step", value=1.5, metadata={"kind": "first"})
    first, second = telemetry_mock.metrics
    assert first == event
    assert first != second
    assert (type(first), first.kind, first.number) == (Full, event.kind, event.__dict__.get("number"))
    assert (second.kind, second.number, second.ratio) == (Kind.FIRST, None, 0.5)
    assert telemetry_mock.requests[0].json()["events"][0]["eventName"] == "full_step"


@pytest.mark.parametrize("threads", [False, True])
def test_what_a_closed_client_recorded_is_seen(telemetry_mock, threads):
    """Also where a living client uses the same directory, and records came from another thread."""

    def record():
        with telemetry_mock.start() as client:
            client.log_event(Step(kind="one"))
            client.capture_exception(ValueError())

    living = telemetry_mock.start()
    living.log_event(Step(kind="two"))
    if threads:
        workers = [threading.Thread(target=record) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    else:
        record()
    expected = 3 if threads else 1
    assert sorted(event.kind for event in telemetry_mock.metrics) == ["one"] * expected + ["two"]
    assert len(telemetry_mock.errors) == expected


class TestOwnStart:
    """The application's own `telemetry_sdk.start()`."""

    def test_it_is_taken_over(self, telemetry_mock, tmp_path):
        with telemetry_sdk.start(app="acme", version="3", statsig_key="client-real") as client:
            client.log_event(Step(kind="one"))
            client.capture_exception(ValueError())
        assert telemetry_mock.metrics == [Step(kind="one")]
        assert telemetry_mock.errors[0].event["release"] == "acme@3"
        assert telemetry_sdk.get_client() is client
        assert telemetry_mock.requests[0].url.startswith("https://sentry.example/")

    def test_the_endpoints_that_it_names_are_answered(self, telemetry_mock):
        with telemetry_sdk.start(
            app="acme",
            version="3",
            statsig_key="client-real",
            statsig_url="https://metrics.acme.example/v1",
            sentry_dsn="https://key@errors.acme.example/7",
        ) as client:
            client.log_event(Step(kind="one"))
            client.capture_exception(ValueError())
        assert sorted(request.url for request in telemetry_mock.requests) == [
            "https://errors.acme.example/api/7/envelope/",
            "https://metrics.acme.example/v1/log_event",
        ]

    def test_arguments_are_replaced(self, telemetry_mock):
        with telemetry_mock.patch(off=("metrics",)):
            assert not telemetry_sdk.start(app="acme", version="3").policy.metrics.enabled
        telemetry_mock.patch(provider="bedrock")
        policy = telemetry_sdk.start(app="acme", version="3").policy
        assert (policy.metrics.enabled, policy.provider) == (False, "bedrock")

    def test_it_is_the_applications_again_afterwards(self, world):
        with mocked() as mock:
            telemetry_sdk.start(app="acme", version="3")
        client = telemetry_sdk.start(app="acme", version="3")
        assert client not in mock.clients
        assert (len(mock.clients), client.policy.metrics.destination) == (1, None)

    @pytest.mark.telemetry_policy(settings={"env": {"DISABLE_ERROR_REPORTING": "1"}})
    def test_the_users_settings_are_the_markers(self, telemetry_mock):
        policy = telemetry_sdk.start(app="acme", version="3").policy
        assert (policy.metrics.enabled, policy.errors.enabled) == (True, False)

    def test_the_users_own_files_are_neither_read_nor_written(self, telemetry_mock, world):
        choice = world / ".config" / "telemetry-sdk" / "choice.json"
        choice.parent.mkdir(parents=True)
        choice.write_text('{"v": 1, "off": {"metrics": "2026-01-01"}}')
        before = sorted(world.rglob("*"))
        with mocked() as mock:
            mock._baseline = dict(os.environ)  # HOME is the shell's
            client = telemetry_sdk.start(app="acme", version="3")
            assert client.policy.metrics.enabled
            client.opt_out("errors")
            assert not telemetry_sdk.start(app="acme", version="3").policy.errors.enabled
        assert sorted(world.rglob("*")) == before


async def test_an_async_test_sees_what_is_sent(telemetry_mock):
    async with telemetry_mock.start() as client:
        client.log_event(Step(kind="two"))
        assert await client.flush(10)
        draft = client.draft_bug_report("It froze")
        outcome = await client.send_bug_report(draft, consent=draft.preview().consent())
    assert outcome.kind == "sent"
    assert telemetry_mock.metrics == [Step(kind="two")]
    (report,) = telemetry_mock.bug_reports
    assert (report.report_id, report.description) == (draft.report_id, "It froze")


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
        assert not client.flush_sync(0.1)
    assert mocks[0].router.calls.call_count == 0


def test_a_route_of_the_test_comes_first(telemetry_mock):
    route = telemetry_mock.router.post("https://events.statsigapi.net/v1/log_event").respond(400)
    client = telemetry_mock.start()
    client.log_event(Step(kind="one"))
    client.flush_sync(10)
    assert route.called
    assert telemetry_mock.losses == {"status_400": 1}


@pytest.mark.timeout(40)  # seconds; with ten for each look it takes a minute
@pytest.mark.parametrize(
    "trouble", [{"return_value": httpx.Response(503)}, {"side_effect": httpx.ConnectError("down")}]
)
def test_a_look_does_not_wait_for_a_server_that_fails(telemetry_mock, trouble):
    """What is not delivered waits for a retry; each look would else take ten seconds."""
    route = telemetry_mock.router.post("https://events.statsigapi.net/v1/log_event").mock(**trouble)
    client = telemetry_mock.start()
    client.log_event(Step(kind="one"))
    client.capture_exception(ValueError())
    looks = [telemetry_mock.waiting, telemetry_mock.losses, len(telemetry_mock.errors), route.called]
    assert looks == [{"metrics": 1}, {}, 1, True]
    client.log_event(Step(kind="two"))
    assert telemetry_mock.waiting == {"metrics": 2}
    assert telemetry_mock.waiting == {"metrics": 2}


def test_nothing_waits_where_everything_is_delivered(telemetry_mock):
    telemetry_mock.start().log_event(Step(kind="one"))
    assert telemetry_mock.waiting == {}


def test_the_last_client_is_that_of_before_again():
    before, LAST_CLIENT[:] = LAST_CLIENT[:], []
    with mocked():
        started = telemetry_sdk.start(app="acme", version="3")
        assert telemetry_sdk.get_client() is started
    assert not telemetry_sdk.get_client().closed
    assert not telemetry_sdk.get_client().policy.metrics.enabled
    LAST_CLIENT[:] = before


def test_unexpected_traffic_fails_the_test():
    with (
        pytest.raises(UnexpectedRequestError, match=r"POST https://elsewhere\.example/v1/log_event: no route"),
        mocked() as mock,
    ):
        mock.start(statsig_url="https://elsewhere.example/v1").log_event(Step(kind="one"))


def test_plain_respx_sees_the_same_requests(world):
    """An application may mock at the transport by itself: there is only one exit."""
    with respx.mock as router:
        route = router.post("https://events.statsigapi.net/v1/log_event").respond(202, json={"success": True})
        with telemetry_sdk.start(app="a", version="1", statsig_key="client-key") as client:
            client.log_event(Step(kind="one"))
            assert client.flush_sync(10)
        assert route.call_count == 1


@pytest.mark.parametrize("switch", ["DISABLE_TELEMETRY", "CLAUDE_CODE_USE_BEDROCK"])
def test_a_variable_that_the_test_sets_is_seen(telemetry_mock, switch, monkeypatch):
    assert telemetry_mock.start().policy.metrics.enabled
    assert not telemetry_mock.start(environ={switch: "1"}).policy.metrics.enabled
    monkeypatch.setenv(switch, "1")
    assert not telemetry_mock.start().policy.metrics.enabled


def test_a_variable_of_the_shell_is_not_seen(monkeypatch):
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    monkeypatch.setattr("telemetry_sdk.testing.mock.BASELINES", [dict(os.environ)])
    with mocked() as mock:
        assert mock.start().policy.metrics.enabled
        monkeypatch.setenv("DISABLE_TELEMETRY", "1")
        assert not mock.start().policy.metrics.enabled


def test_losses_of_a_shared_directory_are_counted_once(telemetry_mock):
    telemetry_mock.router.post("https://events.statsigapi.net/v1/log_event").respond(400)
    for _ in range(2):
        telemetry_mock.start().log_event(Step(kind="one"))
    telemetry_mock.start(app="other").log_event(Step(kind="one"))
    assert telemetry_mock.losses == {"status_400": 3}


def test_a_failure_inside_a_client_is_raised_at_the_end():
    def fail(_record):
        raise ZeroDivisionError

    mocks = []
    with pytest.raises(ZeroDivisionError), mocked() as mock:
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
