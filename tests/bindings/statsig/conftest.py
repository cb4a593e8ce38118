"""Programs of their own process that use Statsig's package under a client: its globals are the process's."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Finished

ALL = {"passPercentage": 100, "conditions": [], "groupName": None, "idType": "userID", "salt": ""}
STAFF = {"type": "user_field", "field": "email", "operator": "str_contains_any", "targetValue": ["@acme.example"]}
BEHIND = {"type": "pass_gate", "targetValue": "fast_edit"}


def spec(name: str, rules: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return a spec as Statsig's server writes it."""
    head = {"name": name, "type": "dynamic_config", "entity": "dynamic_config", "enabled": True, "salt": "s"}
    return {**head, "defaultValue": {}, "idType": "userID", "rules": rules, **more}


def gate(name: str, rule: dict[str, Any]) -> dict[str, Any]:
    return spec(name, [{**ALL, "returnValue": True, **rule}], type="feature_gate", entity="feature_gate")


SPECS: dict[str, Any] = {
    "time": 1_795_348_137_541,
    "has_updates": True,
    "hashed_sdk_key_used": "another key's",
    "sdk_configs": {"sampling_mode": "on", "special_case_sampling_rate": 1_000_000},
    "feature_gates": [
        gate("fast_edit", {"id": "everybody"}),
        gate("staff", {"id": "staff_rule", "conditions": [STAFF]}),
        gate("nested", {"id": "behind", "conditions": [BEHIND]}),
    ],
    "dynamic_configs": [
        spec("limits", [{**ALL, "id": "r", "returnValue": {"batch": 50}}], version=7),
        spec(
            "prompt_style",
            [
                {
                    **ALL,
                    "id": "terse",
                    "groupName": "Terse",
                    "isExperimentGroup": True,
                    "returnValue": {"style": "terse"},
                }
            ],
            entity="experiment",
            isActive=True,
            explicitParameters=["style"],
        ),
    ],
    "layer_configs": [
        spec(
            "prompts",
            [{**ALL, "id": "in_layer", "configDelegate": "prompt_style", "returnValue": {}}],
            entity="layer",
            defaultValue={"style": "long", "limit": 5},
        )
    ],
}

HEAD = """
    import json, os, sys, threading, time
    from typing import Literal
    import statsig as package
    from statsig import StatsigEvent, StatsigOptions, StatsigServer, StatsigUser, statsig
    import telemetry_sdk

    class ToolUse(telemetry_sdk.Event, name="tool_use"):
        tool: Literal["bash", "edit", "3"]
        duration_ms: float = 0.0
        count: int = 0
        ok: bool = False
        value: float | None = None

    SPECS = {specs!r}
    USER = StatsigUser("planted-user", email="planted@acme.example", ip="10.9.8.7", custom={{"planted": "planted"}},
                       custom_ids={{"planted": "planted"}}, app_version="planted", locale="planted")
    CHOICES = dict(app="acme-agent", version="1.4.2", statsig_specs=SPECS)
"""
START = """
    client = telemetry_sdk.start(**CHOICES)
"""


@pytest.fixture
def bound(program: Callable[..., Finished]) -> Callable[..., Finished]:
    """Run a program that begins with a client and Statsig's package bound to it, `start=False`: without a client."""

    def run(source: str, *, start: bool = True, specs: object = None, **environ: str) -> Finished:
        text = specs if isinstance(specs, str) else json.dumps(specs or SPECS)
        head = textwrap.dedent(HEAD.format(specs=text)) + (textwrap.dedent(START) if start else "")
        return program(head + textwrap.dedent(source), bare=True, **environ)

    return run


def well(done: Finished) -> str:
    """Return what a program printed; it ended well and said nothing on stderr."""
    assert (done.code, done.err) == (0, ""), done.err
    return done.out
