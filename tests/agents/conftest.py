"""Programs of other projects, instrumented and installed by scripts/test-agents, which send to the receiver."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.receiver import Receiver

collect_ignore = ["suites"]  # run in the agents' environment


@pytest.fixture
def installed() -> Path:
    """Return the directory of the agents' commands."""
    return Path(os.environ["AGENTS"])


@pytest.fixture
def agent(installed: Path, environment: dict[str, str], world: Path, receiver: Receiver) -> Callable[..., Finished]:
    """Run an agent's command; what its own `start()` names is replaced by the receiver."""
    own = {
        "LLM_USER_PATH": str(world / "llm"),
        "MSWEA_GLOBAL_CONFIG_DIR": str(world / "mini"),
        "MSWEA_CONFIGURED": "true",
        "MSWEA_SILENT_STARTUP": "1",
        "TELEMETRY_SDK_RECEIVER": receiver.development_url,
    }

    def run(command: str, *arguments: str, **environ: str) -> Finished:
        done = subprocess.run(
            [installed / command, *arguments],
            env={**environment, **own, **environ},
            cwd=world / "work",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Finished(done)

    return run
