"""What the interpreter that runs an application is like: zip archive, -O, -I, no home directory, a frozen clock."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipapp
from pathlib import Path

import freezegun
import pytest

import telemetry_sdk

RECORDS = """
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", app_modules=["__main__"])
client.log_event(Tick(n=1))
try:
    {}["missing"]
except KeyError:
    client.capture_exception()
"""
FLUSHES = """
import os
if "ACME_FLUSHES" in os.environ:
    assert client.flush_sync(20)
"""


class Frozen(telemetry_sdk.Event, name="recorded_under_a_frozen_clock"):
    n: int


def ran(command, environ, world, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environ, cwd=world / "work", capture_output=True, text=True, timeout=60, check=False, **options
    )


def received(receiver) -> tuple[list, list]:
    errors = [event["exception"]["values"][-1]["type"] for event in receiver.errors()]
    return [event["metadata"]["n"] for event in receiver.metrics()], errors


@pytest.mark.parametrize("options", [["-O"], ["-OO"], ["-I"], ["-X", "frozen_modules=off", "-E", "-s"]], ids=" ".join)
def test_an_option_of_the_interpreter_changes_nothing(environment, receiver, world, options):
    """Not `assert`, which -O leaves out."""
    source = f"{RECORDS}import sys\nsys.exit(0 if client.flush_sync(20) else 3)\n"
    environ = {**environment, "TELEMETRY_SDK_AT_EXIT": "leave"}
    done = ran([sys.executable, *options, "-c", source], environ, world)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert received(receiver) == ([1], ["KeyError"])


@pytest.fixture
def archive(tmp_path) -> Path:
    """A zip archive that holds an application and this package; what that depends on is installed beside it."""
    folder = tmp_path / "archive"
    package = Path(telemetry_sdk.__file__).parent
    shutil.copytree(package, folder / "telemetry_sdk", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "__main__.py").write_text(f"{RECORDS}assert '.pyz' in telemetry_sdk.__file__\n{FLUSHES}")
    zipapp.create_archive(folder, tmp_path / "acme.pyz")
    return tmp_path / "acme.pyz"


def test_what_a_zip_archive_records_is_kept_and_delivered(environment, receiver, world, archive):
    """No process outlives it, whose modules lie in the archive: what is unsent at its end goes with the next run."""
    for flushes in ({}, {"ACME_FLUSHES": "1"}):
        done = ran([sys.executable, str(archive)], {**environment, **flushes}, world)
        assert (done.returncode, done.stderr) == (0, "")
    assert received(receiver) == ([1, 1], ["KeyError", "KeyError"])


def test_a_home_directory_that_is_not_known_is_said(environment, receiver, world):
    environ = {**environment, "HOME": "not/absolute", "USERPROFILE": "not\\absolute", "TELEMETRY_SDK_DEBUG": "1"}
    done = ran([sys.executable, "-c", f"{RECORDS}print(client.policy.explain())"], environ, world)
    assert done.returncode == 0
    assert "is not an absolute path: set it to one" in done.stdout
    assert "is not an absolute path: set it to one" in done.stderr
    assert receiver.requests() == []
    assert list((world / "work").iterdir()) == []


SUBINTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
run = getattr(interpreters, "exec", interpreters.run_string)
made = interpreters.create()
assert run(made, {source!r}) is None
interpreters.destroy(made)
print("the main interpreter goes on")
"""
INSIDE = f"""{RECORDS}
assert client.stats()["accepted"] == 0
assert telemetry_sdk.get_client() is client
print(client.policy.explain())
assert client.close()
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="before 3.12 only a slow import tells a subinterpreter")
def test_in_a_subinterpreter_everything_is_off_and_says_why(environment, receiver, world):
    done = ran([sys.executable, "-c", SUBINTERPRETER.format(source=INSIDE)], environment, world)
    assert (done.returncode, done.stderr) == (0, "")
    assert "    start(): start() was called in a subinterpreter" in done.stdout
    assert done.stdout.endswith("the main interpreter goes on\n")
    assert receiver.requests() == []


def test_a_frozen_clock_does_not_stop_the_sender(telemetry_mock):
    with freezegun.freeze_time("2020-01-01"):
        client = telemetry_mock.start()
        client.log_event(Frozen(n=1))
        client.capture_exception(ValueError())
        assert client.flush_sync(20)
        assert telemetry_mock.metrics == [Frozen(n=1)]
        assert [error.type for error in telemetry_mock.errors] == ["ValueError"]
        assert client.close()
