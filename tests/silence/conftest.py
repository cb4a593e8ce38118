"""Programs of their own process, watched from inside by an audit hook and, where the machine allows it, from outside.

From outside means: in a network namespace where every address is this machine and every packet is seen, whoever in
the process tree sent it. The audit hook judges everywhere; each test prints which way was taken.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import telemetry_sdk

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent

# What a real shell may hold, and what opens the vendors' side doors: none of it may open anything here.
SIDE_DOORS = {
    "SENTRY_DSN": "https://planted@sentry.side-door.example/1",
    "SENTRY_SPOTLIGHT": "http://127.0.0.1:8969/stream",
    "SENTRY_PRINT_ENVELOPES": "1",
    "SENTRY_DEBUG": "1",
    "SENTRY_ENVIRONMENT": "planted",
    "SENTRY_RELEASE": "planted",
    "STATSIG_API_KEY": "secret-planted",
    "STATSIG_SERVER_SECRET": "secret-planted",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "https://otel.side-door.example",
    "HTTP_PROXY": "http://proxy.side-door.example:3128",
    "HTTPS_PROXY": "http://user:password@proxy.side-door.example:3128",
    "ALL_PROXY": "socks5://proxy.side-door.example:1080",
    "PYTHONASYNCIODEBUG": "1",
}

STARTED = """
import telemetry_sdk

class Tick(telemetry_sdk.Event, name="tick"):
    n: int

CHOICES = {{
    "app": "acme-agent",
    "version": "1.4.2",
    "statsig_key": "client-planted",
    "sentry_dsn": "https://planted@o1.ingest.sentry.example/1",
    "bug_report_url": "https://bugs.acme.example/reports",
    "bug_report_auth": lambda: ("Authorization", "Bearer planted"),
    "profile": telemetry_sdk.CLAUDE_CODE.replace(managed_files=(("", {managed!r}),)),
}}
client = telemetry_sdk.start(**{{**CHOICES, **{choices}}})
"""


class Watched:
    """A program that has ended, and all that was seen of it."""

    def __init__(self, found: dict[str, Any], report: Path, changed: set[str]) -> None:
        self.code: int = found["code"]
        self.out: str = found["out"]
        self.err: str = found["err"]
        self.names: list[str] | None = found.get("names")
        self.packets: list[tuple[int, str, int]] | None = found.get("packets")
        self.changed = changed  # in the home and the temporary directory
        self._events = [ast.literal_eval(line) for line in report.read_text(encoding="utf-8").splitlines()]
        self.way = "audit hook" if self.packets is None else "audit hook and a network of its own"
        print(f"silence watched by: {self.way}")
        print(self.out, self.err, sep="\n")

    def seen(self, kind: str) -> list[str]:
        """What the audit hook saw of a kind: import, thread, network, process, change, read."""
        return [what for found, what in self._events if found == kind]

    @property
    def preloaded(self) -> list[str]:
        """The modules that were there before the program began."""
        return next(what for found, what in self._events if found == "preloaded")

    def imported(self, *names: str) -> list[str]:
        """Which of these packages the program imported, or tried to."""
        assert not set(names) & set(self.preloaded), "the watch itself must not load what is looked for"
        return sorted({name for name in self.seen("import") if name.partition(".")[0] in names})

    def assert_silent(self) -> None:
        """Nobody heard of it, nothing is left of it."""
        for kind in ("network", "process", "thread", "change"):
            assert self.seen(kind) == [], kind
        assert [int(count) for count in self.seen("tasks")] == [1]
        assert self.packets in (None, [])
        assert self.names in (None, [])
        assert self.changed == set()
        assert (self.code, self.out, self.err) == (0, "", "")


@pytest.fixture(scope="session")
def own_network() -> list[str]:
    """The command that runs another in a network of its own; empty where the machine does not allow one."""
    for unshare in (["unshare", "-rn"], ["unshare", "-n"]):
        command = [*unshare, sys.executable, str(HERE / "trap.py")]
        try:
            done = subprocess.run([*command, sys.executable, "-c", ""], capture_output=True, text=True, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return command
    return []


@pytest.fixture
def managed(tmp_path: Path) -> Path:
    """The managed settings file of the programs; it is not there unless a test writes it."""
    return tmp_path / "managed-settings.json"


@pytest.fixture
def watched(world: Path, tmp_path: Path, own_network: list[str]) -> Callable[..., Watched]:
    """Run a program, watched; `network`: in one of its own, where that is possible."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    packages = [str(Path(telemetry_sdk.__file__).parents[1]), sysconfig.get_path("purelib")]

    def run(source: str, *, network: bool = True, **environ: str) -> Watched:
        program, report = tmp_path / "program.py", tmp_path / "report"
        program.write_text(textwrap.dedent(source), encoding="utf-8")
        report.unlink(missing_ok=True)
        # -S: no .pth file and no sitecustomize of the machine loads what is looked for
        command = [sys.executable, "-S", "-B", str(HERE / "watch.py"), str(report), str(program)]
        before = snapshot(world, temporary)
        done = subprocess.run(
            [*(own_network if network else []), *command],
            env={
                "PATH": os.environ["PATH"],
                **{name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
                **dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA"), str(world)),
                **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
                "PYTHONPATH": os.pathsep.join(packages),
                **SIDE_DOORS,
                **environ,
            },
            cwd=world / "work",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if own_network and network:
            assert done.returncode == 0, done.stderr
            found = json.loads(done.stdout)
        else:
            found = {"code": done.returncode, "out": done.stdout, "err": done.stderr}
        return Watched(found, report, snapshot(world, temporary) ^ before)

    return run


@pytest.fixture
def started(watched: Callable[..., Watched], managed: Path) -> Callable[..., Watched]:
    """Run a program whose source begins with `client = telemetry_sdk.start(...)`, watched.

    `choices` is the source of a dict of arguments to `start()`; without it every service has an address and is on.
    """

    def run(source: str, *, choices: str = "{}", network: bool = True, **environ: str) -> Watched:
        head = STARTED.format(managed=str(managed), choices=choices)
        return watched(head + textwrap.dedent(source), network=network, **environ)

    return run


def snapshot(*roots: Path) -> set[str]:
    """Every file and directory below, each with what changes when it does."""
    found = set()
    for root in roots:
        for place in (root, *root.rglob("*")):
            status = place.lstat()
            found.add(f"{place} {status.st_mode:o} {status.st_size} {status.st_mtime_ns} {status.st_ino}")
    return found
