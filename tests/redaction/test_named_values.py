"""The value of a known name goes however the two are written; what only speaks of the name stays."""

from __future__ import annotations

import json

import pytest

from telemetry_sdk.redaction import redact_structure, redact_text

from ..corpus.named_made import HARMLESS, MADE, NAMED, NAMED_KEYS, NAMED_PHRASES, PHRASE, WEAK

PLANTS = [(form, value) for form in NAMED for value in WEAK] + [(form, MADE) for form in NAMED_KEYS]
PLANTS += [(form, PHRASE) for form in NAMED_PHRASES]


@pytest.mark.parametrize(("form", "value"), PLANTS)
@pytest.mark.parametrize("held", ["{}", "head\n{}\ntail\n"])
def test_named_value_is_redacted(form: str, value: str, held: str):
    text = held.replace("{}", form.format(value))
    clean, counts = redact_text(text)
    assert value not in clean
    assert sum(counts.values()) == 1
    assert redact_text(clean) == (clean, {})


@pytest.mark.parametrize(("form", "value"), PLANTS)
@pytest.mark.parametrize("depth", [1, 2])
def test_named_value_in_json_text_is_redacted_and_the_text_parses(form: str, value: str, depth: int):
    held: object = {"a": f"x\n{form.format(value)}\n", "b": 1}
    for _ in range(depth):
        held = json.dumps(held, ensure_ascii=False)
    clean: object = redact_text(str(held))[0]
    for _ in range(depth):
        clean = json.loads(str(clean))
    assert isinstance(clean, dict)
    assert clean["b"] == 1
    assert value not in clean["a"]
    assert "[redacted:" in clean["a"]


@pytest.mark.parametrize("text", HARMLESS)
def test_text_about_a_name_is_kept(text: str):
    assert redact_text(text) == (text, {})
    assert redact_text(json.dumps([text])) == (json.dumps([text]), {})


def test_short_names_count_as_keys_of_a_structure():
    clean, _ = redact_structure({"pass": "hunter2x9", "pwd": "/home/bob", "psk": "hunter2x9", "pin": "4821"})
    assert clean == {
        "pass": "[redacted:password]",
        "pwd": "/home/bob",
        "psk": "[redacted:password]",
        "pin": "[redacted:password]",
    }
