"""Broken disks: records before, during and after each fault of the state directory; the server is well.

    python benchmarks/delivery/disk.py [--records 100] [--full]

`--full`: 2,000 events in each phase. full, inodes and read_only need a tmpfs of this command's own (root on Linux);
where none can be mounted they are named in `left_out`. It has space for the records of all phases in spool and ledger:
it is full during the fault only. permission needs a user without privileges, or setpriv. Over quota is not among them:
no quota can be set without a file system for it; tests/unit gives the writer EDQUOT.

Promised: nothing on the host's stderr; no record arrives twice; each arrives, or is counted as dropped; on a full disk
as `disk_full`; where the directory cannot be written, records go through memory and `stats()` says why; what was
recorded before and after the fault arrives.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _world import APP, World, chosen, report, world

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = {"records": (100, 2_000)}
EMPTY, RECORD = 512, 1  # KiB of the file system that gets full: without records, and for each record of a phase
PROGRAM = """
import json, sys, telemetry_sdk
class Step(telemetry_sdk.Event, name="step"):
    run: int
    n: int
client = telemetry_sdk.start(app=sys.argv[1], version="1", max_events_per_minute=None)
records = int(sys.argv[2])
for phase in range(3):
    sys.stdin.readline()
    ids = []
    for n in range(records):
        client.log_event(Step(run=phase, n=n))
        ids.append(f"{phase}-{n}")
    for n in range(2):
        try:
            exec(compile(chr(10) * (phase * 2 + n) + "1 / 0", "program", "exec"))
        except ZeroDivisionError as error:
            ids.append(client.capture_exception(error))
    spooled = client.flush_sync(10, to="spool")
    sent = client.flush_sync(10 if phase != 1 else 3)
    stats = client.stats()
    print(json.dumps({"ids": ids, "spooled": spooled, "sent": sent, "stats": stats}), flush=True)
sys.stdin.readline()
client.close()
"""


class Fault:
    """A fault of the state directory; `state` is there when it begins."""

    def __init__(self, name: str, base: Path) -> None:
        self.name = name
        self.base = base

    @property
    def state(self) -> Path:
        """The application's state directory of these endpoints."""
        return next(path for path in (self.base / APP).iterdir() if path.is_dir())

    def begin(self) -> None:
        """Break the directory."""
        getattr(self, f"_begin_{self.name}")()

    def end(self) -> None:
        """Mend it."""
        getattr(self, f"_end_{self.name}", lambda: None)()

    def _begin_full(self) -> None:
        with contextlib.suppress(OSError), Path(self.base, "filler").open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass

    def _end_full(self) -> None:
        Path(self.base, "filler").unlink()

    def _begin_inodes(self) -> None:
        (self.base / "fillers").mkdir()
        with contextlib.suppress(OSError):
            for n in range(100_000):
                (self.base / "fillers" / str(n)).touch()

    def _end_inodes(self) -> None:
        shutil.rmtree(self.base / "fillers")

    def _begin_read_only(self) -> None:
        subprocess.run(["mount", "-o", "remount,ro", self.base], check=True)

    def _end_read_only(self) -> None:
        subprocess.run(["mount", "-o", "remount,rw", self.base], check=True)

    def _begin_permission(self) -> None:
        for path in (self.state / "spool", self.state):
            path.chmod(0o500)

    def _end_permission(self) -> None:
        for path in (self.state, self.state / "spool"):
            path.chmod(0o700)

    def _begin_deleted(self) -> None:
        shutil.rmtree(self.base / APP)

    def _begin_replaced(self) -> None:
        state = self.state
        shutil.rmtree(state)
        state.write_text("a file in the directory's place")
        self.file = state

    def _end_replaced(self) -> None:
        self.file.unlink()

    def _begin_moved(self) -> None:
        state, moved = self.state, self.base / "moved"
        state.rename(moved)
        state.symlink_to(moved)


