"""Running the failing programs, in directories with odd names, and keeping what they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .plants import Plants, make
from .sources import Scenario, scenarios

if TYPE_CHECKING:
    import random
    from pathlib import Path

_SLOT = re.compile(r"@([a-z_]+)@")
_LONGEST = 20.0  # seconds a program may take on a busy machine; one that takes longer says nothing


@dataclass(frozen=True)
class Said:
    """What one program said, and what had been planted in it."""

    tool: str
    text: str
    plants: Plants


def tools() -> list[str]:
    """Return the tools that this machine has."""
    return sorted({scenario.tool for scenario in scenarios() if shutil.which(scenario.tool)})


def outputs(chance: random.Random, where: Path, share: float = 1.0) -> list[Said]:
    """Run each scenario (or a share of them) once, with plants of its own; return what was said."""
    have = set(tools())
    chosen = [one for one in scenarios() if one.tool in have and (one.tool == "python3" or chance.random() < share)]
    jobs = [(one, make(chance), where / str(number)) for number, one in enumerate(chosen)]
    with ThreadPoolExecutor(3) as pool:
        said = pool.map(lambda job: _run(*job), jobs)
    return [one for one in said if one.text.strip()]


def filled(text: str, plants: Plants) -> str:
    """Return a source with the planted strings in it."""

    def value(match: re.Match[str]) -> str:
        if match[1] == "secret_py":
            return plants.secret.replace("\n", "\\n")
        if match[1] == "windows_py":
            return plants.windows.replace("\\", "\\\\")
        return str(getattr(plants, match[1], match[0]))

    return _SLOT.sub(value, text)


def _run(scenario: Scenario, plants: Plants, where: Path) -> Said:
    place = where / plants.directory
    place.mkdir(parents=True)
    for name, source in scenario.files.items():
        (place / filled(name, plants)).write_text(filled(source, plants))
    environ = {**os.environ, plants.shout: plants.secret, "HOME": str(place), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    said = [_say([filled(part, plants) for part in command], place, environ) for command in scenario.commands]
    return Said(scenario.tool, "\n".join(said), plants)


def _say(command: list[str], place: Path, environ: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=place,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)  # it names the program: a message like others
    return done.stdout.decode(errors="replace")
