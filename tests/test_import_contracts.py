"""The borders between the rooms are kept by a machine, and the machine sees when one is crossed."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import telemetry_sdk

ROOT = Path(__file__).parents[1]
PACKAGE = Path(telemetry_sdk.__file__).parent
EDGES = ("cli", "demo", "receiver", "testing")

# Who may import what the project does not own: one module each, if any.
IMPORTERS = {
    "httpx": {"telemetry_sdk.egress.client"},
    "httpcore": {"telemetry_sdk.egress.client", "telemetry_sdk.egress.pool"},
    "truststore": {"telemetry_sdk.egress.tls"},
    "respx": {"telemetry_sdk.testing.mock"},
    "sentry_sdk": {"telemetry_sdk.integrations.sentry"},
    "statsig": {"telemetry_sdk.integrations.statsig"},
    "statsig_python_core": set(),
    "requests": set(),
    "urllib3": set(),
    "aiohttp": set(),
    "http": set(),
}


def linted(source):
    """Run import-linter on a source tree; return its exit code and what it said, in one line."""
    tool = Path(sys.executable).with_name("lint-imports.exe" if os.name == "nt" else "lint-imports")
    done = subprocess.run(
        [str(tool), "--config", str(ROOT / ".importlinter"), "--no-cache", "--no-logo"],
        env={**os.environ, "PYTHONPATH": str(source)},
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


def modules():
    """Yield the name and the syntax tree of every module of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))


def named(tree):
    """Yield all that a module imports by an absolute name, through `__import__` and `import_module` too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in {"__import__", "import_module"} and isinstance(node.args[0].value, str):
                yield node.args[0].value


def importers(package):
    return {name for name, tree in modules() for found in named(tree) if found.partition(".")[0] == package}


def test_every_import_contract_holds():
    code, said = linted(PACKAGE.parent)
    assert code == 0, said
    assert " 0 broken." in said


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("policy/resolve.py", "from telemetry_sdk.sanitizer import metrics", "Imports go down the flow"),
        ("sanitizer/sanitizer.py", "from telemetry_sdk.spool import disk", "Imports go down the flow"),
        ("pipeline/drain.py", "from telemetry_sdk import client", "Imports go down the flow"),
        ("queue.py", "from telemetry_sdk.egress import client", "Nothing before the sender imports the network"),
        ("spool/disk.py", "import socket", "Nothing before the sender imports the network"),
        ("sender/batch_sender.py", "import httpx", "httpx has one importer"),
        ("sender/batch_sender.py", "import httpcore", "httpcore is imported by egress only"),
        ("egress/client.py", "import sentry_sdk", "sentry_sdk has one importer"),
        ("integrations/sentry.py", "import statsig", "statsig has one importer"),
        ("encoders/sentry.py", "from .statsig import __doc__", "No encoder imports another"),
        ("sender/thread.py", "from telemetry_sdk.testing import mock", "The core does not import what only extras"),
        ("egress/client.py", "import respx", "respx is imported by the test kit only"),
    ],
)
def test_a_broken_import_contract_is_reported(tmp_path, module, line, contract):
    source = tmp_path / "src"
    shutil.copytree(PACKAGE, source / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    with (source / PACKAGE.name / module).open("a", encoding="utf-8") as file:
        file.write(f"\n\ndef crossed():\n    {line}\n")
    code, said = linted(source)
    assert code == 1, said
    assert contract in said.partition("Broken contracts")[2], said


@pytest.mark.parametrize("package", sorted(IMPORTERS))
def test_each_foreign_package_has_its_one_importer(package):
    assert importers(package) == IMPORTERS[package]


def test_every_form_of_import_is_found():
    source = "import a.b\nfrom c import d\n__import__('e')\nimportlib.import_module('f.g')\nfrom .h import i\n"
    assert list(named(ast.parse(source))) == ["a.b", "c", "e", "f.g"]


def test_the_core_imports_nothing_from_the_package_itself():
    """`from telemetry_sdk import start` would hide from the layers where it leads: names there are loaded lazily."""
    hidden = {
        name
        for name, tree in modules()
        if name.split(".")[1:2] not in [[edge] for edge in EDGES]
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name == "telemetry_sdk" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and not node.level and node.module == "telemetry_sdk")
    }
    assert hidden == set()
