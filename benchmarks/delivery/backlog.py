"""A backlog of short commands: 5 events each, an error in every hundredth, sent by `telemetry-sdk send`.

    python benchmarks/delivery/backlog.py [--runs 120] [--full]

`--full`: 5,000 runs. The limit of open files is 256. Promised: all delivered, each record once, in one request of
metrics for each 1,000 events (and five more), at most 3 s of CPU, the directory empty afterwards.
"""

from __future__ import annotations

import os
import time

from _world import APP, World, chosen, report, send, world

import telemetry_sdk

EVENTS, EVERY = 5, 100
SIZES = {"runs": (120, 5_000)}


class Step(telemetry_sdk.Event, name="step"):
    run: int
    n: int


def leave(runs: int) -> set[str]:
    """Start and close a client for each run, which sends nothing; return the ids of all records."""
    ids = set()
    for run in range(runs):
        client = telemetry_sdk.start(app=APP, version=f"1.{run % 3}.0", environment=("production", "staging")[run % 2])
        for n in range(EVENTS):
            client.log_event(Step(run=run, n=n))
            ids.add(f"{run}-{n}")
        if run % EVERY == 0:
            ids.add(client.capture_exception(ValueError()) or "")
        client.close()
    return ids


def measure(where: World, runs: int) -> int:
    """Leave the runs, send them, and compare."""
    os.environ.clear()
    os.environ.update(where.environ, TELEMETRY_SDK_AT_EXIT="leave")
    ids = leave(runs)
    files = len(os.listdir(where.state / "spool"))
    began = time.perf_counter()
    output, cpu, status = send(where)
    took = time.perf_counter() - began
    delivered = where.delivered()
    requests = sum(request["service"] == "metrics" for request in where.requests())
    left = os.listdir(where.state / "spool")
    promises = {
        "all delivered": set(delivered) == ids,
        "each once": max(delivered.values(), default=0) == 1,
        "requests of metrics": requests <= -(-runs * EVENTS // 1_000) + 5,
        "cpu": cpu <= 3.0,
        "directory empty": left == [],
        "exit status": status == 0,
    }
    return report(
        "backlog",
        promises,
        runs=runs,
        files=files,
        recorded=len(ids),
        delivered=len(delivered),
        requests_of_metrics=requests,
        cpu_s=round(cpu, 2),
        took_s=round(took, 2),
        left=len(left),
        output=output,
    )


if __name__ == "__main__":
    with world() as made:
        raise SystemExit(measure(made, **chosen(SIZES)))
