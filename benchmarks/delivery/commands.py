"""Short commands, each of which ends at once: what they record is delivered by a handful of detached senders.

    python benchmarks/delivery/commands.py [--full]

Each run records 20 events, every fourth an error too: errors are sent from a bucket that one a second refills. Full:
100 runs in a minute, one after the other; the same against a server that refuses connections for the first half; 100
at once; 1,000 at random moments beside an idle long-lived program. Everything arrives within 10 s of the last run, or
of the end of the back-off.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from _shared import Server, bound, environment, is_full, report, serving

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = 20
WITHIN = bound(10.0)  # seconds after the last run
STARTED = "import os, signal, sys"  # begins the program of a detached sender
RUN = """
import sys
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
for n in range(20):
    client.log_event(Tick(n=int(sys.argv[1]) * 20 + n))
if int(sys.argv[1]) % 4 == 0:
    try:
        exec(compile("\\n" * int(sys.argv[1]) + "1 / 0", "run.py", "exec"))
    except ZeroDivisionError:
        client.capture_exception()
"""
IDLE = """
import sys
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
client.log_event(Tick(n=10**9))
client.flush_sync(60)
print("idle", flush=True)
sys.stdin.read()
"""


class Runs:
    """Runs of one application against one server, and the detached senders that they start."""

    def __init__(self, server: Server, home: str) -> None:
        self.server = server
        self.home = home
        self.environment = {**environment(home), **server.environment}
        self.script = Path(home) / "run.py"
        self.script.write_text(RUN)
        self.count = 0
        self.senders: set[int] = set()

    def begin(self) -> subprocess.Popen[bytes]:
        """Start a run."""
        command = [sys.executable, str(self.script), str(self.count)]
        self.count += 1
        return subprocess.Popen(command, env=self.environment, cwd=self.home, stderr=subprocess.PIPE)

    def run(self) -> bytes:
        """Run once; return what it wrote to stderr."""
        return self.begin().communicate()[1]

    def look(self) -> None:
        """Note the detached senders that run now."""
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                process = Path("/proc", name)
                ours = f"HOME={self.home}".encode() in (process / "environ").read_bytes()
                if ours and STARTED.encode() in (process / "cmdline").read_bytes():
                    self.senders.add(int(name))
            except OSError:
                continue

    def arrived(self) -> bool:
        """Tell whether all has arrived."""
        return len(self.server.events) >= self.count * EVENTS and self.server.errors >= -(-self.count // 4)

    def wait(self, seconds: float) -> float:
        """Wait for all to arrive; return the seconds until then."""
        began = time.monotonic()
        while not self.arrived() and time.monotonic() - began < seconds:
            self.look()
            time.sleep(0.05)
        return time.monotonic() - began


def scenario(name: str, work: Callable[[Runs], str], broken: list[str]) -> dict[str, object]:
    """Run a scenario; return its figures and add what it broke."""
    with serving() as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        runs = Runs(server, home)
        errors = work(runs)
        after = runs.wait(WITHIN + 30.0)
        doubled = sum(count - 1 for count in server.events.values())
        if errors:
            broken.append(f"{name}: stderr {errors[:200]}")
        if not runs.arrived() or after > WITHIN:
            broken.append(f"{name}: {len(server.events)} of {runs.count * EVENTS} events after {after:.1f} s")
        if doubled:
            broken.append(f"{name}: {doubled} events twice")
        return {
            "runs": runs.count,
            "events": len(server.events),
            "errors": server.errors,
            "doubled": doubled,
            "after_s": round(after, 1),
            "senders": len(runs.senders),
            "requests": server.requests,
        }


def one_after_the_other(count: int, seconds: float) -> Callable[[Runs], str]:
    """Return a scenario: `count` runs spread over `seconds`."""

    def work(runs: Runs) -> str:
        began, errors = time.monotonic(), b""
        for number in range(count):
            errors += runs.run()
            runs.look()
            time.sleep(max(0.0, began + number * seconds / count - time.monotonic()))
        return errors.decode()

    return work


def at_once(count: int) -> Callable[[Runs], str]:
    """Return a scenario: runs that end at the same time."""

    def work(runs: Runs) -> str:
        return b"".join(run.communicate()[1] for run in [runs.begin() for _ in range(count)]).decode()

    return work


def refused_first(count: int, seconds: float) -> Callable[[Runs], str]:
    """Return a scenario: the first half of the runs cannot connect; what is in back-off is waited for."""

    def work(runs: Runs) -> str:
        good = dict(runs.environment)
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        relayed = {"TELEMETRY_SDK_STATSIG_URL": f"{url}/v1", "TELEMETRY_SDK_SENTRY_DSN": f"http://key@{url[7:]}/1"}
        runs.environment.update(relayed)
        errors = one_after_the_other(count, seconds / 2)(runs)
        relay = subprocess.Popen([sys.executable, "-c", RELAY, str(port), good["TELEMETRY_SDK_STATSIG_URL"]])
        try:
            errors += one_after_the_other(count, seconds / 2)(runs)
            runs.wait(_backoff(runs.home))
            if not runs.arrived():
                errors += runs.run().decode()  # the next run after the back-off
            runs.wait(WITHIN)
        finally:
            relay.kill()
            relay.wait()
        return errors

    return work


RELAY = """
import socket, sys, threading
port, target = int(sys.argv[1]), sys.argv[2].split("//")[1].split("/")[0].split(":")
def pump(a, b):
    while data := a.recv(65536):
        b.sendall(data)
    b.close()
