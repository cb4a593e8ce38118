"""What the benchmarks share: whole processes in turn, medians, JSON lines."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DECIDES = ("DISABLE_", "DO_NOT_TRACK", "CLAUDE_CODE_", "TELEMETRY_SDK_", "SENTRY_", "STATSIG_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "XDG_STATE_HOME")


def environment(home: str, **more: str) -> dict[str, str]:
    """Return this process's environment without what decides about telemetry; bytecode is cached, as for a user."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith((*DECIDES, *PROXIES))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "HOME": home, "USERPROFILE": home, **more}


def whole_process(source: str, environ: dict[str, str], home: str, timeout: float = 120.0) -> tuple[float, str]:
    """Run a program from a file; return its wall time in ms and what it printed."""
    script = Path(home) / "program.py"
    script.write_text(source)
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(script)],
        env=environ,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    took = (time.perf_counter() - began) * 1000
    if done.returncode:
        raise SystemExit(f"the program failed: {done.stderr}")
    return took, done.stdout.strip()


def in_turn(programs: dict[str, tuple[str, dict[str, str]]], runs: int) -> dict[str, dict[str, float]]:
    """Run programs in turn, after one warm-up each; return median, least and most of ms by name."""
    took: dict[str, list[float]] = {name: [] for name in programs}
    with tempfile.TemporaryDirectory() as home:
        for turn in range(runs + 1):
            for name, (source, environ) in programs.items():
                ms, _ = whole_process(source, {**environment(home), **environ}, home)
                if turn:
                    took[name].append(ms)
    return {name: spread(values) for name, values in took.items()} | {
        f"{name} over {first}": spread([b - a for a, b in zip(took[first], values, strict=True)])
        for first in list(programs)[:1]
        for name, values in took.items()
        if name != first
    }


def spread(values: list[float]) -> dict[str, float]:
    """Return median, least and most."""
    return {
        "median": round(statistics.median(values), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
    }


def print_result(**line: object) -> None:
    """Print one JSON line."""
    print(json.dumps(line), flush=True)
