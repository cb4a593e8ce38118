"""A scanner that is not ours finds nothing in what we have cleaned; harmless texts hardly change.

Kingfisher scans files on this machine; its validation of what it finds, which would use the network, is off.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from telemetry_sdk.redaction import redact_secrets
from telemetry_sdk.redaction.spans import MARK
from tests.corpus.contexts import AROUND, HELD, NAMED, PASSWORDS
from tests.corpus.plants import seed
from tests.corpus.secrets_made import MAKERS

SCANNER = Path(sys.executable).with_name("kingfisher")
TEXTS = 2400
LEAST_FOUND = 300  # in the texts as they were: else the scanner did not look
MOST_CHANGED = 0.005  # of the tokens of harmless texts


def made(chance: random.Random) -> list[str]:
    """Return texts with secrets of all kinds in all contexts."""
    texts = [form.format(chance.choice(PASSWORDS)) for form in NAMED for _ in range(10)]
    while len(texts) < TEXTS:
        for maker in MAKERS.values():
            secret = maker(chance)
            text = chance.choice(AROUND).format(secret)
            texts.append(chance.choice(list(HELD.values()))(text, secret, chance))
    return texts


def scanned(folder: Path, texts: list[str]) -> list[dict[str, Any]]:
    """Return what the scanner finds at its default confidence."""
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8", errors="surrogatepass")
    options = ["--no-validate", "--no-update-check", "--no-dedup", "--format", "json"]
    done = subprocess.run([SCANNER, "scan", folder, *options], capture_output=True, text=True, check=False)
    report, _ = json.JSONDecoder().raw_decode(done.stdout, done.stdout.index("{"))
    return [{"rule": row["rule"]["name"], **row["finding"]} for row in report["findings"]]


@pytest.mark.large
def test_an_independent_scanner_finds_only_our_marks(tmp_path: Path):
    number = seed()
    print(f"CORPUS_SEED={number}")
    texts = made(random.Random(number))
    before = scanned(tmp_path / "before", texts)
    after = scanned(tmp_path / "after", [redact_secrets(text) for text in texts])
    left = [found for found in after if not found["snippet"].startswith(MARK)]
    print(f"{len(texts)} texts: {len(before)} findings before, {len(after)} after, {len(left)} of them not our marks")
    assert len(before) >= LEAST_FOUND
    assert left == []


@pytest.mark.large
def test_sources_and_prose_hardly_change():
    """The standard library's sources, and this project's documents."""
    library = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    documents = sorted(Path(__file__).parents[2].glob("docs/**/*.md"))
    tokens = changed = 0
    for path in (*library, *documents):
        text = path.read_text(encoding="utf-8", errors="replace")
        before, after = text.split(), redact_secrets(text).split()
        tokens += len(before)
        changed += sum(MARK in token for token in after)
    print(f"{changed} of {tokens} tokens changed")
    assert tokens > 300_000
    assert changed <= MOST_CHANGED * tokens
