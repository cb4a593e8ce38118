"""Forks at every moment of the first 200 ms after the first record, while our threads import, build and send.

    python benchmarks/delivery/fork.py [--full]

By turns from the main thread and from another, with a flush under way and without, with a full queue in every tenth.
Each child must record, flush within its timeout, import what our threads import, and end; what parent and child
recorded arrives once.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from _shared import Server, bound, environment, is_full, report, serving

TRIES, FULL_TRIES = 20, 200
WINDOW = 0.2  # seconds after the first record
TIMEOUT = 10.0  # seconds of each flush
AT_ONCE = 2
LATE = bound(1.0)  # seconds: a flush may end so much after its timeout on a busy machine

PROGRAM = """
import os, sys, threading, time, warnings
warnings.simplefilter("ignore")  # newer Pythons warn of every fork with threads
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
number, delay, threaded, flushing, filled = int(sys.argv[1]), float(sys.argv[2]), *map(int, sys.argv[3:])
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", max_events_per_minute=None)

def in_child():
    client.log_event(Tick(n=number + 2))
    began = time.monotonic()
    sent = client.flush_sync(TIMEOUT)
    took = time.monotonic() - began
    import asyncio, email.message, httpx, json, ssl, uuid
    client.close()
    print(f"{sent} {took:.3f}", flush=True)
    os._exit(0)

def fork():
    child = os.fork()
    if not child:
        in_child()
    children.append(child)

children = []
until = time.monotonic() + delay
client.log_event(Tick(n=number))
if flushing:
    threading.Thread(target=client.flush_sync, args=(TIMEOUT,), daemon=True).start()
for n in range(filled):
    client.log_event(Tick(n=0))
time.sleep(max(0.0, until - time.monotonic()))
if threaded:
    thread = threading.Thread(target=fork)
    thread.start()
    thread.join()
else:
    fork()
client.log_event(Tick(n=number + 1))
sent = client.flush_sync(6 * TIMEOUT if filled else TIMEOUT)
limit = time.monotonic() + 3 * TIMEOUT
while not (ended := os.waitpid(children[0], os.WNOHANG)[0]) and time.monotonic() < limit:
    time.sleep(0.01)
if not ended:
    os.kill(children[0], 9)
print(f"parent {sent} {bool(ended)}", flush=True)
"""


class Try(NamedTuple):
    """One fork."""

    index: int
    delay: float

    @property
    def number(self) -> int:
        """The first of three event numbers."""
        return 10 * (self.index + 1)

    @property
    def numbers(self) -> range:
        """The events that must arrive: of a full queue the oldest is dropped."""
        return range(self.number + self.fills, self.number + 3)

    @property
    def fills(self) -> bool:
        """Whether the queue is full."""
        return self.index % 10 == 9

    @property
    def arguments(self) -> list[str]:
        """The program's arguments."""
        filled = 95_000 if self.fills else 0
        flags = (self.index % 2, self.index // 2 % 2, filled)
        return [str(self.number), f"{self.delay:.4f}", *map(str, flags)]


def main() -> int:
    """Fork, and report."""
    full = is_full(__doc__)
    tries = FULL_TRIES if full else TRIES
    with serving() as server, tempfile.TemporaryDirectory() as home:
        program = Path(home) / "program.py"
        program.write_text(PROGRAM.replace("TIMEOUT", str(TIMEOUT)))
        chosen = [Try(index, WINDOW * index / tries) for index in range(tries)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(lambda one: _run(one, program, home, server), chosen))
        broken = [
            f"try {one.index} at {one.delay:.3f} s: {found}"
            for one, found in zip(chosen, results, strict=True)
            if found
        ]
        numbers = [n for one in chosen for n in one.numbers]
        wrong = {n: server.events[n] for n in numbers}
        broken += [f"event {n} arrived {times} times" for n, times in wrong.items() if times != 1]
    return report("fork", full=full, broken=broken, tries=tries, delivered=sum(wrong.values()), expected=len(numbers))


def _run(one: Try, program: Path, home: str, server: Server) -> str:
    """Run one program; return what was wrong."""
    state = Path(home) / f"state{one.index}"
    environ = environment(home, **server.environment, TELEMETRY_SDK_STATE_DIR=str(state))
    command = [sys.executable, str(program), *one.arguments]
    try:
        done = subprocess.run(
            command, env=environ, cwd=home, capture_output=True, text=True, check=False, timeout=15 * TIMEOUT
        )
    except subprocess.TimeoutExpired:
        return "the parent hangs"
    lines = sorted(done.stdout.split("\n"))
    if done.returncode or done.stderr or lines[-1] != "parent True True":
        return f"{done.returncode} {done.stdout!r} {done.stderr[-300:]!r}"
    sent, took = lines[-2].split()
    late = float(took) > TIMEOUT + LATE
    waits = one.fills and float(took) >= TIMEOUT  # the parent sends its full queue first: one sender at a time
    return "" if not late and (sent == "True" or waits) else f"the child's flush: {sent} after {took} s"


if __name__ == "__main__":
    raise SystemExit(main())
