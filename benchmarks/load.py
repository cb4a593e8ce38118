"""A load of events: what reaches the server, second by second, and what the account says of the rest.

    python benchmarks/load.py [--rate 10000] [--threads 50] [--seconds 60] [--busy 0] [--burst 0]

`--busy` threads of the host compute beside it; `--burst` events are recorded at once instead. The throttle is off.
One error is captured every 5 s; its delay is the time until its bytes are at the server.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from _measure import environment, print_result

import telemetry_sdk

SERVER = str(Path(__file__).with_name("_counting_server.py"))
ERROR_SECONDS = 5.0


class Tick(telemetry_sdk.Event, name="tick"):
    n: int


def main() -> int:
    """Run the load in this process, with the server in another."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--burst", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        log = Path(home) / "requests.jsonl"
        with subprocess.Popen([sys.executable, SERVER, str(log)], stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            os.environ.clear()
            os.environ.update(environment(home), TELEMETRY_SDK_STATSIG_URL=f"{url}/v1/log_event")
            os.environ["TELEMETRY_SDK_STATSIG_KEY"] = "client-key"
            os.environ["TELEMETRY_SDK_SENTRY_DSN"] = f"{url.replace('//', '//key@')}/1"
            try:
                line = _load(chosen)
            finally:
                server.terminate()
        requests = [json.loads(text) for text in log.read_text().splitlines()]
    seen = _seen(requests, line)
    print_result(**line, **seen)
    return 0


def _load(chosen: argparse.Namespace) -> dict[str, object]:
    client = telemetry_sdk.start(app="acme-agent", version="1.4.2", max_events_per_minute=None)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stop = threading.Event()
    busy = [threading.Thread(target=_compute, args=(stop,), daemon=True) for _ in range(chosen.busy)]
    per_thread = chosen.burst // chosen.threads or int(chosen.rate * chosen.seconds / chosen.threads)
    pace = 0.0 if chosen.burst else chosen.threads / chosen.rate
    writers = [
        threading.Thread(target=_record, args=(client, per_thread, pace, number), daemon=True)
        for number in range(chosen.threads)
    ]
    began, wall = time.monotonic(), time.time()
    for thread in (*busy, *writers):
        thread.start()
    captured = []
    while any(thread.is_alive() for thread in writers):
        captured.append(time.time())
        _capture(client, len(captured))
        time.sleep(ERROR_SECONDS)
    for thread in writers:
        thread.join()
    took = time.monotonic() - began
    waiting = client.stats()
    stop.set()
    flushed = client.flush_sync(60)
    stats = client.stats()
    client.close()
    return {
        "what": "load",
        **vars(chosen),
        "recorded": per_thread * chosen.threads,
        "began": wall,
        "took_s": round(took, 1),
        "errors": captured,
        "flushed": flushed,
        "waiting_at_end": waiting["queued"],
        "dropped": {**stats["dropped"], **stats["directory"]["dropped"]},
        "memory_mib": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
    }


def _record(client: telemetry_sdk.TelemetryClient, events: int, pace: float, number: int) -> None:
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


def _seen(requests: list[dict[str, float]], line: dict[str, object]) -> dict[str, object]:
    """Return what the server saw: events, requests in each 10 s, the delay of each error in s."""
    began, took = float(str(line.pop("began"))), float(str(line["took_s"]))
    captured = line.pop("errors")
    assert isinstance(captured, list)
    metrics = [request for request in requests if request["events"]]
    errors = [request["time"] for request in requests if not request["events"]]
    windows = [0] * max(1, int(took // 10))
    for request in metrics:
        window = int((request["time"] - began) // 10)
        if window < len(windows):
            windows[window] += 1
    return {
        "delivered": sum(int(request["events"]) for request in metrics),
        "requests_a_10_s": windows,
        "error_delays_s": [round(seen - at, 2) for at, seen in zip(captured, errors, strict=False)],
        "errors_delivered": len(errors),
    }


if __name__ == "__main__":
    raise SystemExit(main())
