"""The same agent under each policy, and what is expected of each run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telemetry_sdk.delivery.store import Store
from telemetry_sdk.receiver import running
from telemetry_sdk.receiver.command import addresses

from .plant import ENVIRONMENT, write_project
from .search import Haystack, expanded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from telemetry_sdk.receiver import ReceivedRequest, Receiver

    from .plant import Plants

SERVICES = ("metrics", "errors", "bug_reports")
RECORDED = ("metrics", "errors")
PROGRAM = "from telemetry_sdk.demo.agent import main; main()"
TIMEOUT = 90.0  # seconds; an agent takes about one
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "COMSPEC", "TEMP", "TMP", "TMPDIR")
_OF_REPORTS = ("drafts", "bundles")  # what the user keeps of bug reports: code stays in, secrets do not


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run: what the user says, which services that turns off, which keys are not followed.

    `hangs`: the servers of metrics and errors take the request and never answer.
    """

    name: str
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    user: Mapping[str, str] = field(default_factory=dict[str, str])
    project: Mapping[str, str] = field(default_factory=dict[str, str])
    off: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    hangs: bool = False


def _switch(variable: str, *off: str) -> Scenario:
    return Scenario(variable, environ={variable: "1"}, off=off)


SCENARIOS = (
    Scenario("first party"),
    Scenario("servers that hang", hangs=True),
    _switch("DISABLE_TELEMETRY", "metrics"),
    _switch("DISABLE_ERROR_REPORTING", "errors"),
    _switch("DISABLE_BUG_COMMAND", "bug_reports"),
    _switch("DISABLE_FEEDBACK_COMMAND", "bug_reports"),
    _switch("DO_NOT_TRACK", "metrics", "errors"),
    _switch("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", *SERVICES),
    Scenario("user settings", user={"DISABLE_TELEMETRY": "1"}, off=("metrics",)),
    Scenario(
        "project settings",
        project={"DISABLE_ERROR_REPORTING": "1", "TELEMETRY_SDK_STATSIG_URL": "https://elsewhere.example/v1"},
        off=("errors",),
        ignored=("TELEMETRY_SDK_STATSIG_URL",),
    ),
    _switch("CLAUDE_CODE_USE_BEDROCK", *SERVICES),
    _switch("CLAUDE_CODE_USE_VERTEX", *SERVICES),
    _switch("CLAUDE_CODE_USE_FOUNDRY", *SERVICES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of a run. `told` is what the agent printed (empty if it failed), `log` what it wrote to stderr."""

    scenario: Scenario
    code: int
    told: dict[str, Any]
    log: str
    session: str
    requests: list[ReceivedRequest]
    arrived: Mapping[str, int]
    waiting: Mapping[str, int]
    files: Mapping[str, bytes]

    def recorded(self, service: str) -> int:
        """Return how many records the agent made of a service, whatever the policy; of bug reports one."""
        return 1 if service == "bug_reports" else int(self.told["recorded"][service])

    def haystacks(self) -> Iterator[Haystack]:
        """Yield all that arrived, headers too, and all that was left on disk, names too."""
        for request in self.requests:
            place = f"{self.scenario.name}: a request to {request.path}"
            head = json.dumps([request.method, request.path, request.query, *request.headers.items()])
            yield Haystack(f"{place}, its head", head.encode())
            yield Haystack(f"{place}, its body", request.body, request.service == "bug_reports")
            yield Haystack(f"{place}, its body as it came", request.wire, request.service == "bug_reports")
        for name, content in self.files.items():
            place = f"{self.scenario.name}: the file {name}"
            kept = bool(set(Path(name).parts) & set(_OF_REPORTS))
            yield Haystack(f"{place}, its name", name.encode())
            yield Haystack(place, expanded(content), kept)

    def failed_expectations(self) -> Iterator[str]:
        """Yield a line for each expectation that does not hold."""
        if self.code or not self.told:
            last = self.log.strip().rpartition("\n")[2]
            yield f"the agent ended with {self.code}: {last}"
            return
        yield from self._wrong_policy()
        yield from self._wrong_counts()
        yield from self._wrong_files()

    def _wrong_policy(self) -> Iterator[str]:
        policy = self.told["policy"]
        for service, row in policy["services"].items():
            if row["enabled"] == (service in self.scenario.off):
                yield f"{service} are {'on' if row['enabled'] else 'off'}"
            if not row["reasons"]:
                yield f"{service}: no reason is given"
        ignored = [reason["variable"] for reason in policy["ignored"]]
        if ignored != list(self.scenario.ignored):
            yield f"ignored keys are {ignored}, not {list(self.scenario.ignored)}"

    def _wrong_counts(self) -> Iterator[str]:
        for service in SERVICES:
            made = self.recorded(service)
            on = service not in self.scenario.off
            held = self.scenario.hangs and service in RECORDED
            wanted, kept = (made if on and not held else 0), (made if on and held else 0)
            if self.arrived[service] != wanted or not made:
                yield f"{self.arrived[service]} {service} arrived, not {wanted} (of {made} made)"
            if service in RECORDED and self.waiting[service] != kept:
                yield f"{self.waiting[service]} {service} wait on disk, not {kept}"
            if not on and any(request.service == service for request in self.requests):
                yield f"a request for {service} was made, which are off"
        if any(request.service not in SERVICES for request in self.requests):
            yield "a request went elsewhere"
        outcome, expected = self.told["report"]["outcome"], "refused" if "bug_reports" in self.scenario.off else "sent"
        if outcome != expected:
            yield f"the bug report was {outcome}, not {expected}: {self.told['report']['message']}"
        if not self.told["flushed"]:
            yield "flush() says that not all was delivered"

    def _wrong_files(self) -> Iterator[str]:
        """Off is silence on disk too: no id without metrics, no file at all of what is off."""
        if "metrics" in self.scenario.off and any(name.endswith("installation-id") for name in self.files):
            yield "an installation id was made although metrics are off"
        others = [name for name in self.files if not set(Path(name).parts) & set(_OF_REPORTS)]
        if len(self.scenario.off) == len(SERVICES) and others:
            yield f"files were made although all is off: {others}"


def perform(scenario: Scenario, plants: Plants, root: Path) -> Run:
    """Run the agent in a home of its own under `root`, against a receiver of its own."""
    home = root / plants["user"]
    project = write_project(plants, home)
    _write_settings(home, scenario.user)
    _write_settings(project, scenario.project)
    with running() as receiver:
        if scenario.hangs:
            receiver.hang("metrics")
            receiver.hang("errors")
        done = _run_agent(scenario, plants, home, project, receiver)
        files = dict(_files(home / "state"))
        return Run(
            scenario=scenario,
            code=done.returncode,
            told=_document(done),
            log=done.stderr,
            session=(project / "session.jsonl").read_text("utf-8"),
            requests=receiver.requests(),
            arrived={
                "metrics": len(receiver.metrics()),
                "errors": len(receiver.errors()),
                "bug_reports": len(receiver.bug_reports()),
            },
            waiting=_waiting(home / "state"),
            files=files,
        )


def _write_settings(directory: Path, variables: Mapping[str, str]) -> None:
    if variables:
        settings = directory / ".claude" / "settings.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"env": dict(variables)}), encoding="utf-8")


def _run_agent(
    scenario: Scenario, plants: Plants, home: Path, project: Path, receiver: Receiver
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-c", PROGRAM, str(project), "--prompt", plants["prompt"]]
    return subprocess.run(  # noqa: S603 - our own program
        [*command, "--leave"] if scenario.hangs else command,
        env={**_environment(home, plants), **addresses(receiver), **scenario.environ},
        cwd=project,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT,
        check=False,
    )


def _environment(home: Path, plants: Plants) -> dict[str, str]:
    """Build the agent's environment anew: none of the user's own switches, proxies and places is in it."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    places = dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA"), str(home))
    planted = {name: plants.filled(value) for name, value in ENVIRONMENT.items()}
    return {**kept, **places, **planted, "PYTHONUTF8": "1", "TELEMETRY_SDK_STATE_DIR": str(home / "state")}


def _document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    try:
        return dict(json.loads(done.stdout)) if done.returncode == 0 else {}
    except ValueError:  # the run's expectations say so
        return {}


def _files(state: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(state.rglob("*")):
        if path.is_file():
            yield path.relative_to(state).as_posix(), path.read_bytes()


def _waiting(state: Path) -> dict[str, int]:
    """Count the records in the spools of all state directories."""
    found = [Store(str(place), lost=lambda _reason, _count: None).waiting() for place in state.glob("*/*")]
    return {service: sum(counts.get(service, 0) for counts in found) for service in RECORDED}