with socket.create_server(("127.0.0.1", port)) as server:
    while True:
        client, _ = server.accept()
        other = socket.create_connection((target[0], int(target[1])))
        threading.Thread(target=pump, args=(client, other), daemon=True).start()
        threading.Thread(target=pump, args=(other, client), daemon=True).start()
"""


def _backoff(home: str) -> float:
    """Return a bound of the longest back-off that the runs share, in seconds."""
    waits = [0.0]
    for path in Path(home).rglob("state.json"):
        table = json.loads(path.read_text()).get("backoff", {})
        waits += [float(service.get("wait", 0.0)) for service in table.values()]
    return max(waits) + 1.0


def beside_an_idle_program(count: int, longest: float) -> Callable[[Runs], str]:
    """Return a scenario: runs at random moments; the idle program's thread may hold the lock at any of them."""

    def work(runs: Runs) -> str:
        script = Path(runs.home) / "idle.py"
        script.write_text(IDLE)
        rand = random.Random(0)
        with subprocess.Popen(
            [sys.executable, str(script)],
            env=runs.environment,
            cwd=runs.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as idle:
            assert idle.stdout is not None
            idle.stdout.readline()
            runs.server.events.clear()
            errors, worst = b"", 0.0
            for _ in range(count):
                errors += runs.run()
                time.sleep(rand.uniform(0.0, longest))
                if rand.random() < 0.05:
                    worst = max(worst, runs.wait(2 * WITHIN))
            idle.kill()
        return errors.decode() + (f"waited {worst:.1f} s" if worst > WITHIN else "")

    return work


def main() -> int:
    """Run all scenarios."""
    full, broken = is_full(__doc__), list[str]()
    scenarios: dict[str, Callable[[Runs], str]] = {
        "in a minute": one_after_the_other(100 if full else 5, 60.0 if full else 1.0),
        "at once": at_once(100 if full else 8),
    }
    if full:
        scenarios["refused for the first half"] = refused_first(50, 60.0)
    scenarios["beside an idle program"] = beside_an_idle_program(1_000 if full else 5, 0.2)
    figures = {name: scenario(name, work, broken) for name, work in scenarios.items()}
    for name, figure in figures.items():
        runs, senders = int(str(figure["runs"])), int(str(figure["senders"]))
        if runs == 100 and senders > 6:
            broken.append(f"{name}: {senders} detached senders for {runs} runs")
    return report("commands", full=full, broken=broken, scenarios=figures)


if __name__ == "__main__":
    sys.exit(main())
