"""Gates, configs, experiments and layers answer as the bare package does, on or off: opting out costs no feature."""

from __future__ import annotations

import json

import pytest

from .conftest import well

ANSWERS = """
def answers():
    layer = statsig.get_layer(USER, "prompts")
    experiment = statsig.get_experiment(USER, "prompt_style")
    return {
        "gates": [statsig.check_gate(USER, name) for name in ("fast_edit", "staff", "nested", "nobody")],
        "stranger": statsig.check_gate(StatsigUser("x", email="x@other.example"), "staff"),
        "gate": vars(statsig.get_feature_gate(USER, "nested"))["rule_id"],
        "config": statsig.get_config(USER, "limits").get_value(),
        "unknown": statsig.get_config(USER, "nobody").get("batch", 3),
        "experiment": [experiment.get("style"), experiment.rule_id, experiment.group_name],
        "groups": statsig.get_experiment_groups("prompt_style"),
        "layer": [layer.get("style"), layer.get("limit", 1), layer.rule_id, layer.allocated_experiment],
        "all": statsig.evaluate_all(USER),
        "client": sorted(statsig.get_client_initialize_response(USER)["feature_gates"]),
        "initialized": statsig.is_initialized(),
    }
"""
BARE = """
import dataclasses
SPECS = {key: value for key, value in json.loads(SPECS).items() if key != "hashed_sdk_key_used"}
statsig.initialize("secret-key", StatsigOptions(
    local_mode=True, bootstrap_values=json.dumps(SPECS), disable_all_logging=True, disable_diagnostics=True))
"""


def test_every_answer_is_the_bare_packages(bound):
    bare = json.loads(bound(BARE + ANSWERS + "print(json.dumps(answers()))", start=False).out)
    ours = json.loads(well(bound(ANSWERS + "print(json.dumps(answers()))")))
    assert ours == bare
    assert ours["gates"] == [True, True, True, False]
    assert ours["layer"][0] == "terse"


@pytest.mark.parametrize("environ", [{}, {"DISABLE_TELEMETRY": "1"}, {"CLAUDE_CODE_USE_BEDROCK": "1"}])
def test_answers_do_not_depend_on_the_policy_or_on_the_clients_life(bound, environ):
    done = bound(
        ANSWERS
        + """
first = answers()
client.opt_out("metrics")
second = answers()
client.opt_out()
client.close()
assert first == second == answers()
statsig.log_event(StatsigEvent(USER, "tool_use", metadata={"tool": "bash"}))
statsig.flush()
statsig.shutdown()
assert first == answers()
assert first["gates"] == [True, True, True, False]
print(client.stats()["failures"])
""",
        **environ,
    )
    assert well(done) == "0\n"


def test_overrides_answer_and_go(bound):
    done = bound("""
statsig.override_gate("nobody", True)
statsig.override_config("limits", {"batch": 1})
statsig.override_layer("prompts", {"style": "odd"})
print(statsig.check_gate(USER, "nobody"), statsig.get_config(USER, "limits").get("batch"),
      statsig.get_layer(USER, "prompts").get("style"))
statsig.remove_all_overrides()
print(statsig.check_gate(USER, "nobody"), statsig.get_config(USER, "limits").get("batch"))
""")
    assert well(done) == "True 1 odd\nFalse 50\n"


def test_the_packages_own_errors_stay_its_own(bound):
    done = bound("""
from statsig.statsig_errors import StatsigValueError
try:
    statsig.check_gate(None, "fast_edit")
except StatsigValueError:
    print("raised", client.stats()["failures"])
""")
    assert well(done) == "raised 0\n"


def test_the_environment_of_the_start_is_the_tier(bound):
    tier = {"type": "environment_field", "field": "tier", "operator": "any", "targetValue": ["staging"]}
    rule = {"id": "r", "passPercentage": 100, "conditions": [tier]}
    specs = {"time": 1, "feature_gates": [{"name": "g", "enabled": True, "rules": [rule]}]}
    source = """
import contextlib
CHOICES["environment"] = "staging"
with telemetry_sdk.start(**CHOICES):
    print(statsig.check_gate(USER, "g"))
with telemetry_sdk.start(**{**CHOICES, "environment": "production"}):
    print(statsig.check_gate(USER, "g"))
"""
    assert well(bound(source, start=False, specs=specs)) == "True\nFalse\n"
