"""What a client of the kit looks at: the variables that the test sets, an empty home, no file of the user's."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from telemetry_sdk.policy import Profile
    from telemetry_sdk.startup import StartInputs

BASELINES: list[dict[str, str]] = []  # the environment as the last pytest run found it


def changed_variables(baseline: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a test has set, with `monkeypatch.setenv` or otherwise: not those of the shell."""
    return {name: value for name, value in os.environ.items() if baseline.get(name) != value}


def start_inputs(home: str, environ: Mapping[str, str], transport: Callable[[], Any]) -> StartInputs:
    """Return what a start looks at: `environ`, and a home directory in place of the user's unless it names one."""
    from telemetry_sdk.policy.directories import VARIABLE
    from telemetry_sdk.startup import StartInputs

    variables = {VARIABLE: home, **environ}
    chosen = variables[VARIABLE]
    os.makedirs(chosen, exist_ok=True)
    return StartInputs(
        environ=variables,
        cwd=chosen,  # not the project's: state that lies in a project is kept in memory
        home=chosen,
        managed=os.path.join(home, "no-managed-settings"),
        transport=transport,
    )


def write_settings(home: str, profile: Profile, settings: Mapping[str, Any]) -> None:
    """Write the user's settings file of a profile."""
    path = Path(home, profile.user_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings), "utf-8")
