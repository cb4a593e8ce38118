"""A transcript that is larger than the report may be needs little memory, whatever its form."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "bug_reports" / "large_transcript.py"


@pytest.mark.large
@pytest.mark.parametrize("form", ["lines", "document", "text"])
def test_a_large_transcript_needs_little_memory(form: str):
    done = subprocess.run(
        [sys.executable, BENCHMARK, "--form", form], capture_output=True, text=True, timeout=300, check=False
    )
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"]) == (0, True), found
    assert found["kept_bytes"] < found["size_mb"] * 1_000_000
