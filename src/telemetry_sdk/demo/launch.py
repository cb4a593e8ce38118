"""Running the agent: a real process with a home, a project, an environment and a receiver of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from telemetry_sdk.receiver import running
from telemetry_sdk.spool.disk import directory_counts
from telemetry_sdk.storage.shared_state import SharedState

from .plant import ENVIRONMENT, write_project
from .runs import RECORDED, Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from telemetry_sdk.receiver import Receiver

    from .plant import Plants
    from .runs import Scenario

PROGRAM = "from telemetry_sdk.demo.agent import main; main()"
TIMEOUT = 90.0  # seconds; an agent takes about one
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "COMSPEC", "TEMP", "TMP", "TMPDIR")


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
    if scenario.hangs:
        command.append("--leave")
    try:
        return subprocess.run(  # noqa: S603 - our own program
            command,
            env={**_environment(home, plants), **_addresses(receiver), **scenario.environ},
            cwd=project,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"it took longer than {TIMEOUT:.0f} seconds")


def _environment(home: Path, plants: Plants) -> dict[str, str]:
    """Build the agent's environment anew: none of the user's own switches, proxies and places is in it."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    own_path = [os.path.abspath(part) for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    places = dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA"), str(home))
    planted = {name: plants.filled(value) for name, value in ENVIRONMENT.items()}
    return {**kept, **places, **planted, **_own(home, own_path)}


def _own(home: Path, path: list[str]) -> dict[str, str]:
    return {
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONUTF8": "1",
        "TELEMETRY_SDK_STATE_DIR": str(home / "state"),
        "TELEMETRY_SDK_DEBUG": "1",
    }


def _addresses(receiver: Receiver) -> dict[str, str]:
    return {
        "TELEMETRY_SDK_STATSIG_URL": receiver.statsig_url,
        "TELEMETRY_SDK_STATSIG_KEY": receiver.statsig_key,
        "TELEMETRY_SDK_SENTRY_DSN": receiver.sentry_dsn,
        "TELEMETRY_SDK_BUG_REPORT_URL": receiver.bug_report_url,
        "TELEMETRY_SDK_BUG_REPORT_TOKEN": receiver.bug_report_token,
    }


def _document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Parse the last line: before it stands what the project's own code prints."""
    try:
        return dict(json.loads(done.stdout.rpartition("\n")[2])) if done.returncode == 0 else {}
    except ValueError:  # the run's expectations say so
        return {}


def _files(state: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(state.rglob("*")):
        if path.is_file():
            yield path.relative_to(state).as_posix(), path.read_bytes()


def _waiting(state: Path) -> dict[str, int]:
    """Count the records in the spools of all state directories."""
    found = [directory_counts(str(place), SharedState(str(place)))["waiting"] for place in state.glob("*/*")]
    return {service: sum(counts.get(service, 0) for counts in found) for service in RECORDED}
