"""Strict mode: what failed on the SDK's own threads is raised by flush, close and the mock; else it is counted only."""

from __future__ import annotations

import contextlib

import pytest

import telemetry_sdk
from telemetry_sdk.testing import mocked

LOST = 3


class Beat(telemetry_sdk.Event, name="strict_beat"):
    n: int


class Share(telemetry_sdk.Event, name="strict_share"):
    share: float


class PlantedError(Exception):
    """What the host's own hook raises."""


def fail(_):
    raise PlantedError


def lossy(mock, environ=None):
    """Start a client that loses three records, on the writer's thread."""
    client = mock.start(environ=environ, before_send=fail)
    for n in range(LOST):
        client.log_event(Beat(n=n))
    return client


@contextlib.contextmanager
def raised_once():
    with pytest.raises(PlantedError) as raised:
        yield
    assert raised.value.__notes__ == ["another failure: PlantedError"] * (LOST - 1)


@pytest.mark.parametrize("to", ["spool", "server"])
def test_flush_sync_raises(telemetry_mock, to):
    client = lossy(telemetry_mock)
    with raised_once():
        client.flush_sync(30, to=to)
    assert client.flush_sync(30, to=to) in {True, False}
    assert telemetry_mock.losses == {"before_send_failed": LOST}


@pytest.mark.parametrize("to", ["spool", "server"])
async def test_flush_raises(telemetry_mock, to):
    client = lossy(telemetry_mock)
    with raised_once():
        await client.flush(30, to=to)
    assert await client.flush(30, to=to) in {True, False}


def test_close_raises_once_everything_is_closed(telemetry_mock):
    client = lossy(telemetry_mock)
    with raised_once():
        client.close(30)
    assert client.closed
    client.close()


def test_the_end_of_a_block_raises(telemetry_mock):
    with raised_once(), lossy(telemetry_mock):
        pass


async def test_the_end_of_an_async_block_raises(telemetry_mock):
    with raised_once():
        async with lossy(telemetry_mock):
            pass


def test_the_end_of_the_mock_raises():
    with raised_once(), mocked() as mock:
        lossy(mock)


def test_without_strict_mode_failures_are_counted(telemetry_mock):
    client = lossy(telemetry_mock, environ={"TELEMETRY_SDK_STRICT": "0"})
    client.flush_sync(30)
    client.close(30)
    assert client.stats()["failures"] == LOST
    assert telemetry_mock.losses == {"before_send_failed": LOST}


@pytest.mark.parametrize(("value", "raises"), [("1", True), ("0", False), ("false", False), ("", False)])
def test_a_start_that_fails_raises_in_strict_mode_only(tmp_path, value, raises):
    """The variable is read as everywhere else: 0 is not strict."""
    with mocked(state_dir=tmp_path, environ={"TELEMETRY_SDK_STRICT": value}) as mock:
        if raises:
            with pytest.raises(TypeError):
                mock.start(off=7)
        else:
            assert mock.start(off=7).policy.metrics.enabled is False


CHOICES = {"app": "acme-agent", "version": "1.4.2", "sentry_dsn": "https://key@sentry.example/1"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sentry_dsn": "hello"}, "sentry_dsn: the DSN does not start with"),
        ({"statsig_key": "secret-x"}, "statsig_key: a secret key"),
        ({"app": "my app"}, "app is ignored: expected a short token"),
        ({"version": "one two"}, "version is ignored"),
        ({"tags": {"kind": "plain"}}, "tags is ignored"),
        ({"tags": 7}, "tags: expected a mapping of names to collections, got int"),
        ({"off": ("metrcs",)}, "off: 'metrcs' is unknown, did you mean 'metrics'?"),
        ({"at_exit": "detatch"}, "at_exit: 'detatch' is unknown, did you mean 'detach'?"),
        ({"profile": telemetry_sdk.Profile}, "profile: expected an instance"),
    ],
)
def test_a_wrong_argument_of_start_raises(telemetry_mock, changes, says):
    with pytest.raises((ValueError, TypeError, AttributeError)) as raised:
        telemetry_mock.start(**{**CHOICES, **changes})
    notes = getattr(raised.value, "__notes__", [])
    assert says in "\n".join((str(raised.value), *notes))
    assert type(raised.value).__name__ not in notes


@pytest.mark.parametrize("value", [1 << 60, float("nan"), float("inf")])
def test_a_number_out_of_range_is_refused_as_such(telemetry_mock, value):
    client = telemetry_mock.start()
    kind, name = ("strict_beat", "n") if type(value) is int else ("strict_share", "share")
    with pytest.raises(telemetry_sdk.EventError, match="that is finite and at most 2"):
        client.log_event(kind, metadata={name: value})


@pytest.mark.parametrize("timeout", ["1", None, object()])
async def test_a_timeout_that_is_no_number_is_the_default_and_refused_in_strict_mode(telemetry_mock, timeout):
    lenient = telemetry_mock.start(environ={"TELEMETRY_SDK_STRICT": "0"})
    assert lenient.flush_sync(timeout)
    assert await lenient.flush(timeout)
    assert lenient.close(timeout)
    if timeout is not None:
        with pytest.raises(TypeError, match="timeout must be a number of seconds, not"):
            telemetry_mock.start().close(timeout)


class Hostile:
    def __getattr__(self, name):
        raise RuntimeError(name)


def test_a_profile_whose_attributes_fail_leaves_a_client_that_is_off(telemetry_mock):
    client = telemetry_mock.start(environ={"TELEMETRY_SDK_STRICT": "0"}, profile=Hostile())
    assert client.policy.metrics.reasons[0].effect.endswith(
        "profile: expected an instance of telemetry_sdk.Profile, got Hostile"
    )


def test_an_unknown_argument_in_place_of_the_applications_is_refused(telemetry_mock):
    with pytest.raises(TypeError, match=r"start\(\): 'of' is unknown, did you mean 'off'"):
        telemetry_mock.patch(of=("metrics",))
    with pytest.raises(TypeError, match="'provder' is unknown, did you mean 'provider'"), mocked(provder="bedrock"):
        pass


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"level": "eror"}, "level 'eror' is unknown, did you mean 'error'?"),
        ({"tags": {"kid": "a"}}, "tag 'kid' is not registered, did you mean 'kind'?"),
        ({"tags": {"kind": "z"}}, "tag 'kind' takes one of ['a', 'b'], got 'z'"),
        ({"exc": ValueError}, "got the class ValueError"),
        ({"exc": "text"}, "got str"),
    ],
)
def test_a_wrong_argument_of_an_error_raises(telemetry_mock, arguments, says):
    client = telemetry_mock.start(**CHOICES, tags={"kind": ("a", "b")})
    with pytest.raises((ValueError, TypeError)) as raised:
        client.capture_exception(**{"exc": ValueError(), **arguments})
    assert says in str(raised.value)
    assert client.capture_exception(ValueError(), tags={"kind": "a"}) is not None


@pytest.mark.parametrize(
    ("event", "says"), [("strict_beet", "did you mean 'strict_beat'?"), (Beat, "the class Beat was given")]
)
def test_a_wrong_event_raises_with_what_was_meant(telemetry_mock, event, says):
    client = telemetry_mock.start()
    with pytest.raises(telemetry_sdk.EventError) as raised:
        client.log_event(event)
    assert says in str(raised.value)
