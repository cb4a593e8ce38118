"""A small agent, as an application would write it: its tools work on a project, and some of them fail.

The demo runs it as a program of its own. It prints one JSON document, what it recorded and what came of it; on
stderr it writes every failure as a common logger would, with messages, source lines and locals: what must stay here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import telemetry_sdk
from telemetry_sdk.demo import APP

if TYPE_CHECKING:
    from collections.abc import Callable

Tool = Literal["read", "parse", "run", "eval", "shell"]
PROFILE = telemetry_sdk.CLAUDE_CODE.replace(managed_files=())  # this machine's managed settings are not the demo's
FLUSH = 20.0  # seconds


class ToolUse(telemetry_sdk.Event, name="tool_use"):
    """A tool was used."""

    tool: Tool
    duration_ms: float
    ok: bool


class SessionEnd(telemetry_sdk.Event, name="session_end"):
    """A session is over."""

    tools: int
    failures: int


def main() -> None:
    """Work on a project, report what happened, print what was recorded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("project", type=Path)
    parser.add_argument("--prompt", required=True)
    parser.add_argument("--leave", action="store_true", help="end without waiting for the servers")
    chosen = parser.parse_args()
    tags = {"area": ["tools", "model"]}
    with telemetry_sdk.start(app=APP, version="1.0.0", profile=PROFILE, tags=tags) as client:
        agent = Agent(client, chosen.project, chosen.prompt)
        agent.work()
        flushed = chosen.leave or client.flush_sync(FLUSH)
        document = {
            "policy": client.policy.to_json(),
            "recorded": {"metrics": agent.events, "errors": agent.errors},
            "careless": agent.careless,
            "dropped": client.stats()["dropped"],
            "flushed": flushed,
            "report": agent.report(),
        }
    sys.stdout.write(json.dumps(document))


@dataclass
class Agent:
    """One session. It counts what it recorded, whether or not that may leave; what is `careless` never may."""

    client: telemetry_sdk.TelemetryClient
    project: Path
    prompt: str
    failures: list[Exception] = field(default_factory=list[Exception])
    events: int = 0
    errors: int = 0
    careless: int = 0

    def work(self) -> None:
        """Do the project's tasks; record each use of a tool, and each failure."""
        tasks = json.loads((self.project / "tasks.json").read_text("utf-8"))
        for tool, name in tasks:
            self.use(tool, self.project / name)
        self.client.log_event(SessionEnd(tools=len(tasks), failures=len(self.failures)))
        self.events += 1
        self.send_free_text()
        if self.failures:
            self.capture(summary(self.project, self.prompt, self.failures))

    def use(self, tool: Tool, path: Path) -> str | None:
        """Use a tool; a failure is recorded, and the session goes on."""
        request = {"prompt": self.prompt, "path": str(path), "environment": dict(os.environ)}
        self.events += 1
        try:
            with self.client.measure(ToolUse, tool=tool):
                return TOOLS[tool](request)
        except Exception as error:
            self.failures.append(error)
            self.capture(error)
            return None

    def capture(self, error: Exception) -> None:
        """Record a failure, and write it to the log."""
        self.client.capture_exception(error, tags={"area": "tools"})
        self.errors += 1
        log = traceback.TracebackException.from_exception(error, capture_locals=True)
        sys.stderr.write("".join(log.format()))

    def send_free_text(self) -> None:
        """Be careless: none of this is declared, so it is dropped and counted."""
        self.client.log_event("tool_use", metadata={"tool": f"cat {self.project}"})
        self.client.log_event("tool_use", metadata={"prompt": self.prompt})
        self.client.log_event(self.prompt)
        self.careless += 3

    def report(self) -> dict[str, Any]:
        """Draft a bug report with the whole session, look at it, send it; where that is off, keep a local bundle."""
        session = self.project / "session.jsonl"
        try:
            draft = self.client.draft_bug_report(f"It gave up. I had asked: {self.prompt}", transcript=session)
        except telemetry_sdk.BugReportRefused as refusal:
            return {"outcome": "refused", "message": str(refusal)}
        preview = draft.preview()
        outcome = self.client.send_bug_report_sync(draft, consent=preview.consent())
        if outcome.kind == "refused":
            draft.save()
        return {"outcome": outcome.kind, "message": outcome.message, "preview": str(preview)}


def summary(project: Path, prompt: str, failures: list[Exception]) -> Exception:
    """Return all failures as one, with a message and a note as programs write them."""
    try:  # raised, so that it has a traceback
        raise ExceptionGroup(f"{len(failures)} tasks of {project} failed", failures)  # noqa: TRY301
    except ExceptionGroup as group:
        group.add_note(f"asked: {prompt}")
        return group


def read(request: dict[str, Any]) -> str:
    """Read a file."""
    return Path(request["path"]).read_text("utf-8")


def parse(request: dict[str, Any]) -> str:
    """Parse a JSON file."""
    return str(json.loads(read(request)))


def run(request: dict[str, Any]) -> str:
    """Run a file's Python in this process."""
    source = read(request)
    try:
        exec(compile(source, request["path"], "exec"), {"__name__": Path(request["path"]).stem})  # noqa: S102
    except Exception as error:
        raise RuntimeError(f"{request['path']} failed: {error}") from error
    return ""


def evaluate(request: dict[str, Any]) -> str:
    """Run a text in this process, under itself as its file's name and under this module's name."""
    source = read(request)
    exec(compile(source, source, "exec"), {"__name__": __name__})  # noqa: S102 - a tool that runs code
    return ""


def shell(request: dict[str, Any]) -> str:
    """Run a file's Python as a program."""
    command = [sys.executable, request["path"], request["prompt"]]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout  # noqa: S603


TOOLS: dict[Tool, Callable[[dict[str, Any]], str]] = {
    "read": read,
    "parse": parse,
    "run": run,
    "eval": evaluate,
    "shell": shell,
}
