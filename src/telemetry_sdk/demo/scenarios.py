"""The agent under each policy: what the user sets, and what must come of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from telemetry_sdk.receiver import running

from . import APP
from .project import ENVIRONMENT, fill, write_project
from .search import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from telemetry_sdk.receiver import ReceivedRequest, Receiver
    from telemetry_sdk.receiver.receiver import ServiceName

    from .project import PlantedString

SERVICES: tuple[ServiceName, ...] = ("metrics", "errors", "bug_reports")
AGENT = (sys.executable, "-P", "-c", "from telemetry_sdk.demo.agent import main; main()")  # takes about a second
INHERITED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "COMSPEC", "TEMP", "TMP", "TMPDIR")
# A name that each kind of document contains: if the search does not find it, it reads nothing.
CONTROL_NAMES = {"headers": "telemetry-sdk", "requests": APP, "bug reports (secrets only)": APP, "files": APP}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A variable, where it is set, the services that it turns off; whether the servers of metrics and errors hang."""

    variable: str
    off: tuple[str, ...]
    where: Literal["environment", "user settings", "project settings"] = "environment"
    hangs: bool = False

    def __str__(self) -> str:
        return f"{self.variable} ({self.where})" if self.variable else "servers hang" if self.hangs else "nothing"


SCENARIOS = (
    Scenario("", ()),
    Scenario("", (), hangs=True),
    Scenario("DISABLE_TELEMETRY", ("metrics",)),
    Scenario("DISABLE_TELEMETRY", ("metrics",), "user settings"),
    Scenario("DISABLE_ERROR_REPORTING", ("errors",)),
    Scenario("DISABLE_ERROR_REPORTING", ("errors",), "project settings"),
    Scenario("DISABLE_BUG_COMMAND", ("bug_reports",)),
    Scenario("DISABLE_FEEDBACK_COMMAND", ("bug_reports",)),
    Scenario("DO_NOT_TRACK", ("metrics", "errors")),
    Scenario("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", SERVICES),
    Scenario("CLAUDE_CODE_USE_BEDROCK", SERVICES),
    Scenario("CLAUDE_CODE_USE_VERTEX", SERVICES),
    Scenario("CLAUDE_CODE_USE_FOUNDRY", SERVICES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """What came of a run. `result`: the agent's JSON document; `uncleaned`: its log and transcript."""

    scenario: Scenario
    result: dict[str, Any]
    uncleaned: str
    requests: list[ReceivedRequest]
    arrived: Mapping[str, int]
    files: Mapping[str, bytes]

    def documents(self) -> Iterator[Document]:
        """Yield all that arrived and all that was left on disk."""
        for request in self.requests:
            name, report = f"{self.scenario}: a request to {request.path}", request.service == "bug_reports"
            head = json.dumps([request.path, request.query, *request.headers.items()])
            yield Document("headers", name, head.encode())
            yield Document("bug reports (secrets only)" if report else "requests", name, request.body, report)
        for path, content in self.files.items():
            name, draft = f"{self.scenario}: {path}", "drafts" in path.split("/")
            yield Document("file names", name, path.encode())
            yield Document("drafts (secrets only)" if draft else "files", name, content, draft)

    def failures(self) -> Iterator[str]:
        """Yield a line for each expectation that does not hold."""
        if not self.result:
            yield f"the agent failed: {self.uncleaned[-500:]}"
            return
        for service, arrived in self.arrived.items():
            off, held = service in self.scenario.off, self.scenario.hangs and service != "bug_reports"
            expected = 0 if off or held else self.result["recorded"][service]
            if arrived != expected:
                yield f"{arrived} {service} arrived, expected {expected}"
            if off and any(request.service == service for request in self.requests):
                yield f"a request for {service} was made, which are off"
        if self.scenario.off == SERVICES and any(document.kind == "files" for document in self.documents()):
            yield f"files were written although all services are off: {', '.join(self.files)}"
        expected = 0 if "metrics" in self.scenario.off else 2  # what the agent logs undeclared
        if self.result["dropped"] != expected or not self.result["flushed"]:
            yield f"dropped: {self.result['dropped']} (expected {expected}); flushed: {self.result['flushed']}"


def run_agent(scenario: Scenario, strings: Mapping[str, PlantedString], root: Path) -> AgentRun:
    """Run the agent in a home directory under `root`, against a receiver of its own."""
    home = root / strings["user"].text
    project = write_project(strings, home)
    with running(keep_refused=True) as receiver:
        environ = _environment(home, strings, receiver)
        variable = {scenario.variable: "1"} if scenario.variable else {}
        if scenario.where == "environment":
            environ |= variable
        else:
            settings = (home if scenario.where == "user settings" else project) / ".claude" / "settings.json"
            settings.parent.mkdir()
            settings.write_text(json.dumps({"env": variable}), encoding="utf-8")
        for service in SERVICES[:2] if scenario.hangs else ():
            receiver.hang(service)
        command = [*AGENT, str(project), strings["prompt"].text, *["--hold"] * scenario.hangs]
        done = subprocess.run(command, env=environ, cwd=project, capture_output=True, timeout=90, check=False)  # noqa: S603
        paths = [path for path in sorted((home / "state").rglob("*")) if path.is_file()]
        return AgentRun(
            scenario=scenario,
            result=json.loads(done.stdout.rpartition(b"\n")[2]) if done.returncode == 0 else {},
            uncleaned=(project / "session.jsonl").read_text("utf-8") + done.stderr.decode(errors="replace"),
            requests=receiver.requests(),
            arrived={name: len(getattr(receiver, name)()) for name in SERVICES},
            files={path.relative_to(home).as_posix(): path.read_bytes() for path in paths},
        )


def _environment(home: Path, strings: Mapping[str, PlantedString], receiver: Receiver) -> dict[str, str]:
    """Return the agent's environment: none of the user's own switches, proxies and directories."""
    return {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        **dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA"), str(home)),
        **{name: fill(value, strings) for name, value in ENVIRONMENT.items()},
        "PYTHONUTF8": "1",
        "TELEMETRY_SDK_STATE_DIR": str(home / "state"),
        **receiver.environment(),
    }
