"""What the delivery commands share: a home and a server of their own, the result as one JSON line."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVER = str(Path(__file__).with_name("_noting_server.py"))
DECIDES = ("DISABLE_", "DO_NOT_TRACK", "CLAUDE_CODE_", "TELEMETRY_SDK_", "SENTRY_", "STATSIG_", "XDG_")
APP = "acme-agent"


class World:
    """A home directory, an environment that names the server, and the server's notes."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.log = home / "requests.jsonl"
        base = f"http://127.0.0.1:{port}"
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(DECIDES)}
        self.environ = {
            **kept,
            "HOME": str(home),
            "USERPROFILE": str(home),
            "TELEMETRY_SDK_STATSIG_URL": f"{base}/v1",
            "TELEMETRY_SDK_STATSIG_KEY": "client-key",
            "TELEMETRY_SDK_SENTRY_DSN": f"{base.replace('//', '//key@')}/1",
            "TELEMETRY_SDK_STATE_DIR": str(home / "state"),
        }

    @property
    def state(self) -> Path:
        """The one state directory of the application."""
        (found,) = [path for path in (self.home / "state" / APP).iterdir() if path.is_dir()]
        return found

    def requests(self) -> list[dict[str, Any]]:
        """Return what the server noted."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def delivered(self) -> Counter[str]:
        """Return how often each id arrived."""
        return Counter(name for request in self.requests() for name in request["ids"])


@contextlib.contextmanager
def world(slow: tuple[float, float] = (0.0, 0.0)) -> Iterator[World]:
    """Run a server beside an empty home. `slow`: the least and the most seconds until it answers."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "work").mkdir()
        command = [sys.executable, SERVER, str(Path(home) / "requests.jsonl"), *map(str, slow)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                yield World(Path(home), int(server.stdout.readline()))
            finally:
                server.terminate()


def send(where: World, descriptors: int = 256) -> tuple[str, float, int]:
    """Run `telemetry-sdk send` under a limit of open files; return its output, CPU in seconds, and exit status."""
    command = ["/bin/sh", "-c", f"ulimit -n {descriptors}; exec {Path(sys.executable).with_name('telemetry-sdk')} send"]
    with subprocess.Popen(
        command, env=where.environ, cwd=where.home / "work", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        assert child.stdout is not None
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return output.strip(), usage.ru_utime + usage.ru_stime, child.returncode


def parser(**sizes: tuple[int, int]) -> argparse.ArgumentParser:
    """Return a parser of `--full` and of each size; `main` gives the sizes their values."""
    made = argparse.ArgumentParser()
    made.add_argument("--full", action="store_true")
    for name, (small, full) in sizes.items():
        made.add_argument(f"--{name}", type=int, help=f"{small}; with --full {full}")
    return made


def chosen(sizes: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Read the arguments of the command: `--full`, or a number for each size."""
    given = vars(parser(**sizes).parse_args())
    return {
        name: given[name] if given[name] is not None else (full if given["full"] else small)
        for name, (small, full) in sizes.items()
    }


def report(what: str, promises: Mapping[str, bool], **measured: object) -> int:
    """Print one JSON line; return the exit status: 1 if a promise is broken."""
    ok = all(promises.values())
    broken = [name for name, kept in promises.items() if not kept]
    print(json.dumps({"what": what, **measured, **({"broken": broken} if broken else {}), "ok": ok}), flush=True)
    return 0 if ok else 1