def main(records: int) -> int:
    """Run every fault that can be made here."""
    found: dict[str, dict[str, Any]] = {}
    promises: dict[str, bool] = {}
    left_out = []
    for name in ("full", "inodes", "read_only", "permission", "deleted", "replaced", "moved"):
        with world() as made, contextlib.ExitStack() as stack:
            base = made.home / "state"
            base.mkdir()
            try:
                prefix = stack.enter_context(_prepared(name, base, records))
            except OSError:
                left_out.append(name)
                continue
            line = found[name] = _run(made, Fault(name, base), prefix, records)
        promises |= {f"{name}: {what}": kept for what, kept in line.pop("promises").items()}
    return report("disk", promises, records=records, left_out=left_out, faults=found)


@contextlib.contextmanager
def _prepared(name: str, base: Path, records: int) -> Iterator[list[str]]:
    """Mount a small file system where the fault needs one; yield the words before the program's command."""
    if name in {"full", "inodes", "read_only"}:
        size = {"full": f"size={EMPTY + records * RECORD}k", "inodes": "nr_inodes=60"}.get(name, "size=64m")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", base], capture_output=True, check=False)
        if done.returncode:
            raise OSError("no file system can be mounted")
        try:
            yield []
        finally:
            subprocess.run(["umount", base], check=True)
    elif name == "permission" and os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            raise OSError("no setpriv")
        yield ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    else:
        yield []


def _run(made: World, fault: Fault, prefix: list[str], records: int) -> dict[str, Any]:
    command = [*prefix, sys.executable, "-c", PROGRAM, APP, str(records)]
    with subprocess.Popen(
        command,
        env={**made.environ, "TELEMETRY_SDK_AT_EXIT": "leave"},
        cwd=made.home / "work",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        before = _phase(child)
        fault.begin()
        during = _phase(child)
        fault.end()
        after = _phase(child)
        child.stdin.write("\n")
        child.stdin.flush()
        stderr = child.stderr.read()
    delivered = made.delivered()
    return _line(fault.name, [before, during, after], delivered, stderr)


def _phase(child: subprocess.Popen[str]) -> dict[str, Any]:
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdin.write("\n")
    child.stdin.flush()
    answer = child.stdout.readline()
    if not answer:
        raise SystemExit(f"the program failed: {child.stderr.read()}")
    found: dict[str, Any] = json.loads(answer)
    return found


def _line(name: str, phases: list[dict[str, Any]], delivered: dict[str, int], stderr: str) -> dict[str, Any]:
    missing = [len([each for each in phase["ids"] if each not in delivered]) for phase in phases]
    stats = phases[-1]["stats"]
    dropped = {**stats["dropped"]}
    for reason, count in stats["directory"]["dropped"].items():
        dropped[reason] = dropped.get(reason, 0) + count
    waiting = sum(stats["directory"]["waiting"].values())
    reasons = {"full": {"disk_full"}, "inodes": {"disk_full"}}.get(name, set())
    memory = phases[1]["stats"]["storage"] == "memory" or phases[1]["stats"]["problem"] is not None
    promises = {
        "stderr is empty": stderr == "",
        "nothing twice": max(delivered.values(), default=0) <= 1,
        "before and after all arrive": missing[0] == missing[2] == 0,
        "what is missing is counted": sum(missing) == sum(dropped.values()) + waiting,
        "for the true reason": set(dropped) <= reasons,
        "it is said": memory or name not in {"read_only", "permission", "replaced", "moved"},
        "records go through memory": missing[1] == 0 or name in {"full", "inodes"},
    }
    return {
        "missing": missing,
        "dropped": dropped,
        "waiting": waiting,
        "problem": phases[1]["stats"]["problem"],
        "flushes": [[phase["spooled"], phase["sent"]] for phase in phases],
        "stderr": stderr[-500:],
        "promises": promises,
    }


if __name__ == "__main__":
    raise SystemExit(main(**chosen(SIZES)))
