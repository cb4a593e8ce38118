"""A short command: its exit with 1,000 records unsent, and what it costs as a whole, over the same program without us.

    python benchmarks/command.py [--runs 101] [--one-cpu]

In pairs, each run in a home of its own, against a server that accepts all. The command computes for 120 ms and records
20 events and an error. `cpu_ms`: of its own process. A detached sender that was started is stopped when all has
arrived.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _measure import environment, print_result, spread

SERVER = Path(__file__).parent / "delivery" / "_counting_server.py"
ARRIVAL = 15.0  # seconds until what was recorded has arrived
START = """
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
"""
WORK = """
import json, time
until = time.perf_counter() + 0.12
while time.perf_counter() < until:
    json.loads(json.dumps(list(range(200))))
"""
RECORD = """
for n in range({events}):
    client.log_event(Tick(n=n))
"""
ERROR = """
try:
    1 / 0
except ZeroDivisionError:
    client.capture_exception()
"""
PRINT = "import time\nprint(time.time(), flush=True)\n"
EXIT = (PRINT, START + RECORD.format(events=1_000) + PRINT, 1_000)
COMMAND = (WORK + PRINT, START + WORK + RECORD.format(events=20) + ERROR + PRINT, 20)


class Timed:
    """One run, in ms: from its start and from its last line to its end, and its processor time."""

    def __init__(self, source: str, environ: dict[str, str], home: str, pinned: list[str]) -> None:
        script = Path(home, "program.py")
        script.write_text(source)
        began = time.time()
        with subprocess.Popen(
            [*pinned, sys.executable, str(script)], env=environ, cwd=home, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            last = float(process.stdout.readline())
            _, status, usage = os.wait4(process.pid, 0)
            ended = time.time()
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"the program failed: {process.returncode}")
        self.whole = (ended - began) * 1000
        self.exit = (ended - last) * 1000
        self.cpu = (usage.ru_utime + usage.ru_stime) * 1000


def pairs(programs: tuple[str, str, int], runs: int, pinned: list[str]) -> tuple[list[tuple[Timed, Timed]], int]:
    """Run both programs in turn; return the times, and how many of the recorded events arrived."""
    without, with_us, events = programs
    timed: list[tuple[Timed, Timed]] = []
    arrived = 0
    for run in range(runs + 1):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            log = Path(home, "requests.jsonl")
            with subprocess.Popen([sys.executable, SERVER, log], stdout=subprocess.PIPE, text=True) as server:
                assert server.stdout is not None
                port = server.stdout.readline().strip()
                names = {
                    "STATSIG_KEY": "client-key",
                    "STATSIG_URL": f"http://127.0.0.1:{port}/v1",
                    "SENTRY_DSN": f"http://key@127.0.0.1:{port}/1",
                }
                environ = environment(home, **{f"TELEMETRY_SDK_{name}": value for name, value in names.items()})
                pair = Timed(without, environ, home, pinned), Timed(with_us, environ, home, pinned)
                until = time.monotonic() + ARRIVAL
                while _events(log) < events and time.monotonic() < until:
                    time.sleep(0.01)
                if run:  # the first warms up
                    timed.append(pair)
                    arrived += _events(log)
                subprocess.run(
                    [Path(sys.executable).with_name("telemetry-sdk"), "send", "--stop"],
                    env=environ,
                    cwd=home,
                    check=False,
                    capture_output=True,
                )
                server.terminate()
    return timed, arrived


def _events(log: Path) -> int:
    try:
        lines = log.read_text().splitlines()
    except FileNotFoundError:
        return 0
    return sum(json.loads(line)["events"] for line in lines)


def main() -> int:
    """Measure both; tell whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=101)
    parser.add_argument("--one-cpu", action="store_true", help="pin each program, and what it starts, to one processor")
    chosen = parser.parse_args()
    pinned = ["taskset", "-c", "0"] if chosen.one_cpu and shutil.which("taskset") else []
    ends, arrived = pairs(EXIT, chosen.runs, pinned)
    costs = sorted(ours.exit - bare.exit for bare, ours in ends)
    median, late = spread(costs)["median"], costs[min(len(costs) - 1, int(len(costs) * 0.99))]
    print_result(
        what="exit, 1,000 records unsent",
        one_cpu=bool(pinned),
        bare_ms=spread([bare.exit for bare, _ in ends]),
        ms=spread(costs),
        p99_ms=round(late, 1),
        arrived=arrived,
        of=1_000 * chosen.runs,
    )
    whole, came = pairs(COMMAND, min(chosen.runs, 21), pinned)
    ratio = spread([ours.whole / bare.whole for bare, ours in whole])
    cpu = spread([ours.cpu - bare.cpu for bare, ours in whole])
    print_result(
        what="a command of 150 ms",
        one_cpu=bool(pinned),
        bare_ms=spread([bare.whole for bare, _ in whole]),
        ratio=ratio,
        cpu_ms=cpu,
        arrived=came,
        of=20 * len(whole),
    )
    targets = {
        "exit, median": median <= (90 if pinned else 60),
        "exit, p99": bool(pinned) or late <= 100,
        "command, time": ratio["median"] <= 1.4,
        "command, cpu": cpu["median"] <= 40,
        "all arrive": arrived == 1_000 * chosen.runs and came == 20 * len(whole),
    }
    print_result(targets=targets)
    return 0 if all(targets.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
