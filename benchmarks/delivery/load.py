"""Loads of events: what reaches the server, second by second, and what the accounts say of the rest.

    python benchmarks/delivery/load.py [--full] [--only steady|busy|burst|outage]

The throttle is off. `steady`: 10,000 events/s from 50 threads (full: a minute); `busy`: the same beside 3 computing
threads; `burst`: 200,000 events at once; `outage` (full only): the server refuses connections for 60 s, in which
500,000 events and 60 distinct errors are recorded. An error is captured every 5 s; its delay is the time until its
bytes are at the server.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from _shared import environment, report

import telemetry_sdk

SERVER = str(Path(__file__).with_name("_counting_server.py"))
THREADS = 50
CAP = 100_000  # records of the queue
SCENARIOS: dict[str, dict[str, float]] = {
    "steady": {"rate": 10_000, "seconds": 60, "every": 5.0},
    "busy": {"rate": 10_000, "seconds": 60, "every": 5.0, "busy": 3},
    "burst": {"burst": 200_000, "every": 5.0},
    "outage": {"rate": 8_334, "seconds": 60, "every": 1.0, "outage": 60.0, "after": 150.0},
}


class Tick(telemetry_sdk.Event, name="tick"):
    n: int


def main() -> int:
    """Run each scenario in a process of its own, so that its memory is its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the full size")
    parser.add_argument("--only", choices=SCENARIOS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(_scenario(chosen.one, full=chosen.full)))
        return 0
    names = [chosen.only] if chosen.only else [name for name in SCENARIOS if chosen.full or name != "outage"]
    broken: list[str] = []
    figures: dict[str, object] = {}
    for name in names:
        command = [sys.executable, __file__, "--one", name, *(["--full"] if chosen.full else [])]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout)
        broken += [f"{name}: {text}" for text in found.pop("broken")]
        figures[name] = found
    return report("load", full=chosen.full, broken=broken, scenarios=figures)


def _scenario(name: str, *, full: bool) -> dict[str, Any]:
    load = dict(SCENARIOS[name])
    if not full and "seconds" in load:
        load["seconds"] = 5
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        log = Path(home) / "requests.jsonl"
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        os.environ.clear()
        os.environ.update(
            environment(home), TELEMETRY_SDK_STATSIG_URL=f"{url}/v1", TELEMETRY_SDK_STATSIG_KEY="client-key"
        )
        os.environ["TELEMETRY_SDK_SENTRY_DSN"] = f"http://key@127.0.0.1:{port}/1"
        server = _LateServer(log, port, load.get("outage", 0.0))
        try:
            line = _load(load, server)
        finally:
            server.stop()
        requests = [json.loads(text) for text in log.read_text().splitlines()]
    seen = _seen(requests, line)
    return {**seen, "broken": _broken(name, seen, full=full)}


class _LateServer:
    """The counting server, from `delay` seconds on."""

    def __init__(self, log: Path, port: int, delay: float) -> None:
        self._command = [sys.executable, SERVER, str(log), str(port)]
        self._process: subprocess.Popen[str] | None = None
        self._timer = threading.Timer(delay, self._start)
        self.came = time.time() + delay
        log.touch()
        if delay:
            self._timer.start()
        else:
            self._start()

    def stop(self) -> None:
        """End the server."""
        self._timer.cancel()
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def _start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._process.stdout.readline()


def _load(load: dict[str, float], server: _LateServer) -> dict[str, Any]:
    client = telemetry_sdk.start(app="acme-agent", version="1.4.2", max_events_per_minute=None)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stop = threading.Event()
    busy = [threading.Thread(target=_compute, args=(stop,), daemon=True) for _ in range(int(load.get("busy", 0)))]
    rate, burst = load.get("rate", 0.0), int(load.get("burst", 0))
    events = burst // THREADS or int(rate * load["seconds"] / THREADS)
    pace = 0.0 if burst else THREADS / rate
    ready = threading.Barrier(THREADS + 1)  # beside computing threads it takes seconds to start so many
    writers = [
        threading.Thread(target=_record, args=(client, ready, events, pace, number), daemon=True)
        for number in range(THREADS)
    ]
    for thread in (*busy, *writers):
        thread.start()
    ready.wait()
    began, wall = time.monotonic(), time.time()
    captured: list[float] = []
    while any(thread.is_alive() for thread in writers):
        captured.append(time.time())
        _capture(client, len(captured))
        time.sleep(load["every"])
    took = time.monotonic() - began
    stop.set()
    if "after" in load:
        time.sleep(max(0.0, server.came + load["after"] - time.time()))
    flushed = client.flush_sync(120)
    stats = client.stats()
    client.close()
    return {
        "recorded": events * THREADS + len(captured),
        "began": wall,
        "came": server.came,
        "took_s": round(took, 1),
        "captured": captured,
        "flushed": flushed,
        "stats": stats,
        "memory_mib": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
    }


