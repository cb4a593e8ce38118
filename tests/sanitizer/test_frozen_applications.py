"""In frozen and packed applications the application's own modules are known, and errors say as much as from source."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipapp
from pathlib import Path

import pytest

import telemetry_sdk
from telemetry_sdk._pyinstaller import hook_directories

PACKAGE = """
import json

class AcmeError(Exception):
    pass

def load(text):
    try:
        json.loads(text)
    except ValueError as error:
        raise AcmeError(f"could not read {text!r} as settings") from error
"""
MAIN = """
import json, os, sys
from acme_cli.core import load
from telemetry_sdk.privacy import clean_exception

space = {"__name__": "acme_cli.core"}
exec(compile("def pl4nted():\\n    raise KeyError('pl4nted')", "acme_cli/core.py", "exec"), space)

def caught(call, *args):
    try:
        call(*args)
    except Exception as error:
        return clean_exception(error, app_modules=["acme_cli"])["exception"]["values"]

import telemetry_sdk
from importlib import import_module
lazy = [name for name in ("telemetry_sdk.runtime.build", "telemetry_sdk.egress.client", "telemetry_sdk.redaction.text",
    "telemetry_sdk.sender.thread", "telemetry_sdk.encoders.sentry") if import_module(name) is None]
with telemetry_sdk.start(app="acme-cli", version="1.0", state_dir=sys.argv[1]) as client:
    client.capture_exception(ValueError("x"))
print(json.dumps({"own": caught(load, "{pl4nted"), "executed": caught(space["pl4nted"]), "lazy": lazy}))
"""
EXPECTED = [
    ("json.decoder", "JSONDecodeError", "line 1 column 2", ["load", "loads", "JSONDecoder.decode"]),
    ("acme_cli.core", "AcmeError", "could not read <\u2026> as settings", ["load"]),
]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    package = tmp_path / "src" / "acme_cli"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "core.py").write_text(PACKAGE)
    (package.parent / "__main__.py").write_text(MAIN)
    return package.parent


def check(command: list[str], tmp_path: Path, **environ: str) -> None:
    given = {**os.environ, "TELEMETRY_SDK_MODE": "local", **environ}
    done = subprocess.run(
        [*command, str(tmp_path / "state")], capture_output=True, text=True, timeout=50, env=given, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "pl4nted" not in done.stdout
    found = json.loads(done.stdout)
    assert found["lazy"] == []
    shown = [
        (
            value.get("module"),
            value["type"],
            value.get("value"),
            [frame["function"] for frame in value["stacktrace"]["frames"] if frame["function"] != "<redacted>"][:3],
        )
        for value in found["own"]
    ]
    assert shown == EXPECTED
    executed = found["executed"][-1]
    assert executed["type"] == "KeyError"
    assert [frame["function"] for frame in executed["stacktrace"]["frames"]] == ["<redacted>"]


def test_zipapp_shows_errors_as_from_source(sources: Path, tmp_path: Path):
    zipapp.create_archive(sources, tmp_path / "acme.pyz")
    check([sys.executable, str(tmp_path / "acme.pyz")], tmp_path)
    check([sys.executable, str(sources)], tmp_path)


def test_zip_that_unpacks_its_packages_shows_errors_as_from_source(sources: Path, tmp_path: Path):
    """As shiv does: an archive with the packages below `site-packages`, unpacked at the first start."""
    shutil.move(sources / "acme_cli", sources / "site-packages" / "acme_cli")
    (sources / "run.py").write_text((sources / "__main__.py").read_text())
    (sources / "__main__.py").write_text(
        "import runpy, sys, zipfile\n"
        f"place = {str(tmp_path / 'unpacked')!r}\n"
        "zipfile.ZipFile(sys.path[0]).extractall(place)\n"
        "sys.path[0] = place + '/site-packages'\n"
        "runpy.run_path(place + '/run.py', run_name='__main__')\n"
    )
    zipapp.create_archive(sources, tmp_path / "acme.pyz")
    check([sys.executable, str(tmp_path / "acme.pyz")], tmp_path)


@pytest.mark.large
@pytest.mark.timeout(170)
def test_pyinstaller_shows_errors_as_from_source(sources: Path, tmp_path: Path):
    """The application imports two modules of the package; the hook adds what these import lazily."""
    (hooks,) = hook_directories()
    place = Path(telemetry_sdk.__file__).parent.parent
    command = [sys.executable, "-m", "PyInstaller", "--onedir", "--noconfirm", "--log-level", "ERROR", "--name", "acme"]
    places = {"distpath": "dist", "workpath": "build", "specpath": "."}
    command += [item for option, name in places.items() for item in (f"--{option}", str(tmp_path / name))]
    command += ["--paths", str(sources), "--paths", str(place), "--additional-hooks-dir", hooks]
    for package in ("sentry_sdk", "statsig", "rich", "pytest", "hypothesis", "starlette", "typer", "pydantic", "trio"):
        command += ["--exclude-module", package]
    subprocess.run([*command, str(sources / "__main__.py")], check=True, capture_output=True, timeout=160, cwd=tmp_path)
    shutil.rmtree(sources)
    check([str(tmp_path / "dist" / "acme" / "acme")], tmp_path)
