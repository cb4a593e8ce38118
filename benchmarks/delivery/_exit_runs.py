"""One run of a cell: the program without us and with us, and what became of its records."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from _exit_programs import source
from _shared import Server, bound, environment, serving

from telemetry_sdk.spool.accounts import directory_counts
from telemetry_sdk.storage.shared_state import SharedState

if TYPE_CHECKING:
    from collections.abc import Callable

    from _exit_cells import Cell

WITHIN = bound(10.0)  # seconds
SLOW = 1.0  # seconds
ANSWER = 200.0  # ms that an exit gives the answer to its request
ENDS_WITHIN = 60.0  # seconds: nothing takes as long
BEGINS_WITHIN = 5.0  # seconds
NOWHERE = {"refuses": "http://127.0.0.1:9", "resolver hangs": "https://telemetry.invalid"}


class Outcome(NamedTuple):
    """Counts of records. `twice`: arrived and still on disk, for no answer came, or arrived twice."""

    arrived: int
    on_disk: int
    lost: int
    twice: int
    cost: float  # ms
    problems: list[str]


class Run:
    """A home and a server of its own for one run."""

    def __init__(self, cell: Cell, command: tuple[str, ...], home: str, server: Server) -> None:
        self.cell = cell
        self.home = home
        self.server = server
        script = Path(home) / "program.py"
        script.write_text(source(cell.end, cell.loop))
        self._command = [*command, str(script)]
        self._environ = {**environment(home), **server.environment, **_behaviour(server, cell.server)}

    def end(self, at_exit: str, pause: float) -> tuple[float, int | str, str]:
        """Run the program to its end; return its time in ms without the pause, its exit code and its stderr."""
        command = [*self._command, at_exit, str(pause)]
        began = time.perf_counter()
        try:
            done = subprocess.run(
                command,
                env=self._environ,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=ENDS_WITHIN,
            )
        except subprocess.TimeoutExpired:
            return ENDS_WITHIN * 1000, f"none within {ENDS_WITHIN:.0f} s", ""
        return (time.perf_counter() - began - pause) * 1000, done.returncode, done.stderr.replace(self.home, "")

    def arrived(self) -> dict[str, int]:
        """Return what the server accepted, by service."""
        return {"metrics": len(self.server.events), "errors": len(self.server.error_ids)}

    def directories(self) -> list[str]:
        """Return the state directories: one, unless nothing was written."""
        return [str(spool.parent) for spool in Path(self.home).rglob("spool")]

    def on_disk(self) -> dict[str, int]:
        """Return what waits on disk, by service."""
        total = {"metrics": 0, "errors": 0}
        for path in self.directories():
            for service, count in directory_counts(path, SharedState(path))["waiting"].items():
                total[service] += count
        return total

    def state(self) -> dict[str, Any]:
        """Return the shared state."""
        return next((SharedState(path).read() for path in self.directories()), {})

    def handed(self) -> dict[str, Any]:
        """Return what the shared state says of a hand-over."""
        handed: dict[str, Any] = self.state().get("detached", {})
        return handed

    def settled(self) -> bool:
        """Tell whether all arrived, or the detached sender has tried in vain."""
        if self.cell.delivers:
            return self.arrived() == self.cell.recorded and not any(self.on_disk().values())
        if self.cell.server == "hangs":
            return self.server.at_once > 0
        return "pid" in self.handed() if self.cell.server == "resolver hangs" else "backoff" in self.state()


def measure(cell: Cell, command: tuple[str, ...], pause: float) -> Outcome:
    """Run the program without us, then with us, and count its records. `command`: what runs a Python file."""
    with serving() as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        run = Run(cell, command, home, server)
        without, *expected = run.end("without", 0.0)
        took, *found = run.end(cell.at_exit, pause)
        pairs = zip(("exit code", "stderr"), found, expected, strict=True)
        problems = [f"{what} {one!r} instead of {other!r}" for what, one, other in pairs if one != other]
        try:
            if cell.hands_over and not _until(run.settled, WITHIN):
                problems.append(f"{run.arrived()} arrived, {run.on_disk()} on disk after {WITHIN:.0f} s: {run.state()}")
            problems += _end_sender(run)
            return _counted(run, pause, took - without, problems)
        finally:
            server.answers.set()


def _counted(run: Run, pause: float, cost: float, problems: list[str]) -> Outcome:
    recorded, arrived, on_disk = run.cell.recorded, run.arrived(), run.on_disk()
    more = {service: arrived[service] + on_disk[service] - recorded[service] for service in recorded}
    lost = {service: max(0, -count) for service, count in more.items()}
    problems += [
        f"{count} {service} lost" for service, count in lost.items() if count and not run.cell.may_lose(service, pause)
    ]
    doubled = sum(count - 1 for noted in (run.server.events, run.server.error_ids) for count in noted.values())
    twice = doubled + sum(max(0, count) for count in more.values())
    if twice and not run.cell.may_double and cost < ANSWER:
        problems.append(f"{twice} twice, after {cost:.0f} ms")
    return Outcome(sum(arrived.values()), sum(on_disk.values()), sum(lost.values()), twice, cost, problems)


def _behaviour(server: Server, kind: str) -> dict[str, str]:
    """Make the server behave; return the variables that differ."""
    server.status = 503 if kind == "503" else 200
    server.delay = SLOW if kind == "slow" else 0.0
    if kind == "hangs":
        server.answers.clear()
    if kind not in NOWHERE:
        return {}
    url = NOWHERE[kind]
    return {"TELEMETRY_SDK_STATSIG_URL": f"{url}/v1", "TELEMETRY_SDK_SENTRY_DSN": f"{url.replace('//', '//key@')}/1"}


def _end_sender(run: Run) -> list[str]:
    """End the detached sender as a user does; return what is wrong with it."""
    _until(lambda: not run.handed() or {"pid", "error"} & {*run.handed()}, BEGINS_WITHIN)
    handed = run.handed()
    if "pid" not in handed:
        return [f"hand-over: {handed}"] if handed else []  # nothing to hand over: all arrived before the end
    if _is_sender(handed["pid"]):
        with contextlib.suppress(ProcessLookupError):
            os.kill(handed["pid"], signal.SIGTERM)
        _until(lambda: not _is_sender(handed["pid"]), BEGINS_WITHIN)
    started = run.cell.at_exit != "detach" or run.cell.pid_1
    return ["a detached sender was started"] if started else []


def _is_sender(pid: int) -> bool:
    """Tell whether a process is a detached sender; elsewhere than on Linux none is found, and it ends by itself."""
    try:
        return b"telemetry_sdk.runtime.detached_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _until(condition: Callable[[], object], seconds: float) -> bool:
    """Wait for a condition; return whether it held in time."""
    end = time.monotonic() + seconds
    while not (held := bool(condition())) and time.monotonic() < end:
        time.sleep(0.02)
    return held
