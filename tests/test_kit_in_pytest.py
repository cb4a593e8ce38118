"""The fixture `telemetry_mock` in a pytest run of an application's own: what fails a test, and at which stage."""

from __future__ import annotations

import subprocess
import sys

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


def test_the_marker_is_documented():
    command = [sys.executable, "-m", "pytest", "--markers"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "@pytest.mark.telemetry_policy(*switches, environ={}, off=..., " in done.stdout
