"""`scripts/check_structure.py` sees each kind of violation, and none where there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "check_structure.py"


@pytest.fixture
def check(tmp_path):
    """Check a package `acme` of these files; return the exit status and the lines printed."""

    def checked(**files):
        package = tmp_path / "acme"
        package.mkdir()
        (package / "__init__.py").write_text("")
        for name, text in files.items():
            (package / f"{name}.py").write_text(textwrap.dedent(text))
        done = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    return checked


def test_a_sound_package_passes(check):
    code, lines = check(one="from .two import Two", two="class Two:\n    def statsig_gates(self): ...")
    assert (code, len(lines)) == (0, 1)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("from .two import Two", "from acme import one"),
        ("import acme.two", "def late():\n    from . import one"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .two import Two", "from .one import One"),
    ],
)
def test_an_import_circle_is_found_in_every_form(check, one, two):
    code, lines = check(one=one, two=two)
    assert code == 1
    assert lines[0].startswith("import circles: 2 modules import each other: acme.one -> acme.two, acme.two -> ")
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("text", "violation"),
    [
        ("class One: ...\nclass _One: ...", "class names used twice: One: "),
        ("class ParcelReader: ...", "metaphors in names: "),
        ("def _what_was_told(): ...", "metaphors in names: "),
        ("def open_gate(): ...", "metaphors in names: "),
        ("\n" * 301, "long files: "),
        ("".join(f"class One{n}(typing.Protocol[T]): ...\n" for n in range(7)), "too many protocols: 7, at most 6: "),
    ],
)
def test_a_violation_is_printed_and_counted(check, text, violation):
    code, lines = check(one=text)
    assert code == 1
    assert lines[0].startswith(violation)
    assert lines[-1].count(": 1") == 1


def test_a_module_name_is_checked_too(check):
    assert check(places="")[0] == 1


@pytest.mark.parametrize(("kind", "files", "moves"), [("event", 30, 120), ("error", 40, 200)])
@pytest.mark.integration
def test_the_way_of_a_record_stays_short(kind, files, moves):
    """Through how many files a record goes from the call to the answer, and how often from one to another."""
    command = [sys.executable, SCRIPT.with_name("trace_record.py"), kind]
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    way = json.loads(done.stdout)
    assert way["files"] <= files
    assert way["moves"] <= moves
