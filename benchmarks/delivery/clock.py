"""Clocks that jump by 8 days, 1, 9 and 20 years either way, that stand still, and that freezegun freezes.

    python benchmarks/delivery/clock.py [--full]

What waits is delivered afterwards, once; a mute of a day is neither forgotten nor longer than a day. The wall clock is
replaced in programs of their own, which share a state directory: one records, the next sends after the jump.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from _shared import Server, environment, is_full, report, serving

DAY = 86_400
YEAR = 365 * DAY
JUMPS = (8 * DAY, YEAR, 9 * YEAR, 20 * YEAR)
SMALL_JUMPS = (8 * DAY, 20 * YEAR)
EVENTS = 10
# The interpreter's own clock is replaced before anything of ours is loaded; files keep the true time.
CLOCK = """
import json, sys, time
true = time.time
kind, value = sys.argv[1], float(sys.argv[2])
if kind == "jump":
    time.time = lambda: true() + value
elif kind == "stopped":
    stopped = true()
    time.time = lambda: stopped
elif kind == "frozen":
    import freezegun
    freezegun.freeze_time("2031-01-01").start()
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
first, count, timeout = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
"""
RECORDING = f"""{CLOCK}
for n in range(first, first + count):
    client.log_event(Tick(n=n))
client.capture_exception(ValueError())
spooled = client.flush_sync(10, to="spool")
sent = client.flush_sync(timeout) if timeout else None
print(json.dumps({{"spooled": spooled, "sent": sent, "stats": client.stats()}}), flush=True)
if not timeout:
    import os
    os._exit(0)
"""


def main() -> int:
    """Run every jump, and report."""
    full = is_full(__doc__)
    jumps = JUMPS if full else SMALL_JUMPS
    kinds = [("jump", float(sign * seconds)) for seconds in jumps for sign in (1, -1)]
    kinds += [("stopped", 0.0), *([("frozen", 0.0)] if _has_freezegun() else [])]
    broken: list[str] = []
    for kind in kinds:
        with tempfile.TemporaryDirectory() as home:
            broken += [f"{kind[0]} {kind[1] / DAY:g} days: {wrong}" for wrong in _jumped(home, *kind)]
            broken += [f"{kind[0]} {kind[1] / DAY:g} days, muted: {wrong}" for wrong in _muted(home, *kind)]
    return report("clock", full=full, broken=broken, clocks=[f"{kind} {value / DAY:g}" for kind, value in kinds])


def _jumped(home: str, kind: str, value: float) -> list[str]:
    """Record with a true clock, then send with the other, and the other way round."""
    broken = []
    for name, first, second in (("before", ("true", 0.0), (kind, value)), ("after", (kind, value), ("true", 0.0))):
        with serving() as server:
            state = f"{name}-state"
            _run(home, server, state, first, 0, EVENTS, 0.0)
            _run(home, server, state, second, EVENTS, EVENTS, 20.0)
            wrong = [n for n in range(2 * EVENTS) if server.events[n] != 1]
            if wrong or server.errors != 2:
                broken.append(f"{name} the jump: {len(wrong)} events not once, {server.errors} of 2 errors")
    return broken


def _muted(home: str, kind: str, value: float) -> list[str]:
    """Be muted for an hour by one program; the next one's clock has jumped."""
    with serving() as server:
        server.status, server.headers = 429, {"Retry-After": "3600"}
        _run(home, server, "muted", ("true", 0.0), 0, EVENTS, 2.0)
        muted = len(server.began_at)
        server.status, server.headers = 200, {}
        _run(home, server, "muted", (kind, value), EVENTS, EVENTS, 2.0)
        later = len(server.began_at) - muted
    return [] if muted and not later else [f"{muted} requests before, {later} during the mute"]


def _run(
    home: str, server: Server, state: str, clock: tuple[str, float], first: int, count: int, timeout: float
) -> dict[str, object]:
    program = Path(home) / "recording.py"
    program.write_text(RECORDING)
    environ = environment(home, **server.environment, TELEMETRY_SDK_STATE_DIR=str(Path(home) / state))
    arguments = [clock[0], str(clock[1]), str(first), str(count), str(timeout)]
    command = [sys.executable, "-W", "error", str(program), *arguments]
    done = subprocess.run(command, env=environ, cwd=home, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _has_freezegun() -> bool:
    try:
        import freezegun  # noqa: F401
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
