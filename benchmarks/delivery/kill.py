"""Writers and senders killed at random moments, on a spool with a small cap; and ordinary exits under load.

    python benchmarks/delivery/kill.py [--full] [--kills N] [--exits N] [--seed N]

Eight processes at a time write, end and send (their own threads, detached senders, `telemetry-sdk send`) while the
server answers slowly. Oracle: the ids that a writer printed after `flush(to="spool")`. None of them is lost unless it
is counted as dropped, nothing arrives that was not recorded, and each kill doubles one batch at most. Then writers end
ordinarily, without a kill: nothing is doubled.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import selectors
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _world import World, chosen, report, send, world

from telemetry_sdk.spool.accounts import directory_counts
from telemetry_sdk.storage.shared_state import SharedState

if TYPE_CHECKING:
    from collections.abc import Iterable

SIZES = {"kills": (12, 2_000), "exits": (12, 300), "seed": (0, 0)}  # seed 0: the time
AT_ONCE = 8  # processes
CAP = 1 << 20  # bytes of the spool
PAUSE = 1.0  # seconds between two kills, at most: some writers come to their end, and hand over
MANY = 100  # kills, of which some meet a detached sender
BATCH = 120  # events between two flushes, at most
SLOW = (0.05, 0.15)  # seconds that the server takes
LINE = re.compile("(recording|acknowledged) [0-9]+ [0-9]+( [0-9a-f]*)?")
ERROR_ID = re.compile("[0-9a-f]{32}")
DETACHED = b"import os, signal, sys"  # begins the program of a detached sender
QUIET = 75.0  # seconds after which no detached sender is left
WRITER = """
import random, sys, time
import telemetry_sdk
from telemetry_sdk.spool.disk import DiskSpool

class Tick(telemetry_sdk.Event, name="tick"):
    run: int
    n: int

