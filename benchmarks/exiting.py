"""The exit behind good and bad servers: from the program's last line to the process's end, in ms.

Medians of 11 runs (the peers: 3, given up after 20 s). The program records 100 events and an error, waits until
they are on disk, and returns; nothing is flushed to the server by hand. "nothing" is the same program without
telemetry: the interpreter's own end.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from _measure import environment, print_result, spread

from telemetry_sdk.receiver import running

RUNS = 11
GIVEN_UP = 20.0  # seconds
OURS = """
import time
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
{resolver}
for n in range(100):
    client.log_event(Tick(n=n))
try:
    1 / 0
except ZeroDivisionError:
    client.capture_exception()
client.flush_sync(5, to="spool")
print(time.time(), flush=True)
"""
HANGING_RESOLVER = "import socket, threading\nsocket.getaddrinfo = lambda *_, **__: threading.Event().wait()"
SENTRY = """
import os, time, sentry_sdk
sentry_sdk.init(os.environ["TELEMETRY_SDK_SENTRY_DSN"])
try:
    1 / 0
except ZeroDivisionError:
    sentry_sdk.capture_exception()
print(time.time(), flush=True)
"""
STATSIG = """
import os, time
from statsig import StatsigEvent, StatsigOptions, StatsigUser, statsig
options = StatsigOptions(api=os.environ["TELEMETRY_SDK_STATSIG_URL"], init_timeout=1)
statsig.initialize("secret-key", options)
statsig.log_event(StatsigEvent(StatsigUser("someone"), "tick"))
print(time.time(), flush=True)
statsig.shutdown()
"""


def main() -> int:
    """Measure, and tell whether the target is met."""
    nothing = _exits("import time\nprint(time.time(), flush=True)", {}, RUNS)
    print_result(what="nothing", ms=spread(nothing))
    worst = 0.0
    for name in ("ok", "hang", "503", "refused", "resolver"):
        took = spread(_behind(name, OURS, RUNS))
        worst = max(worst, took["median"])
        print_result(what=f"ours, server: {name}", ms=took)
    for peer, source in (("sentry_sdk", SENTRY), ("statsig", STATSIG)):
        print_result(
            what=f"{peer}, server: hang", ms=spread(_behind("hang", source, 3)), given_up_after_ms=GIVEN_UP * 1000
        )
    targets = {"exit at most 300 ms": worst - statistics.median(nothing) <= 300}
    print_result(targets=targets, worst=worst)
    return 0 if all(targets.values()) else 1


def _behind(server: str, source: str, runs: int) -> list[float]:
    with running() as receiver:
        addresses = {
            "TELEMETRY_SDK_STATSIG_KEY": receiver.statsig_key,
            "TELEMETRY_SDK_STATSIG_URL": receiver.statsig_url,
            "TELEMETRY_SDK_SENTRY_DSN": receiver.sentry_dsn,
        }
        if server == "hang":
            receiver.hang("metrics")
            receiver.hang("errors")
        elif server == "503":
            receiver.answer_next("metrics", status=503, times=10_000)
            receiver.answer_next("errors", status=503, times=10_000)
        elif server == "refused":
            addresses["TELEMETRY_SDK_STATSIG_URL"] = "http://127.0.0.1:9/v1"
            addresses["TELEMETRY_SDK_SENTRY_DSN"] = "http://key@127.0.0.1:9/1"
        elif server == "resolver":
            addresses["TELEMETRY_SDK_STATSIG_URL"] = "https://telemetry.invalid/v1"
            addresses["TELEMETRY_SDK_SENTRY_DSN"] = "https://key@telemetry.invalid/1"
        resolver = HANGING_RESOLVER if server == "resolver" else ""
        try:
            return _exits(source.replace("{resolver}", resolver), addresses, runs)
        finally:
            receiver.release()


def _exits(source: str, addresses: dict[str, str], runs: int) -> list[float]:
    """Return the ms from the printed time to the end, each run in a home of its own."""
    took: list[float] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as home:
            script = Path(home) / "program.py"
            script.write_text(source)
            environ = environment(home, **addresses)
            with subprocess.Popen(
                [sys.executable, str(script)], env=environ, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as process:
                assert process.stdout is not None
                began = float(process.stdout.readline())
                watchdog = threading.Timer(GIVEN_UP, process.kill)
                watchdog.start()
                process.wait()  # without a timeout: with one, it polls every 50 ms
                took.append((time.time() - began) * 1000)
                watchdog.cancel()
    return took


if __name__ == "__main__":
    sys.exit(main())
