"""Many processes on one state directory, pools of multiprocessing, and the sender killed in a request.

    python benchmarks/delivery/processes.py [--full]

Each event arrives once, those of the request that was killed at most twice; one request is under way at a time; after
the kill another process sends at once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from _shared import Server, bound, environment, is_full, report, serving

if TYPE_CHECKING:
    from collections.abc import Callable

PROCESSES, FULL_PROCESSES = 8, 50
EVENTS = 200  # of each process
TASKS = 12  # of each pool
TIMEOUT = 60.0  # seconds of each flush
REPLACED = bound(2.0)  # seconds from the kill of a sender to the next request

RECORDING = """
import sys, time
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
first, count, flushes = map(int, sys.argv[1:])
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
for n in range(first, first + count):
    client.log_event(Tick(n=n))
    time.sleep(0.001)
print(client.flush_sync(TIMEOUT) if flushes else "recorded", flush=True)
if not flushes:
    client.flush_sync(TIMEOUT)
"""
POOLS = """
import asyncio, multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int

def record(n):
    client = telemetry_sdk.get_client()
    if client.closed or not client.policy.metrics.enabled:
        client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
    client.log_event(Tick(n=n))
    return n

async def in_loop(executor, numbers):
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(executor, record, n) for n in numbers))

def main():
    number, tasks = int(sys.argv[1]), int(sys.argv[2])
    client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            pool.map(record, range(number, number + tasks))
            pool.close()
            pool.join()
        with ProcessPoolExecutor(2, mp_context=context) as executor:
            asyncio.run(in_loop(executor, range(number + tasks, number + 2 * tasks)))
        number += 2 * tasks
    client.log_event(Tick(n=number))
    print(client.flush_sync(TIMEOUT), flush=True)

if __name__ == "__main__":
    main()
"""


def main() -> int:
    """Run all three parts."""
    full = is_full(__doc__)
    with tempfile.TemporaryDirectory() as home:
        many, broken = _many(home, FULL_PROCESSES if full else PROCESSES)
        pools, broken_pools = _pools(home)
        replaced, broken_kill = _killed(home)
    figures = {**many, "pools_delivered": pools, "replaced_s": replaced}
    return report("processes", full=full, broken=[*broken, *broken_pools, *broken_kill], **figures)


def _many(home: str, count: int) -> tuple[dict[str, int], list[str]]:
    with serving() as server:
        running = [_start(RECORDING, home, server, "many", n * EVENTS, EVENTS, 1) for n in range(count)]
        broken = [f"process {n}: {out}" for n, out in enumerate(map(_ended, running)) if out != "True"]
        broken += _not_once(server, range(count * EVENTS))
        if server.most_at_once > 1:
            broken.append(f"{server.most_at_once} requests at once")
        return {"processes": count, "delivered": server.events.total(), "requests": server.requests}, broken


def _pools(home: str) -> tuple[int, list[str]]:
    with serving() as server:
        out = _ended(_start(POOLS, home, server, "pools", 0, TASKS))
        expected = range(6 * TASKS + 1)
        _ended(_start(RECORDING, home, server, "pools", expected.stop, 1, 1))  # sends what the children left
        broken = [] if out == "True" else [f"pools: {out}"]
        return server.events.total(), broken + _not_once(server, range(expected.stop + 1))


def _killed(home: str) -> tuple[float, list[str]]:
    """Kill the sender while a request of its waits for the response; another process waits to send."""
    with serving() as server:
        server.answers.clear()
        first = _start(RECORDING, home, server, "killed", 0, 10, 1)
        _wait(lambda: server.at_once == 1)
        second = _start(RECORDING, home, server, "killed", 10, 10, 0)
        assert second.stdout is not None
        second.stdout.readline()  # it has recorded, and is in its flush
        os.kill(first.pid, signal.SIGKILL)
        killed = time.monotonic()
        server.answers.set()
        _wait(lambda: all(server.events[n] for n in range(10, 20)))
        took = round(time.monotonic() - killed, 2)
        first.wait()
        second.wait()
        broken = _not_once(server, range(10, 20))
        broken += [f"event {n} arrived {server.events[n]} times" for n in range(10) if server.events[n] not in {1, 2}]
        return took, broken if took <= REPLACED else [*broken, f"the next request came after {took} s"]


def _start(source: str, home: str, server: Server, state: str, *arguments: int) -> subprocess.Popen[str]:
    program = Path(home) / f"{state}{arguments[0]}.py"
    program.write_text(source.replace("TIMEOUT", str(TIMEOUT)))
    environ = environment(home, **server.environment, TELEMETRY_SDK_STATE_DIR=str(Path(home) / state))
    command = [sys.executable, str(program), *map(str, arguments)]
    return subprocess.Popen(command, env=environ, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _ended(process: subprocess.Popen[str]) -> str:
    try:
        return process.communicate(timeout=3 * TIMEOUT)[0].strip()
    except subprocess.TimeoutExpired:
        process.kill()
        return f"hangs: {process.communicate()[0]}"


def _not_once(server: Server, numbers: range) -> list[str]:
    return [f"event {n} arrived {server.events[n]} times" for n in numbers if server.events[n] != 1]


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + TIMEOUT
    while not ready():
        if time.monotonic() > until:
            raise TimeoutError("waited in vain")
        time.sleep(0.005)


if __name__ == "__main__":
    raise SystemExit(main())
