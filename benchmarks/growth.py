"""What an event costs when there are more of them: 10^6 over 10^4, 50 threads over one, 50 processes over one.

    python benchmarks/growth.py [--runs 5] [--most 1000000]

Processor time of a whole process for each event, from the call to the server's answer, without its start; for the
threads that of the recording calls alone, by the wall clock: a lock convoy shows there. The throttle is off.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from _measure import environment, print_result

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
CHUNK = 5_000  # events between two waits for the disk: the queue never fills
THREADS = PROCESSES = 50
CALLS = 200_000
EACH = 400  # events of each process
LIMITS = {"events": 1.3, "threads": 1.5, "processes": 1.5}
BEGIN = """
import json, sys, threading, time
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", max_events_per_minute=None)
client.log_event(Tick(n=0))
assert client.flush_sync(60)
"""
EVENTS = """
count, chunk = int(sys.argv[1]), int(sys.argv[2])
began = time.process_time()
for first in range(0, count, chunk):
    for n in range(min(chunk, count - first)):
        client.log_event(Tick(n=n))
    assert client.flush_sync(60, to="spool")
assert client.flush_sync(60)
print((time.process_time() - began) / count * 1e6)
"""
THREADED = """
threads, calls = int(sys.argv[1]), int(sys.argv[2]) // int(sys.argv[1])
tick, ready = Tick(n=1), threading.Barrier(threads + 1)
def record():
    ready.wait()
    for _ in range(calls):
        client.log_event(tick)
    ready.wait()
for _ in range(threads):
    threading.Thread(target=record).start()
ready.wait()
began = time.perf_counter()
ready.wait()
print((time.perf_counter() - began) / (threads * calls) * 1e6)
"""


def main() -> int:
    """Measure the three, and tell whether each ratio is within its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--most", type=int, default=1_000_000)
    chosen = parser.parse_args()
    results = {
        "events": _ratio(chosen.runs, (EVENTS, 10_000, CHUNK), (EVENTS, chosen.most, CHUNK)),
        "threads": _ratio(chosen.runs, (THREADED, 1, CALLS), (THREADED, THREADS, CALLS)),
        "processes": _ratio(chosen.runs, (EVENTS, EACH, EACH), (EVENTS, EACH, EACH), processes=PROCESSES),
    }
    for what, (few, many) in results.items():
        print_result(what=what, few_us=round(few, 2), many_us=round(many, 2), ratio=round(many / few, 2))
    targets = {f"{what}: at most {LIMITS[what]}": many / few <= LIMITS[what] for what, (few, many) in results.items()}
    print_result(targets=targets)
    return 0 if all(targets.values()) else 1


def _ratio(
    runs: int, few: tuple[str, int, int], many: tuple[str, int, int], *, processes: int = 1
) -> tuple[float, float]:
    """Return the medians of both, in microseconds an event, measured in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        taken[0].append(_cost(*few, processes=1))
        taken[1].append(_cost(*many, processes=processes))
    return statistics.median(taken[0]), statistics.median(taken[1])


def _cost(source: str, first: int, second: int, *, processes: int) -> float:
    """Return the mean of what processes print that run at once on one state directory."""
    with tempfile.TemporaryDirectory() as home, _server() as port:
        endpoint = {"TELEMETRY_SDK_STATSIG_KEY": "client-key", "TELEMETRY_SDK_AT_EXIT": "leave"}
        environ = environment(home, **endpoint, TELEMETRY_SDK_STATSIG_URL=f"http://127.0.0.1:{port}/v1")
        command = [sys.executable, "-c", BEGIN + source, str(first), str(second)]
        running = [
            subprocess.Popen(command, env=environ, cwd=home, stdout=subprocess.PIPE, text=True)
            for _ in range(processes)
        ]
        printed = [process.communicate(timeout=600)[0] for process in running]
        if any(process.returncode for process in running):
            raise SystemExit("a measured process failed")
    return statistics.fmean(json.loads(line) for line in printed)


@contextmanager
def _server() -> Iterator[str]:
    """Run an accepting server in a process of its own; yield its port."""
    command = [sys.executable, str(HERE / "_accepting_server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


if __name__ == "__main__":
    raise SystemExit(main())
