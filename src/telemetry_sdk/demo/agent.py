"""A small agent, as an application would write it: its tools work on a project, and some of them fail.

The demo runs it as a separate program. It prints one JSON document: what it recorded and what came of it. On stderr
it logs each failure with messages, source lines and locals, as a logger would: none of that may leave.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any, Literal

import telemetry_sdk
from telemetry_sdk.demo import APP

PROFILE = telemetry_sdk.CLAUDE_CODE.replace(managed_files=())  # the demo ignores this machine's managed settings


class ToolUse(telemetry_sdk.Event, name="demo_tool_use"):
    """A tool was used."""

    tool: Literal["read", "run", "shell"]
    duration_ms: float
    ok: bool


def main() -> None:
    """Run the project's tasks, record what happens, report it, print the result. Arguments: PROJECT PROMPT [--hold]."""
    project, prompt, hold = Path(sys.argv[1]), sys.argv[2], "--hold" in sys.argv
    tasks = json.loads((project / "tasks.json").read_text("utf-8"))
    with telemetry_sdk.start(app=APP, version="1.0.0", profile=PROFILE, tags={"area": ["tools"]}) as client:
        succeeded = [use(client, tool, {"prompt": prompt, "path": str(project / name)}) for tool, name in tasks]
        client.log_event("demo_tool_use", metadata={"prompt": prompt})  # free text is not declared: dropped and counted
        client.log_event(prompt)
        result = {
            "flushed": client.flush_sync(20.0, to="spool" if hold else "server"),
            "recorded": {"metrics": len(succeeded), "errors": succeeded.count(False), "bug_reports": 1},
            "dropped": sum(client.stats()["dropped"].values()),
            "report": report_bug(client, prompt, project / "session.jsonl"),
        }
    sys.stdout.write(json.dumps(result))


def use(client: telemetry_sdk.TelemetryClient, tool: str, request: dict[str, Any]) -> bool:
    """Use a tool; record and log its failure. False if it failed."""
    request["environment"] = dict(os.environ)
    try:
        with client.measure(ToolUse, tool=tool):
            TOOLS[tool](request)
    except Exception as error:
        client.capture_exception(error, tags={"area": "tools"})
        log = traceback.TracebackException.from_exception(error, capture_locals=True)
        sys.stderr.write("".join(log.format()))
        return False
    return True


def report_bug(client: telemetry_sdk.TelemetryClient, prompt: str, transcript: Path) -> dict[str, str]:
    """Draft, preview and send a bug report with the session."""
    try:
        draft = client.draft_bug_report(f"It gave up. I had asked: {prompt}", transcript=transcript)
    except telemetry_sdk.BugReportRefused:
        return {"outcome": "refused"}
    preview = draft.preview()
    outcome = client.send_bug_report_sync(draft, consent=preview.consent())
    return {"outcome": outcome.kind, "preview": str(preview)}


def read(request: dict[str, Any]) -> object:
    """Read a file."""
    return Path(request["path"]).read_text("utf-8")


def run(request: dict[str, Any]) -> object:
    """Run a Python file in this process."""
    try:
        return runpy.run_path(request["path"])
    except Exception as error:
        raise RuntimeError(f"{request['path']} failed: {error}") from error


def shell(request: dict[str, Any]) -> object:
    """Run a Python file as a program."""
    command = [sys.executable, request["path"], request["prompt"]]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout  # noqa: S603


TOOLS = {"read": read, "run": run, "shell": shell}
