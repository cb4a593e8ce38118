"""The exit, by what the host chose, what the server does, how the program ends, and on which loop.

    python benchmarks/delivery/exit.py [--full]

Each run records 20 events and an error and ends at once. For each cell: what arrived within 10 s, what lies on disk,
what is lost (together what was recorded), and the median cost in ms over the same program without us. Lost is 0 but
for `os._exit` and signals, which cut off what was recorded less than 50 ms (errors) or 1 s (events) before. stderr is
what it is without us.
"""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _shared import Server, bound, environment, is_full, report, serving

from telemetry_sdk.spool.accounts import directory_counts
from telemetry_sdk.storage.shared_state import SharedState

WITHIN = bound(10.0)  # seconds
RECORDS = {"metrics": 20, "errors": 1}
AT_EXIT = ("detach", "wait", "leave")
SERVERS = ("well", "503", "refuses", "hangs", "resolver hangs", "slow")
ENDS = {
    "returns": "",
    "closes": "client.close()",
    "sys.exit": "sys.exit(3)",
    "exception": "raise LookupError('the host')",
    "SIGINT": "os.kill(os.getpid(), signal.SIGINT); time.sleep(10)",
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM); time.sleep(10)",
    "os._exit": "os._exit(4)",
}
CUT_OFF = ("SIGTERM", "os._exit")
LOOPS = {
    "synchronous": "work()",
    "asyncio": "import asyncio\nasync def main(): work()\nasyncio.run(main())",
    "trio": "import trio\nasync def main(): work()\ntrio.run(main)",
}
PROGRAM = """
import os, signal, sys, time
HEAD
def work():
    RECORD
LOOP
END
"""
HEAD = """
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
"""
RECORD = """for n in range(20):
        client.log_event(Tick(n=n))
    try:
        1 / 0
    except ZeroDivisionError:
        client.capture_exception()"""
RESOLVER = "import socket, threading\nsocket.getaddrinfo = lambda *a, **k: threading.Event().wait()\n"


def source(end: str, loop: str, server: str, *, bare: bool) -> str:
    """Return the program; `bare`: without us."""
    text = PROGRAM.replace("LOOP", LOOPS[loop]).replace("END", "" if bare and end == "closes" else ENDS[end])
    head = (RESOLVER if server == "resolver hangs" else "") + ("" if bare else HEAD)
    return text.replace("HEAD", head).replace("RECORD", "pass" if bare else RECORD)


def prepare(server: Server, kind: str) -> dict[str, str]:
    """Make the server behave; return the variables that differ."""
    server.status = 503 if kind == "503" else 200
    server.answers.set()
    if kind == "hangs":
        server.answers.clear()
    if kind == "refuses":
        return {
            "TELEMETRY_SDK_STATSIG_URL": "http://127.0.0.1:9/v1",
            "TELEMETRY_SDK_SENTRY_DSN": "http://key@127.0.0.1:9/1",
        }
    if kind == "resolver hangs":
        return {
            "TELEMETRY_SDK_STATSIG_URL": "https://telemetry.invalid/v1",
            "TELEMETRY_SDK_SENTRY_DSN": "https://key@telemetry.invalid/1",
        }
    return {}


def run(script: Path, environ: dict[str, str], home: str) -> tuple[float, int, str]:
    """Run the program; return its time in ms, exit code and stderr."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(script)], env=environ, cwd=home, capture_output=True, text=True, check=False, timeout=60
    )
    return (time.perf_counter() - began) * 1000, done.returncode, done.stderr.replace(str(script), "")


def waiting(home: str) -> dict[str, int]:
    """Return what lies on disk, by service."""
    total = {"metrics": 0, "errors": 0}
    for spool in Path(home).rglob("spool"):
        path = str(spool.parent)
        for service, count in directory_counts(path, SharedState(path))["waiting"].items():
            total[service] += count
    return total


def cell(at_exit: str, kind: str, end: str, loop: str, runs: int, broken: list[str]) -> dict[str, object]:
    """Measure one cell."""
    costs: list[float] = []
    arrived = on_disk = lost = 0
    name = f"{at_exit}, {kind}, {end}, {loop}"
    for _ in range(runs):
        with serving() as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            script = Path(home) / "program.py"
            environ = {**environment(home), **server.environment, **prepare(server, kind)}
            script.write_text(source(end, loop, kind, bare=True))
            bare, code, stderr = run(script, environ, home)
            script.write_text(source(end, loop, kind, bare=False))
            if at_exit != "detach":
                environ["TELEMETRY_SDK_AT_EXIT"] = at_exit
            took, ours, told = run(script, environ, home)
            costs.append(took - bare)
            if (ours, _lines(told)) != (code, _lines(stderr)):
                broken.append(
                    f"{name}: exit {ours} instead of {code}, stderr {told[-200:]!r} instead of {stderr[-200:]!r}"
                )
            until = time.monotonic() + WITHIN
            expects = at_exit == "detach" and kind == "well"
            while time.monotonic() < until and expects and sum(_arrived(server).values()) < sum(RECORDS.values()):
                if end in CUT_OFF and time.monotonic() > until - WITHIN + 2.0:
                    break
                time.sleep(0.02)
            server.answers.set()
            seen, left = _arrived(server), waiting(home)
            arrived, on_disk = arrived + sum(seen.values()), on_disk + sum(left.values())
            gone = max(0, sum(RECORDS.values()) - sum(seen.values()) - sum(left.values()))
            lost += gone
            if gone and end not in CUT_OFF:
                broken.append(f"{name}: {gone} lost")
            if expects and end not in CUT_OFF and sum(seen.values()) < sum(RECORDS.values()):
                broken.append(f"{name}: {seen} within {WITHIN:.0f} s")
            _stop(home, environ)
    return {
        "cell": name,
        "arrived": arrived,
        "on_disk": on_disk,
        "lost": lost,
        "cost_ms": round(statistics.median(costs), 1),
    }


def _lines(stderr: str) -> list[str]:
    """Return the last line: of a traceback the host's own error, without our frames' absence mattering."""
    return stderr.strip().splitlines()[-1:]


def _arrived(server: Server) -> dict[str, int]:
    return {"metrics": len(server.events), "errors": server.errors}


def _stop(home: str, environ: dict[str, str]) -> None:
    """End the detached sender of this cell's directory, and wait until nothing of it runs."""
    subprocess.run(
        [str(Path(sys.executable).with_name("telemetry-sdk")), "send", "--stop"],
        env=environ,
        cwd=home,
        capture_output=True,
        check=False,
    )


def main() -> int:
    """Measure all cells."""
    full, broken = is_full(__doc__), list[str]()
    runs = 10 if full else 1
    if full:
        chosen = [(*three, "synchronous") for three in itertools.product(AT_EXIT, SERVERS, ENDS)]
        chosen += [(at_exit, "well", "returns", loop) for at_exit in AT_EXIT for loop in ("asyncio", "trio")]
    else:
        chosen = [("detach", "well", end, "synchronous") for end in ENDS]
        chosen += [("wait", "hangs", "returns", "trio"), ("leave", "503", "returns", "asyncio")]
    cells = [cell(*one, runs, broken) for one in chosen]
    return report("exit", full=full, broken=broken, runs=runs, cells=cells)


if __name__ == "__main__":
    sys.exit(main())
