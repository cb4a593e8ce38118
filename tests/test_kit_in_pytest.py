"""The fixture `telemetry_mock` in a pytest run of an application's own: what fails a test, and at which stage."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import telemetry_sdk
from telemetry_sdk.testing.run import isolated_run

TESTS = """
import pytest
import telemetry_sdk

class Step(telemetry_sdk.Event, name="step"):
    n: int

def fail(record):
    raise ZeroDivisionError

def test_sound(telemetry_mock):
    telemetry_mock.start().log_event(Step(n=1))

def test_unexpected_request(telemetry_mock):
    telemetry_mock.start(sentry_dsn="https://key@elsewhere.example/1").capture_exception(ValueError())

def test_strict(telemetry_mock):
    telemetry_mock.start(before_send=fail).log_event(Step(n=1))

@pytest.mark.telemetry_policy(on="metrics")
def test_wrong_marker(telemetry_mock):
    pass
"""


def test_what_fails_a_test(tmp_path):
    (tmp_path / "test_app.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-rA", "--strict-markers", "-p", "no:cacheprovider", "test_app.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    results = sorted(
        line.partition(" - ")[0]
        for line in done.stdout.splitlines()
        if line.startswith(("ERROR ", "PASSED ", "FAILED "))
    )
    assert results == [
        "ERROR test_app.py::test_strict",
        "ERROR test_app.py::test_unexpected_request",
        "ERROR test_app.py::test_wrong_marker",
        "PASSED test_app.py::test_sound",
        "PASSED test_app.py::test_strict",
        "PASSED test_app.py::test_unexpected_request",
    ]
    assert "UnexpectedRequestError: POST https://elsewhere.example/api/1/envelope/: no route" in done.stdout


ROUTERS = """
import httpx
import pytest
import respx
import telemetry_sdk

class Step(telemetry_sdk.Event, name="step"):
    n: int

def record(app):
    client = telemetry_sdk.start(app=app, version="1", statsig_key="client-key")
    client.log_event(Step(n=1))
    while not client.flush_sync(0.1) and not client.stats()["health"]["metrics"]["failures_in_a_row"]:
        pass
    return client

def test_no_route(respx_mock):
    respx_mock.get("https://own.example/")
    httpx.get("https://own.example/")
    record("first")

def test_a_route_that_raises():
    def wrong(request):
        assert b"x" == request.content

    with respx.mock as router:
        router.post("https://events.statsigapi.net/v1/log_event").mock(side_effect=wrong)
        record("second")

KEPT = []

def test_all_have_a_route(respx_mock):
    respx_mock.post("https://events.statsigapi.net/v1/log_event").respond(202, json={"success": True})
    KEPT.append(record("third"))

def test_of_another_client(respx_mock):
    respx_mock.get("https://own.example/")
    httpx.get("https://own.example/")
    KEPT[0].log_event(Step(n=2))
    KEPT[0].flush_sync(1)
"""


def test_a_request_that_the_tests_own_router_does_not_answer_fails_the_test(tmp_path):
    """Not one of a client that an earlier test left behind."""
    (tmp_path / "test_app.py").write_text(ROUTERS)
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "-p", "no:randomly", "test_app.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    failed = [line for line in done.stdout.splitlines() if line.startswith(("ERROR test", "FAILED test"))]
    assert [line.partition(" - ")[0] for line in failed] == [
        "ERROR test_app.py::test_no_route",
        "ERROR test_app.py::test_a_route_that_raises",
    ], done.stdout
    assert "log_event: no route of the active respx router; add one, `respx.post(" in done.stdout
    assert "a route raised AssertionError(" in done.stdout


def test_the_marker_is_documented():
    command = [sys.executable, "-m", "pytest", "--markers"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "@pytest.mark.telemetry_policy(*switches, environ={}, off=..., " in done.stdout


WITHOUT_FIXTURE = """
import os
import socket
import subprocess
import sys

import pytest
import respx

import telemetry_sdk

URL = "https://events.statsigapi.net/v1/log_event"

class Step(telemetry_sdk.Event, name="step"):
    n: int

@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        os._exit(7)  # the network was used: nothing may swallow that

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)

def record():
    client = telemetry_sdk.start(app="acme", version="1", statsig_key="client-key")
    client.log_event(Step(n=1))
    return client

MODULE_LEVEL = record()

def test_a_bare_start_is_local():
    client = record()
    assert client.policy.mode == "local"
    assert client.policy.metrics.enabled, client.policy
    assert not client.flush_sync(20)
    client.opt_out("metrics")
    assert not record().policy.metrics.enabled
    assert client.close()
    telemetry_sdk.resolve_policy(app="acme")

def test_a_subprocess_inherits_it():
    source = "import telemetry_sdk as t; print(t.start(app='b', version='1', statsig_key='client-k').policy.mode)"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout == "local\\n"

def test_an_active_router_gets_the_requests():
    with respx.mock as router:
        route = router.post(URL).respond(202, json={"success": True})
        client = telemetry_sdk.start(app="third", version="1", statsig_key="client-key")
        client.log_event(Step(n=1))
        assert client.flush_sync(20)
        assert route.call_count == 1
    client.log_event(Step(n=2))
    assert not client.flush_sync(1)
    client.close()

def test_a_test_can_leave_local_mode(monkeypatch):
    monkeypatch.delenv("TELEMETRY_SDK_MODE")
    assert telemetry_sdk.start(app="fourth", version="1").policy.mode == ""

async def test_the_fixture_on_a_loop(telemetry_mock):
    async with telemetry_sdk.start(app="acme", version="1") as client:
        client.log_event(Step(n=3))
    assert telemetry_mock.metrics == [Step(n=3)]
"""


def test_a_start_without_the_fixture_reaches_no_network_and_no_file_of_the_users(tmp_path, world):
    """The user has a choice of their own, and state of an earlier run; neither counts, and neither is touched."""
    choice = world / ".config" / "telemetry-sdk" / "choice.json"
    state = world / ".local" / "state" / "telemetry-sdk" / "acme" / "profile.json"
    for path, text in ((choice, '{"v": 1, "off": {"metrics": "2026-01-01"}}'), (state, "{}")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    before = {path: path.is_file() and path.read_text() for path in world.rglob("*")}
    (tmp_path / "test_app.py").write_text(WITHOUT_FIXTURE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nanyio_mode = auto\n")
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_app.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path: path.is_file() and path.read_text() for path in world.rglob("*")} == before


def test_the_environment_is_as_before_after_a_run_in_this_process(tmp_path, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_STATE_DIR", "/mine")
    before = dict(os.environ)
    with isolated_run():
        assert os.environ["TELEMETRY_SDK_MODE"] == "local"
        assert telemetry_sdk.start(app="acme", version="1").policy.mode == "local"
    assert dict(os.environ) == before


def test_the_suite_of_the_example_application_passes_elsewhere(tmp_path):
    """Copied out of the repository; nothing of it is on the path."""
    application = tmp_path / "acme"
    shutil.copytree(Path(__file__).parents[1] / "examples" / "acme_cli", application)
    command = [sys.executable, "-B", "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=application, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout
