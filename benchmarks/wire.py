"""Bytes of an event on the wire: in requests of 1,000 of one run, and in requests merged from runs of five.

    python benchmarks/wire.py

The events are those of host.py: a duration and a counter; in a third line a choice, a random duration and a flag, for
which there is no target. `raw_bytes`: before compression; headers are not counted.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from _measure import environment, print_result

import telemetry_sdk

SERVER = Path(__file__).parent / "delivery" / "_counting_server.py"
EVENTS, OF_A_RUN = 4_000, 5
CASES = {  # size of a run, bytes at most
    "one run": (EVENTS, 10.0),
    "merged from runs of 5": (OF_A_RUN, 40.0),
    "one run, random values": (EVENTS, None),
}
SEED = 20_261_127


class ToolUse(telemetry_sdk.Event, name="tool_use"):
    duration_ms: float
    n: int


class Varied(telemetry_sdk.Event, name="varied"):
    tool: Literal["bash", "edit", "read"]
    duration_ms: float
    ok: bool


def record(size: int, *, varied: bool) -> None:
    """Record the events, so many in each run."""
    chance = random.Random(SEED)
    for run in range(EVENTS // size):
        client = telemetry_sdk.start(app="acme-agent", version="1.4.2", max_events_per_minute=None)
        for n in range(size):
            if varied:
                tool: Literal["bash", "edit", "read"] = chance.choice(("bash", "edit", "read"))
                taken = chance.randrange(1, 50_000) / 10
                client.log_event(Varied(tool=tool, duration_ms=taken, ok=chance.random() < 0.9))
            else:
                client.log_event(ToolUse(duration_ms=12.5, n=run * size + n))
        client.close(timeout=5.0)


def measure(what: str, size: int, most: float | None) -> bool:
    """Record, send, and print what the server saw; return whether the target is met."""
    with tempfile.TemporaryDirectory() as home:
        log = Path(home, "requests.jsonl")
        with subprocess.Popen([sys.executable, SERVER, log], stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
            names = {"STATSIG_KEY": "client-key", "STATSIG_URL": url, "AT_EXIT": "leave"}
            environ = environment(home, **{f"TELEMETRY_SDK_{name}": value for name, value in names.items()})
            os.environ.clear()
            os.environ.update(environ)
            record(size, varied=most is None)
            subprocess.run([Path(sys.executable).with_name("telemetry-sdk"), "send"], check=True, capture_output=True)
            server.terminate()
        requests = [json.loads(line) for line in log.read_text().splitlines()]
    events = sum(request["events"] for request in requests)
    each, raw = (round(sum(request[name] for request in requests) / max(1, events), 2) for name in ("bytes", "raw"))
    met = events == EVENTS and (most is None or each <= most)
    print_result(
        what=f"wire, {what}", seed=SEED, events=events, requests=len(requests), bytes=each, raw_bytes=raw, ok=met
    )
    return met


def main() -> int:
    """Measure all; tell whether the targets are met."""
    results = [measure(what, *case) for what, case in CASES.items()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
