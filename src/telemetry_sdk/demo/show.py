"""The demonstration from its beginning to its verdict."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from . import report
from .launch import perform
from .plant import Plant, Plants
from .runs import SCENARIOS
from .search import Needles
from .verdict import failures, search_all, try_search

if TYPE_CHECKING:
    from rich.console import Console


def show(console: Console, seed: int) -> bool:
    """Run the agent under every policy, print what came of it, and tell whether all is as it must be.

    Raises ModuleNotFoundError without the receiver's packages.
    """
    began = time.monotonic()
    plants = Plants(seed)
    console.print(f"A small agent runs {len(SCENARIOS)} times against a receiver on this machine (seed {seed}) ...")
    with tempfile.TemporaryDirectory(prefix="telemetry-sdk demo ", ignore_cleanup_errors=True) as root:
        needles = Needles([*plants.all(), *_own_places(root)])
        runs = [perform(scenario, plants, Path(root, str(number))) for number, scenario in enumerate(SCENARIOS)]
    controls, searched = try_search(needles, runs[0]), search_all(needles, runs)
    report.policies(console, runs)
    report.arrivals(console, runs)
    report.wire(console, runs[0])
    report.bug_report(console, runs[0])
    report.search(console, len(needles.plants), controls, searched)
    wrong = list(failures(needles, runs, controls, searched))
    for line in wrong:
        console.print(f"FAILED: {line}", soft_wrap=True)
    verdict = f"{len(wrong)} expectations failed" if wrong else "All expectations hold"
    console.print(f"{verdict}. Took {time.monotonic() - began:.1f} seconds.")
    return not wrong


def _own_places(root: str) -> list[Plant]:
    """Return the real paths of this run, which must not leave either."""
    return [
        Plant("path", "the temporary directory's name", Path(root).name),
        Plant("path", "the application's directory", str(Path(__file__).parent)),
        Plant("path", "the standard library's directory", os.path.dirname(os.__file__)),
    ]
