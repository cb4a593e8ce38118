"""The built wheel, installed: with all extras here (`scripts/wheel` runs this file), without any in `bare`."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path

import pytest

import telemetry_sdk

BARE = Path(sys.prefix).with_name("bare")
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def run(prefix, *command, **environ):
    """Run a program of an environment; return its status, stdout and stderr."""
    done = subprocess.run(
        [str(Path(prefix) / SCRIPTS / command[0]), *command[1:]],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environ},
    )
    return done.returncode, done.stdout, done.stderr


def test_the_installed_package_is_tested_not_the_tree():
    assert Path(telemetry_sdk.__file__).is_relative_to(sys.prefix)
    code, out, _ = run(BARE, "python", "-c", "import telemetry_sdk; print(telemetry_sdk.__file__)")
    assert code == 0
    assert Path(out.strip()).is_relative_to(BARE)


def test_the_wheel_holds_types_and_data_and_no_tests():
    package = resources.files("telemetry_sdk")
    assert package.joinpath("py.typed").is_file()
    page = ("templates/list.html", "templates/macros.html", "static/page.css", "static/page.js", "static/icon.svg")
    assert [name for name in page if not package.joinpath("receiver/page", name).is_file()] == []
    names = [file.as_posix() for file in metadata.files("telemetry-sdk") or ()]
    assert {name.partition("/")[0] for name in names if name.endswith(".py")} == {"telemetry_sdk"}


@pytest.mark.parametrize("name", telemetry_sdk.__all__)
def test_a_public_name_loads_in_a_bare_installation(name):
    assert run(BARE, "python", "-W", "error", "-c", f"import telemetry_sdk; telemetry_sdk.{name}") == (0, "", "")


def test_the_entry_points_are_declared():
    points = {(point.group, point.name): point for point in metadata.distribution("telemetry-sdk").entry_points}
    named = {("console_scripts", "telemetry-sdk"), ("pytest11", "telemetry_sdk"), ("pyinstaller40", "hook-dirs")}
    assert set(points) == named
    for point in points.values():
        point.load()


def test_pytest_offers_the_fixture(tmp_path):
    (tmp_path / "test_application.py").write_text(
        "def test_it(telemetry_mock):\n    assert telemetry_mock.start(app='a', version='1').stats()['failures'] == 0\n"
    )
    code, out, err = run(sys.prefix, "python", "-W", "error", "-m", "pytest", "-q", str(tmp_path))
    assert code == 0, out + err


def test_the_fixture_s_module_leaves_the_public_start_alone():
    source = "import telemetry_sdk.testing.mock\ntelemetry_sdk.start(app='a', version='1').close()"
    assert run(sys.prefix, "python", "-c", source) == (0, "", "")


def test_the_demo_succeeds():
    code, out, err = run(sys.prefix, "telemetry-sdk", "demo")
    assert (code, err) == (0, ""), out[-3000:]
    assert "All expectations hold." in out


@pytest.mark.parametrize(
    ("source", "extra"),
    [
        ("from telemetry_sdk.cli import app; app()", "telemetry-sdk[cli]"),
        ("from telemetry_sdk.receiver import running; running().__enter__()", "telemetry-sdk[receiver]"),
        ("from telemetry_sdk.testing import mocked; mocked().__enter__()", "telemetry-sdk[testing]"),
    ],
)
def test_a_missing_extra_is_named(source, extra):
    code, out, err = run(BARE, "python", "-c", source)
    assert (code, out) == (1, "")
    assert extra in err.splitlines()[-1]


def test_the_command_without_its_extra_says_what_to_install():
    code, out, err = run(BARE, "telemetry-sdk", "status")
    assert (code, out) == (2, "")
    assert 'pip install "telemetry-sdk[cli]"' in err
    assert len(err.splitlines()) == 1
