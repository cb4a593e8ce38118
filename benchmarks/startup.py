"""Import and start, over bare Python: whole processes in turn, medians of 21 runs (the peers: 7).

    python benchmarks/startup.py [--modules]

`--modules`: only what each module of the start costs itself, in microseconds, the least of 21 runs.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from _measure import environment, in_turn, print_result, spread, whole_process

START = """
import telemetry_sdk
client = telemetry_sdk.start(
    app="acme-agent", version="1.4.2", statsig_key="client-key", sentry_dsn="https://key@sentry.example/1"
)
"""
IMPORT = "import telemetry_sdk\ntelemetry_sdk.start"
PEERS = """
import sentry_sdk
from statsig import StatsigOptions, statsig
statsig.initialize("secret-key", StatsigOptions(local_mode=True))  # without a network: its least
sentry_sdk.init("http://key@127.0.0.1:9/1")
import os
os._exit(0)
"""
COUNT = """
import sys
threading = sys.modules.get("threading")
print(len(sys.modules), threading.active_count() if threading else 1)
"""
ALL_OFF = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DO_NOT_TRACK": "1"}
RUNS = 21


def main() -> int:
    """Measure, and tell whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", action="store_true")
    if parser.parse_args().modules:
        costs = _module_costs()
        print_result(what="modules of the start", number=len(costs), us=sum(costs.values()), each=costs)
        return 0
    figures = in_turn(
        {"bare": ("pass", {}), "import": (IMPORT, {}), "start": (START, {}), "off": (START, ALL_OFF)}, RUNS
    )
    for name, figure in figures.items():
        print_result(what=name, ms=figure)
    with_file = _with_settings()
    print_result(what="start with a settings file over bare", ms=with_file)
    peers = in_turn({"bare": ("pass", {}), "statsig + sentry": (PEERS, {})}, 7)["statsig + sentry over bare"]
    print_result(what="statsig + sentry over bare", ms=peers)
    print_result(what="start: modules and threads", of=_counted(START))
    ours = figures["start over bare"]["median"]
    targets = {
        "start at most 10 ms over bare": ours <= 10,
        "with a settings file at most 16 ms": with_file["median"] <= 16,
        "at least 20 times cheaper than statsig + sentry": peers["median"] >= 20 * ours,
    }
    print_result(targets=targets, ratio=round(peers["median"] / ours, 1))
    return 0 if all(targets.values()) else 1


def _with_settings() -> dict[str, float]:
    """Measure with a user's settings file; the file is written by the program's own directory, before it runs."""
    took = []
    with tempfile.TemporaryDirectory() as home:
        settings = Path(home) / ".claude" / "settings.json"
        settings.parent.mkdir()
        settings.write_text(json.dumps({"theme": "dark", "env": {"EDITOR": "vi"}}))
        for turn in range(RUNS + 1):
            bare, _ = whole_process("pass", environment(home), home)
            ms, _ = whole_process(START, environment(home), home)
            if turn:
                took.append(ms - bare)
    return spread(took)


def _module_costs() -> dict[str, int]:
    """Return the microseconds of each module that a start loads beyond bare Python, the dearest first."""
    least: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as home:
        bare = _imported("pass", home)
        for _ in range(RUNS):
            for name, microseconds in _imported(START, home).items():
                least[name] = min(microseconds, least.get(name, microseconds))
    return dict(sorted(((n, us) for n, us in least.items() if n not in bare), key=lambda row: -row[1]))


def _imported(source: str, home: str) -> dict[str, int]:
    """Return the microseconds of each module's own body and search, as the interpreter counts them."""
    command = [sys.executable, "-X", "importtime", "-c", source]
    done = subprocess.run(command, env=environment(home), cwd=home, capture_output=True, text=True, check=True)
    rows = re.findall(r"^import time: +(\d+) \| +\d+ \| +(\S+)$", done.stderr, re.MULTILINE)
    return {name: int(microseconds) for microseconds, name in rows}


def _counted(source: str) -> str:
    with tempfile.TemporaryDirectory() as home:
        return whole_process(source + COUNT, environment(home), home)[1]


if __name__ == "__main__":
    sys.exit(main())
