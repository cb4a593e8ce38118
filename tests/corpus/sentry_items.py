"""Items that the real `sentry_sdk` made in a process of its own, and what was planted in them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
APPLICATION = "acme_corpus"


@dataclass(frozen=True, slots=True)
class Corpus:
    """`items`: type and payload, as on the wire; `planted`: what must not survive; `place`: the application's files."""

    items: tuple[tuple[str, dict[str, Any]], ...]
    planted: tuple[str, ...]
    place: Path


def made(seed: int, count: int, directory: Path, environ: Mapping[str, str]) -> Corpus:
    """Run the program that makes them, with the application's package in a directory of its own."""
    shutil.copytree(HERE / "application" / APPLICATION, directory / APPLICATION)
    out = directory / "items.jsonl"
    subprocess.run(
        [sys.executable, str(HERE / "sentry_program.py"), str(seed), str(count), str(out), str(directory)],
        env=dict(environ),
        check=True,
        capture_output=True,
        timeout=100,
    )
    *lines, last = out.read_text(encoding="utf-8").splitlines()
    items = tuple((line["type"], line["payload"]) for line in map(json.loads, lines))
    return Corpus(items, tuple(json.loads(last)["planted"]), directory / APPLICATION)