run, batches, most, cap, seed = map(int, sys.argv[1:])
rand = random.Random(seed)
if cap:
    DiskSpool.__init__.__kwdefaults__["max_bytes"] = cap
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", max_events_per_minute=None)
first = 0
for batch in range(rand.randint(1, batches)):
    last = first + rand.randint(1, most)
    print("recording", first, last, flush=True)
    for n in range(first, last):
        client.log_event(Tick(run=run, n=n))
    error = ""
    if batch == min(7, batches // 2) and run % 5 == 0:  # an error is a request, one a second
        try:
            exec(compile("\\n" * batch + "1 / 0", "run.py", "exec"))
        except ZeroDivisionError:
            error = client.capture_exception()
    if client.flush_sync(60, to="spool"):
        print("acknowledged", first, last, error, flush=True)
    first = last
    if rand.random() < 0.1:
        client.flush_sync(rand.uniform(0.0, 0.3))
    time.sleep(rand.uniform(0.0, 0.1))
print("recording", first, first + most, flush=True)
for n in range(first, first + most):
    client.log_event(Tick(run=run, n=n))
if rand.random() < 0.5:
    client.flush_sync(rand.uniform(0.0, 0.15))  # the end comes in the middle of a request
"""


class Process:
    """A writer or a `telemetry-sdk send`, and what it printed."""

    def __init__(self, where: World, command: list[str], run: int | None) -> None:
        self.run = run
        self.output = b""
        self.child = subprocess.Popen(
            command,
            env={**where.environ, **({"TELEMETRY_SDK_AT_EXIT": "wait"} if run and run % 4 == 0 else {})},
            cwd=where.home / "work",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if run is not None else subprocess.STDOUT,
        )

    def ids(self, what: str) -> set[str]:
        """Return the ids that the writer was "recording", or that were "acknowledged"."""
        ids: set[str] = set()
        for line in self.output.decode().split("\n")[:-1]:  # the kill may tear the last one
            if LINE.fullmatch(line) and line.startswith(what):
                _, first, last, *error = line.split(" ")
                ids.update(f"{self.run}-{n}" for n in range(int(first), int(last)))
                ids.update(filter(None, error))
        return ids

    def strays(self) -> list[str]:
        """Return the lines that are not the writer's own."""
        return [line for line in self.output.decode().split("\n")[:-1] if not LINE.fullmatch(line)]


class Load:
    """Keeps eight processes at work; a process that ended is followed by another."""

    def __init__(self, where: World, rand: random.Random, *, batches: int, most: int, cap: int, sends: float) -> None:
        self.where = where
        self.rand = rand
        self.ended: list[Process] = []
        self.errors = b""
        self.runs = 0
        self._writer = (batches, most, cap)
        self._sends = sends  # share of the processes that are `telemetry-sdk send`; one at a time
        self._live: list[Process] = []
        self._script = where.home / "writer.py"
        self._script.write_text(WRITER)
        self._outputs = selectors.DefaultSelector()

    def work(self, seconds: float) -> None:
        """Keep the processes at work for a while."""
        until = time.monotonic() + seconds
        while True:
            while len(self._live) < AT_ONCE:
                self._begin()
            for key, _ in self._outputs.select(max(0.0, until - time.monotonic())):
                self._read(key.data)
            if time.monotonic() >= until:
                return

    def kill_one(self) -> str:
        """Kill a process at random, every third time a detached sender if there is one; return what it was."""
        detached = detached_senders(self.where) if self.rand.random() < 1 / 3 else []
        pid = self.rand.choice(detached or [process.child.pid for process in self._live])
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(pid, signal.SIGKILL)
        found = next((process for process in self._live if process.child.pid == pid), None)
        return "detached sender" if found is None else "send" if found.run is None else "writer"

    def close(self) -> None:
        """Begin no more, and wait for all processes to end."""
        while self._live:
            for key, _ in self._outputs.select():
                self._read(key.data)

    def _begin(self) -> None:
        sends = any(process.run is None for process in self._live)
        if not sends and self.rand.random() < self._sends:
            process = Process(self.where, [str(Path(sys.executable).with_name("telemetry-sdk")), "send"], None)
        else:
            numbers = (self.runs, *self._writer, self.rand.getrandbits(32))
            process = Process(self.where, [sys.executable, str(self._script), *map(str, numbers)], self.runs)
            self.runs += 1
        assert process.child.stdout is not None
        self._live.append(process)
        self._outputs.register(process.child.stdout, selectors.EVENT_READ, process)

    def _read(self, process: Process) -> None:
        stdout, stderr = process.child.stdout, process.child.stderr
        assert stdout is not None
        data = os.read(stdout.fileno(), 1 << 16)
        process.output += data
        if data:
            return
        self._outputs.unregister(stdout)
        process.child.wait()
        stdout.close()
        if stderr is not None:
            self.errors += stderr.read()
            stderr.close()
        self._live.remove(process)
        if process.run is not None:
            self.ended.append(process)


def detached_senders(where: World) -> list[int]:
    """Return the detached senders of this home."""
    found: list[int] = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            process = Path("/proc", name)
            ours = f"HOME={where.home}\0".encode() in (process / "environ").read_bytes()
            if ours and DETACHED in (process / "cmdline").read_bytes():
                found.append(int(name))
        except OSError:
            continue
    return found


def deliver_rest(where: World) -> dict[str, dict[str, int]]:
    """Wait for the detached senders to end, send what is left, and return the accounts."""
    until = time.monotonic() + QUIET
    while detached_senders(where) and time.monotonic() < until:
        time.sleep(0.2)
    for _ in range(2):  # the second one finds what the first one adopted last
        send(where)
    return directory_counts(str(where.state), SharedState(str(where.state)))


def doubled(requests: Iterable[dict[str, Any]]) -> int:
    """Return how many requests hold an id that another request brought again later."""
    last: dict[str, int] = {}
    again: set[int] = set()
    for number, request in enumerate(requests):
        for name in request["ids"]:
            if name in last:
                again.add(last[name])
            last[name] = number
    return len(again)


def check(where: World, load: Load, kills: int, accounts: dict[str, dict[str, int]]) -> tuple[dict[str, bool], Any]:
    """Compare what was acknowledged with what arrived and what was counted."""
    requests, arrived = where.requests(), where.delivered().keys()
    recorded = set[str]().union(*(process.ids("recording") for process in load.ended))
    known = set[str]().union(*(process.ids("acknowledged") for process in load.ended))
    dropped, missing = sum(accounts["dropped"].values()), known - arrived
    strays = [line for process in load.ended for line in process.strays()]
    again, left = doubled(requests), os.listdir(where.state / "spool")
    promises = {
        "no acknowledged record is lost but counted": len(missing) <= dropped,
        "no record is counted as dropped twice": dropped <= len(recorded - arrived),
        "what is counted as delivered has arrived": sum(accounts["delivered"].values()) == len(arrived),
        "nothing waits": not any(accounts["waiting"].values()) and left == [],
        "nothing arrived that was not recorded": all(ERROR_ID.fullmatch(name) for name in arrived - recorded),
        "no record is damaged": "corrupt" not in accounts["dropped"],
        "one batch is doubled for each kill at most": again <= kills,
        "stdout and stderr are left alone": load.errors == b"" and not strays,
    }
    return promises, {
        "runs": load.runs,
        "acknowledged": len(known),
        "delivered": len(arrived),
        "missing": len(missing),
        "dropped": accounts["dropped"],
        "doubled_batches": again,
        "requests": len(requests),
        "left": left[:5],
        "stdout": strays[:5],
        "stderr": load.errors.decode()[:400],
    }


def kill_all(seed: int, kills: int) -> tuple[dict[str, bool], dict[str, Any]]:
    """Kill processes under load, at random moments."""
    killed: Counter[str] = Counter()
    with world(SLOW) as where:
        load = Load(where, random.Random(seed), batches=4, most=BATCH, cap=CAP, sends=0.1)
        load.work(1.0)
        for _ in range(kills):
            load.work(load.rand.uniform(0.0, PAUSE))
            killed[load.kill_one()] += 1
        load.close()
        promises, figures = check(where, load, kills, deliver_rest(where))
    promises["detached senders were killed, too"] = kills < MANY or killed["detached sender"] > 0
    return promises, {"killed": killed, **figures}


def end_all(seed: int, exits: int) -> tuple[dict[str, bool], dict[str, Any]]:
    """End writers ordinarily, under load."""
    with world(SLOW) as where:
        load = Load(where, random.Random(seed), batches=40, most=400, cap=0, sends=0.0)
        while load.runs < exits:
            load.work(0.1)
        load.close()
        return check(where, load, 0, deliver_rest(where))


def main() -> int:
    """Run both parts."""
    sizes = chosen(SIZES)
    seed = sizes["seed"] or int(time.time())
    promises: dict[str, bool] = {}
    figures: dict[str, Any] = {}
    for name, part, size in (("kills", kill_all, sizes["kills"]), ("exits", end_all, sizes["exits"])):
        found, figures[f"of_{name}"] = part(seed, size) if size else ({}, {})
        promises.update({f"{name}: {promise}": kept for promise, kept in found.items()})
    return report("kill", promises, **{**sizes, "seed": seed}, python=sys.version.split()[0], **figures)


if __name__ == "__main__":
    raise SystemExit(main())