def _record(
    client: telemetry_sdk.TelemetryClient, ready: threading.Barrier, events: int, pace: float, number: int
) -> None:
    ready.wait()
    began = time.monotonic()
    for n in range(events):
        client.log_event(Tick(n=number * events + n))
        ahead = began + n * pace - time.monotonic()
        if ahead > 0.0:
            time.sleep(ahead)


def _capture(client: telemetry_sdk.TelemetryClient, number: int) -> None:
    try:
        exec(compile("\n" * number + "1 / 0", "load.py", "exec"))  # another line each time: a distinct error
    except ZeroDivisionError:
        client.capture_exception()


def _compute(stop: threading.Event) -> None:
    while not stop.is_set():
        sum(range(10_000))


def _seen(requests: list[dict[str, float]], line: dict[str, Any]) -> dict[str, Any]:
    """Return what the server saw, and whether the accounts are exact."""
    began, took, stats = line["began"], line["took_s"], line["stats"]
    metrics = [request for request in requests if request["events"]]
    errors = [request["time"] for request in requests if not request["events"]]
    windows = [0] * max(1, int(took // 10))
    for request in metrics:
        window = int((request["time"] - began) // 10)
        if 0 <= window < len(windows):
            windows[window] += 1
    directory = stats["directory"]
    in_process = sum(stats["spooled"].values()) + sum(stats["dropped"].values()) + stats["queued"]
    spooled = sum(sum(directory[part].values()) for part in ("waiting", "delivered", "dropped"))
    delivered = sum(int(request["events"]) for request in metrics)
    times = [request["time"] - began for request in metrics]
    return {
        "recorded": line["recorded"],
        "delivered": delivered,
        "first_request_s": round(min(times, default=0.0), 2),
        "delivered_a_second": round(delivered / max(times)) if times else 0,
        "errors_captured": len(line["captured"]),
        "errors_delivered": len(errors),
        "error_delays_s": [round(at - since, 2) for since, at in zip(line["captured"], errors, strict=False)],
        "last_error_after_the_server_came_s": round(max(errors, default=0.0) - line["came"], 1),
        "requests": len(metrics),
        "requests_a_10_s": windows,
        "dropped": dict(Counter(stats["dropped"]) + Counter(directory["dropped"])),
        "waiting": directory["waiting"],
        "exact": line["recorded"] == in_process and sum(stats["spooled"].values()) == spooled,
        "flushed": line["flushed"],
        "took_s": took,
        "memory_mib": line["memory_mib"],
    }


def _broken(name: str, seen: dict[str, Any], *, full: bool) -> list[str]:
    """Return the promises that are broken; those about time need a quiet machine and the full size."""
    delivered, recorded = seen["delivered"], seen["recorded"]
    errors = f"{seen['errors_delivered']} of {seen['errors_captured']} errors arrived"
    counted = sum((delivered, seen["errors_delivered"], *seen["dropped"].values(), *seen["waiting"].values()))
    always = {
        "the accounts are not exact": not seen["exact"],
        f"{recorded - counted} records are neither delivered nor counted": counted < recorded,
        errors: seen["errors_delivered"] < seen["errors_captured"],
        f"{delivered} events arrived of a queue of {CAP}": name == "burst" and delivered < 0.9 * CAP,
    }
    steady, windows = name in {"steady", "busy"}, seen["requests_a_10_s"]
    slowest, last = max(seen["error_delays_s"], default=0.0), seen["last_error_after_the_server_came_s"]
    timed = {
        f"{delivered} of {recorded} delivered": steady and delivered < 0.95 * recorded,
        f"requests in windows of 10 s: {windows}": steady and not 80 <= min(windows) <= max(windows) <= 120,
        f"an error took {slowest} s": steady and slowest > 2.0,
        f"the last error came {last} s after the outage": name == "outage" and last > 120.0,
        f"{seen['memory_mib']} MiB of memory": seen["memory_mib"] > 45.0,
    }
    return [text for text, is_broken in {**always, **(timed if full else {})}.items() if is_broken]


if __name__ == "__main__":
    raise SystemExit(main())
