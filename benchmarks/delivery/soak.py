"""A long run beside a server that comes and goes: memory, descriptors and files do not grow.

    python benchmarks/delivery/soak.py [--full]

20 seconds and 33,000 events; full: a million events in 10 minutes, compared at minutes 2 and 10. The server refuses
connections for a third of the time, and runs in a process of its own. At a mark all is delivered first. Memory may grow
by 1 MiB, without what the C library's allocator keeps free. One connection may be open or not.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _flapping_server import HOLD
from _shared import environment, is_full, report

import telemetry_sdk

SERVER = str(Path(__file__).with_name("_flapping_server.py"))
RATE = 1_667  # events a second
FIRST = 5_000  # events at once: as many as wait in memory where the machine is busy
GROUP = 50  # events between two pauses
SMALL, FULL = (8.0, 20.0), (120.0, 600.0)  # seconds at which to measure
GROWTH = 1.0  # MiB
SMALL_GROWTH = 4.0  # MiB: 200 bytes an event; in half a minute a later backlog may be the largest so far


class Tick(telemetry_sdk.Event, name="tick"):
    """What is recorded."""

    n: int


class FlappingServer:
    """A server that is up and down in turn, in a process of its own; `hold` keeps it up."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            self.port = unused.getsockname()[1]
        self._home = home
        self._process = subprocess.Popen([sys.executable, SERVER, str(home), str(self.port)])

    def hold(self) -> None:
        """Keep it up, from its next start on."""
        (self._home / HOLD).touch()

    def release(self) -> None:
        """Let it go down again."""
        (self._home / HOLD).unlink()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def requests(self) -> list[dict[str, Any]]:
        """Return what it noted."""
        return [json.loads(line) for log in self._home.glob("requests-*") for line in log.read_text().splitlines()]


def measure(client: telemetry_sdk.TelemetryClient, server: FlappingServer, home: Path) -> dict[str, Any]:
    """Deliver all, then return this process's memory, descriptors (a connection is open) and files."""
    server.hold()
    client.log_event(Tick(n=-1))
    flushed = any(client.flush_sync(30) for _ in range(4))
    server.release()
    gc.collect()
    _trim()
    status = Path("/proc/self/status").read_text().splitlines()
    (rss,) = [int(line.split()[1]) for line in status if line.startswith("VmRSS")]
    files = [str(path.relative_to(home)) for path in (home / "state").rglob("*") if path.is_file()]
    files = [path for path in files if "/sent/" not in path]  # the ledger has its own cap
    descriptors = sorted(os.readlink(f"/proc/self/fd/{number}").split(":")[0] for number in _descriptors())
    return {"flushed": flushed, "rss_mib": rss / 1024, "descriptors": descriptors, "files": sorted(files)}


def _trim() -> None:
    """Give back what the C library's allocator keeps of a past backlog: some MiB, whenever the machine was busy."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _descriptors() -> list[str]:
    return [number for number in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{number}")]


def _differ(first: list[str], last: list[str]) -> bool:
    """Tell whether descriptors differ by more than one connection."""
    files = [[name for name in some if name != "socket"] for some in (first, last)]
    return files[0] != files[1] or abs(len(first) - len(last)) > 1


def soak(server: FlappingServer, home: Path, marks: tuple[float, ...]) -> tuple[int, list[dict[str, Any]], Any]:
    """Record at the rate until the last mark; return how many events, the measures, and `stats()`."""
    client = telemetry_sdk.start(app="acme-agent", version="1.4.2", max_events_per_minute=None)
    began, recorded, measures, paused = time.monotonic(), 0, list[dict[str, Any]](), 0.0
    for mark in marks:
        while (elapsed := time.monotonic() - began - paused) < mark:
            if recorded >= max(FIRST, elapsed * RATE):
                time.sleep(0.01)
                continue
            for n in range(recorded, recorded + GROUP):
                client.log_event(Tick(n=n))
            recorded += GROUP
        stopped = time.monotonic()
        measures.append(measure(client, server, home))
        paused += time.monotonic() - stopped
    stats = client.stats()
    client.close()
    return recorded + len(marks), measures, stats


def main() -> int:
    """Run, and compare the marks."""
    full = is_full(__doc__)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        home = Path(made)
        server = FlappingServer(home)
        url = f"127.0.0.1:{server.port}"
        os.environ.update(environment(made), TELEMETRY_SDK_STATSIG_URL=f"http://{url}/v1")
        os.environ.update(TELEMETRY_SDK_STATSIG_KEY="client-key", TELEMETRY_SDK_STATE_DIR=str(home / "state"))
        try:
            recorded, (first, last), stats = soak(server, home, FULL if full else SMALL)
        finally:
            server.stop()
        requests = server.requests()
    growth = last["rss_mib"] - first["rss_mib"]
    arrived = sum(int(request["events"]) for request in requests)
    dropped = sum((*stats["dropped"].values(), *stats["directory"]["dropped"].values()))
    broken = {
        f"memory grew by {growth:.2f} MiB": growth >= (GROWTH if full else SMALL_GROWTH),
        f"descriptors: {first['descriptors']}, then {last['descriptors']}": _differ(
            first["descriptors"], last["descriptors"]
        ),
        f"files: {first['files']}, then {last['files']}": first["files"] != last["files"],
        "a flush was not complete": not (first["flushed"] and last["flushed"]),
        f"{recorded} recorded, {arrived} arrived, {dropped} dropped": arrived + dropped < recorded,
    }
    return report(
        "soak",
        full=full,
        broken=[text for text, is_broken in broken.items() if is_broken],
        recorded=recorded,
        arrived=arrived,
        dropped=dropped,
        requests=len(requests),
        growth_mib=round(growth, 2),
        rss_mib=round(last["rss_mib"], 1),
        descriptors=len(last["descriptors"]),
        files=len(last["files"]),
    )


if __name__ == "__main__":
    raise SystemExit(main())
