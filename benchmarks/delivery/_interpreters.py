"""The interpreters with which programs are run: those that were named, or an environment of its own for each found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
UV = ROOT / ".tools" / "bin" / "uv"
MADE = ROOT / ".tools" / "exits"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
EXTRAS = ("trio", "rich")
DESCRIBE = f"""
import importlib.util, json, sys, telemetry_sdk
print(json.dumps([sys.version.split()[0], [name for name in {EXTRAS} if importlib.util.find_spec(name)]]))
"""


class Interpreter(NamedTuple):
    """An interpreter in whose environment this package is installed; `extras`: which of trio and rich are, too."""

    path: str
    version: str
    extras: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.version} with {' and '.join(self.extras)}" if self.extras else f"{self.version} without extras"


def described(path: str) -> Interpreter:
    """Return an interpreter by its path."""
    done = subprocess.run([path, "-c", DESCRIBE], stdout=subprocess.PIPE, text=True, check=True)
    version, extras = json.loads(done.stdout)
    return Interpreter(os.path.abspath(path), version, tuple(extras))


def running() -> Interpreter:
    """Return the interpreter that runs this."""
    return described(sys.executable)


def made() -> Iterator[Interpreter]:
    """Make two environments for each supported interpreter on PATH, with trio and rich and without; needs the index."""
    constraints = MADE / "constraints.txt"
    MADE.mkdir(parents=True, exist_ok=True)
    _uv("export", "--locked", "--all-extras", "--all-groups", "--no-emit-project", "--no-hashes", "-o", constraints)
    for base in filter(None, map(_found, VERSIONS)):
        for extras in (EXTRAS, ()):
            yield described(_environment(base, extras, constraints))


def _environment(base: str, extras: tuple[str, ...], constraints: Path) -> str:
    """Install this package and `extras`, as a user does, and return the path of the environment's interpreter."""
    version = subprocess.run([base, "-V"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[1]
    folder = MADE / "-".join((version, *extras))
    _uv("venv", "--clear", "--python", base, folder)
    python = str(folder / "bin" / "python")
    fresh = ("--refresh-package", "telemetry-sdk", "--compile-bytecode")
    _uv("pip", "install", *fresh, "--constraint", constraints, "--python", python, ROOT, *extras)
    return python


def _found(version: str) -> str | None:
    """Return the interpreter of a version on PATH; a shim of a version that is not installed fails."""
    path = shutil.which(f"python{version}")
    code = f"import sys; print(sys.executable); sys.exit('%d.%d' % sys.version_info[:2] != {version!r})"
    done = path and subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done and done.returncode == 0 else None


def _uv(*arguments: str | Path) -> None:
    subprocess.run([UV, *arguments, "--quiet"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
