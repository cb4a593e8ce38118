"""What a running asyncio host pays: lag of its loop, processor time, memory, exit; peers in the same run.

    python benchmarks/host.py [--runs 5] [--seconds 12] [--rate 10 --rate 2000] [--one-cpu] [--chart docs/host.svg]

Each subject runs in turn, in an environment of its own (`benchmarks/peers.txt` and this project), against a server
that accepts all. The first half of a run holds the first delivery, the second half is steady. Processor time is over
that of the host without telemetry, for 1,000 events: of the whole run, imports included, and of its steady half. Exit
is the wall time from the loop's end to the process's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

from _host_programs import SUBJECTS, program
from _measure import environment, print_result, spread

HERE = Path(__file__).parent
BASE = "no telemetry"
PART = ("recorded", "cpu_ms", "steady_recorded", "steady_cpu_ms")  # of the processor time for 1,000 events


def main() -> int:
    """Measure all subjects at all rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--rate", type=int, action="append")
    parser.add_argument("--only", action="append", choices=SUBJECTS)
    parser.add_argument("--one-cpu", action="store_true", help="pin each host to one processor")
    parser.add_argument("--chart", type=Path)
    chosen = parser.parse_args()
    python = _peers_python()
    names = [BASE, *(name for name in SUBJECTS if name != BASE and (not chosen.only or name in chosen.only))]
    lines: list[dict[str, Any]] = []
    for rate in chosen.rate or [10, 2_000]:
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(chosen.runs):
            for name in names:
                runs[name].append(_run(python, name, rate, chosen.seconds, one_cpu=chosen.one_cpu))
        lines += [_line(name, rate, runs[name], runs[BASE], one_cpu=chosen.one_cpu) for name in names]
    for line in lines:
        print_result(**line)
    if chosen.chart:
        subprocess.run(
            [python, str(HERE / "_host_chart.py"), str(chosen.chart)], input=json.dumps(lines), text=True, check=True
        )
    return 0


def _peers_python() -> str:
    """Return the interpreter of the peers' environment, made at the first use."""
    place = HERE.parent / ".peers"
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
        needed = ["-r", str(HERE / "peers.txt"), "-e", str(HERE.parent)]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *needed], check=True)
    return str(python)


def _run(python: str, name: str, rate: int, seconds: float, *, one_cpu: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        script = Path(home) / "host.py"
        script.write_text(program(name))
        server = subprocess.Popen(
            [sys.executable, str(HERE / "_accepting_server.py")], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            pinned = ["taskset", "-c", "0"] if one_cpu else []
            command = [*pinned, python, str(script), str(rate), str(seconds), port]
            done = subprocess.run(
                command, env=environment(home), cwd=home, capture_output=True, text=True, check=False, timeout=300
            )
            ended = time.time()
        finally:
            server.terminate()
            server.wait()
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr[-2000:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    last = figures.pop("ended")
    return {**figures, "exit_ms": (ended - last) * 1000}


def _line(
    name: str, rate: int, runs: list[dict[str, float]], base: list[dict[str, float]], *, one_cpu: bool
) -> dict[str, Any]:
    """Return medians with least and most; processor time over the base, for 1,000 events."""
    pairs = list(zip(runs, base, strict=True))
    whole = [(run["cpu_ms"] - bare["cpu_ms"]) * 1000 / run["recorded"] for run, bare in pairs]
    steady = [(run["steady_cpu_ms"] - bare["steady_cpu_ms"]) * 1000 / run["steady_recorded"] for run, bare in pairs]
    figures = {key: spread([run[key] for run in runs]) for key in runs[0] if key not in PART}
    return {
        "what": "host",
        "subject": name,
        "events_a_second": rate,
        "one_cpu": one_cpu,
        "runs": len(runs),
        **figures,
        "cpu_ms_per_1000": spread(whole),
        "steady_cpu_ms_per_1000": spread(steady),
    }


if __name__ == "__main__":
    raise SystemExit(main())
