"""Wake-ups of our threads from 5 s after the last record: the kernel's context switches, of every thread.

    python benchmarks/delivery/idle.py [--full]

After all was delivered, and while something waits in back-off (its one timer is allowed). 4 s each, or 30.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from _shared import environment, is_full, report, serving

SECONDS, FULL_SECONDS = 4.0, 30.0
PROGRAM = """
import json, os, sys, time
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int

def switches():
    found = {}
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/status") as status:
            lines = [line.split() for line in status if "ctxt_switches" in line]
        found[task] = sum(int(line[1]) for line in lines)
    main = str(os.getpid())
    return {task: count for task, count in found.items() if task != main}

client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
for n in range(100):
    client.log_event(Tick(n=n))
client.capture_exception(ValueError())
done = client.flush_sync(float(sys.argv[1]))
time.sleep(5.0)
before, cpu = switches(), time.process_time()
time.sleep(float(sys.argv[2]))
after = switches()
print(json.dumps({
    "flushed": done,
    "threads": len(before),
    "wake_ups": sum(after.values()) - sum(before.values()),
    "cpu_ms": round((time.process_time() - cpu) * 1000, 1),
    "began": sorted(after.keys() - before.keys()),
}), flush=True)
os._exit(0)
"""


def main() -> int:
    """Measure both, and report."""
    full = is_full(__doc__)
    seconds = FULL_SECONDS if full else SECONDS
    with tempfile.TemporaryDirectory() as home:
        rest = _measured(home, 200, 20.0, seconds)
        backoff = _measured(home, 503, 2.0, seconds)
    broken = []
    if not rest["flushed"] or rest["wake_ups"] or rest["began"]:
        broken.append("wake-ups after all was delivered")
    if backoff["flushed"] or int(str(backoff["wake_ups"])) > 1 or backoff["began"]:
        broken.append("wake-ups in back-off")
    return report("idle", full=full, broken=broken, seconds=seconds, delivered=rest, backoff=backoff)


def _measured(home: str, status: int, timeout: float, seconds: float) -> dict[str, object]:
    """Run the program against a server that answers with a status."""
    program = Path(home) / f"idle{status}.py"
    program.write_text(PROGRAM)
    with serving() as server:
        server.status = status
        environ = environment(home, **server.environment, TELEMETRY_SDK_STATE_DIR=str(Path(home) / str(status)))
        command = [sys.executable, str(program), str(timeout), str(seconds)]
        done = subprocess.run(command, env=environ, cwd=home, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, object] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
