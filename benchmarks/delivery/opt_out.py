"""Opts out while a program is busy, in back-off, or muted for an hour: by call, by command, by an edited settings file.

    python benchmarks/delivery/opt_out.py [--full]

From 1 s after it nothing is recorded and no request starts; what waited is deleted from the disk. `--full`: each of the
nine cases five times.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _shared import Server, bound, environment, is_full, report, serving

TURNS, FULL_TURNS = 1, 5
WITHIN = bound(1.0)  # seconds from the opt-out to silence
STATES: dict[str, tuple[int, dict[str, str]]] = {
    "busy": (200, {}),
    "back-off": (503, {}),
    "mute": (429, {"Retry-After": "3600"}),
}
WAYS = ("call", "command", "settings")
PROGRAM = """
import json, os, sys, time
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int

way = sys.argv[1]
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
n = 0

def record(seconds):
    global n
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        n += 1
        client.log_event(Tick(n=n))
        if n % 100 == 0:
            client.capture_exception(ValueError())
        time.sleep(0.002)

def waiting():
    kept = 0
    for directory, _, names in os.walk(os.environ["TELEMETRY_SDK_STATE_DIR"]):
        for name in names:
            if os.path.basename(directory) == "spool" and not name.endswith((".end", ".bad")):
                kept += 1
    return kept

record(0.5)
client.flush_sync(1.5)
record(0.5)
client.flush_sync(5.0, to="spool")
before = waiting()
print("ready", flush=True)
sys.stdin.readline()
began = time.time()
if way == "call":
    client.opt_out(persist=False)
record(1.0)
accepted = client.stats()["accepted"]
record(1.5)
stats = client.stats()
print(json.dumps({
    "opted_out": began, "waiting_before": before, "waiting": waiting(), "recorded_after": stats["accepted"] - accepted,
    "failures": stats["failures"],
}), flush=True)
os._exit(0)
"""


def main() -> int:
    """Run every case, and report."""
    full = is_full(__doc__)
    broken: list[str] = []
    cases = 0
    for turn in range(FULL_TURNS if full else TURNS):
        for state in STATES:
            for way in WAYS:
                cases += 1
                with tempfile.TemporaryDirectory() as home, serving() as server:
                    found = _opted_out(home, server, state, way)
                broken += [f"{state}, by {way}, turn {turn}: {wrong}" for wrong in found]
    return report("opt_out", full=full, broken=broken, cases=cases)


def _opted_out(home: str, server: Server, state: str, way: str) -> list[str]:
    """Run one case; return what was wrong."""
    server.status, server.headers = STATES[state]
    program = Path(home) / "program.py"
    program.write_text(PROGRAM)
    (Path(home) / "work").mkdir()
    environ = environment(home, **server.environment, TELEMETRY_SDK_STATE_DIR=str(Path(home) / "state"))
    process = subprocess.Popen(
        [sys.executable, str(program), way],
        env=environ,
        cwd=Path(home) / "work",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    if way == "command":
        command = Path(sys.executable).with_name("telemetry-sdk")
        subprocess.run([str(command), "opt-out"], env=environ, cwd=Path(home) / "work", check=True, capture_output=True)
    elif way == "settings":
        settings = Path(home) / ".claude" / "settings.json"
        settings.parent.mkdir()
        settings.write_text(json.dumps({"env": {"DISABLE_TELEMETRY": "1", "DISABLE_ERROR_REPORTING": "1"}}))
    server.began_at.clear()
    began = time.time()
    out, _ = process.communicate("\n", timeout=60)
    found = json.loads(out)
    late = [at - began for at in server.began_at if at > began + WITHIN]
    broken = [f"a request {late[0]:.2f} s after it"] if late else []
    if state != "busy" and not found["waiting_before"]:
        broken.append("nothing waited: the case shows nothing")
    broken += [f"{name}: {found[name]}" for name in ("recorded_after", "waiting", "failures") if found[name]]
    return broken


if __name__ == "__main__":
    raise SystemExit(main())
