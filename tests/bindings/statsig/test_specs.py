"""Specs that cannot be used change nothing, and the host hears why."""

from __future__ import annotations

import json

import pytest

from telemetry_sdk.integrations.statsig_specs import MAX_DEPTH, MAX_SPECS, BadSpecsError, parsed

from .conftest import SPECS, well


def deep(levels):
    value = {}
    for _ in range(levels):
        value = {"x": [value]}
    return value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (7, "are no text"),
        (" " * (MAX_SPECS + 1), "are longer than 4 MiB"),
        ("{", "are no JSON"),
        ("[" * 100_000, "are no JSON"),
        (b"\xff\xfe", "are no JSON"),
        ("[]", "are no JSON object"),
        ("{}", "have no time"),
        ('{"time": "1"}', "have no time"),
        ('{"time": true}', "have no time"),
        ('{"time": -1}', "have no time"),
        (json.dumps({"time": 1, "x": deep(MAX_DEPTH)}), "are deeper than 32 levels"),
        ('{"time": 1, "feature_gates": {}}', "hold feature_gates"),
        ('{"time": 1, "dynamic_configs": [1]}', "hold dynamic_configs"),
        ('{"time": 1, "layer_configs": [{"name": 1}]}', "hold layer_configs"),
    ],
)
def test_bad_specs_are_refused_in_words(text, why):
    with pytest.raises(BadSpecsError, match=why):
        parsed(text)


def test_good_specs_lose_what_has_no_say_here():
    specs = parsed(json.dumps(SPECS))
    assert specs.keys() == {"time", "feature_gates", "dynamic_configs", "layer_configs"}


@pytest.mark.parametrize("text", ["{", '{"time": 1, "feature_gates": 1}', "[]", ""])
def test_the_host_hears_of_bad_specs_and_gates_answer_their_defaults(bound, text):
    done = bound(
        f"""
client = telemetry_sdk.start(**{{**CHOICES, "statsig_specs": {text!r}}})
[warning] = client.policy.warnings
assert warning.startswith("statsig_specs "), warning
print(statsig.check_gate(USER, "fast_edit"), statsig.get_config(USER, "limits").get("batch", 1))
client.close()
print(client.stats()["failures"])
""",
        start=False,
    )
    assert well(done) == "False 1\n0\n"


ODD = [None, 1, "x", [], {}, [None], [{}], {"conditions": 1}, [{"conditions": [1]}], [{"conditions": [{"type": []}]}]]


def test_specs_of_odd_shapes_answer_defaults_and_break_nothing(bound):
    """The vendor's code walks them: whatever it meets, the caller gets an answer."""
    done = bound(
        f"""
for odd in {ODD!r}:
    for key in ("rules", "defaultValue", "salt", "enabled"):
        gate = {{"name": "fast_edit", "enabled": True, "rules": [], key: odd}}
        specs = {{"time": 1, "feature_gates": [gate], "dynamic_configs": [gate], "layer_configs": [gate]}}
        client = telemetry_sdk.start(**{{**CHOICES, "statsig_specs": json.dumps(specs)}})
        assert statsig.check_gate(USER, "fast_edit") in (True, False)
        statsig.get_config(USER, "fast_edit").get_value()
        statsig.get_layer(USER, "fast_edit").get_name()
        client.close()
print("well")
""",
        start=False,
    )
    assert well(done) == "well\n"
