"""Every row of every table redacts its example and keeps its counter-example; the engine names no vendor."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from telemetry_sdk import redaction
from telemetry_sdk.redaction import redact_text
from telemetry_sdk.redaction.names.matches import name_matches
from telemetry_sdk.redaction.names.separators import separator_after
from telemetry_sdk.redaction.rules import (
    calls,
    cloud_tokens,
    commands,
    contexts,
    pairs,
    placeholders,
    prose,
    separators,
    service_tokens,
    token_patterns,
    unmarked_tokens,
)

from .examples import written_out

TOKENS = (*cloud_tokens.ROWS, *service_tokens.ROWS, *token_patterns.ROWS, *unmarked_tokens.ROWS)
ROWS = (*TOKENS, *contexts.BLOCKS, *contexts.ROWS, *commands.ROWS, *calls.ROWS)
NAMED: tuple[Any, ...] = (
    *(row for row in separators.SEPARATORS if row.sign is not None),
    *pairs.ELEMENTS,
    *prose.NEXT_LINES,
)
EXAMPLES = [*(row.example for row in NAMED), *pairs.EXAMPLES, *prose.EXAMPLES]
COUNTER_EXAMPLES = [
    *(row.counter_example for row in (*NAMED, *separators.SEPARATORS)),
    *(*pairs.COUNTER_EXAMPLES, *prose.COUNTER_EXAMPLES),
]


@pytest.mark.parametrize(("kind", "example"), [(row[0], written_out(row[3])) for row in ROWS])
def test_example_of_a_rule_is_redacted(kind: str, example: str):
    clean, counts = redact_text(example)
    assert counts == {kind: 1}
    assert f"[redacted:{kind}]" in clean


@pytest.mark.parametrize("example", [written_out(row[3]) for row in ROWS] + [*map(written_out, EXAMPLES)])
def test_example_in_json_is_redacted_and_the_text_parses(example: str):
    (clean,) = json.loads(redact_text(json.dumps([f"x\n{example}\ny"]))[0])
    assert clean.startswith("x\n")
    assert clean.endswith("\ny")
    assert "[redacted:" in clean


@pytest.mark.parametrize("text", [written_out(row[4]) for row in ROWS] + [*map(written_out, COUNTER_EXAMPLES)])
def test_counter_example_is_kept(text: str):
    assert redact_text(text) == (text, {})


@pytest.mark.parametrize("example", [*map(written_out, EXAMPLES)])
def test_example_of_a_named_value_is_redacted(example: str):
    clean, counts = redact_text(example)
    assert counts in ({"password": 1}, {"secret": 1})
    assert "hunter2" not in clean


@pytest.mark.parametrize("row", separators.SEPARATORS)
def test_separator_in_an_example_is_read_by_its_row(row: separators.Separator):
    text = row.example or row.counter_example
    read = [separator_after(name) for name in name_matches(text, text.lower(), is_json=False)]
    if row.sign is None:
        assert read[-1] is None
        return
    found = next(separator for separator in read if separator is not None)
    assert (found.sign, found.weak, found.ends_line) == (row.sign or "=", row.weak, row.ends_line)


@pytest.mark.parametrize("value", [value for _, value in placeholders.PLACEHOLDERS])
@pytest.mark.parametrize("form", ['{{"password": "{}"}}', "DB_PASSWORD='{}'"])
def test_placeholder_is_kept(form: str, value: str):
    text = form.format(value)
    assert redact_text(text) == (text, {})


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in placeholders.PLACEHOLDERS])
def test_placeholder_pattern_matches_its_example(pattern: str):
    (example,) = [example for other, example in placeholders.PLACEHOLDERS if other == pattern]
    assert re.fullmatch(pattern, example)


# First words of kinds that are no vendor's name, or also a word of English.
WORDS = {"column", "linear", "notion", "render", "secret", "private", "password", "token", "webhook", "http", "https"}


def test_engine_names_no_vendor():
    kinds = {row[0] for row in TOKENS}
    tools = {keyword.strip("!").split("␣")[0] for row in commands.ROWS for keyword in row[1].split()}
    vendors = {word for name in (*kinds, *tools) for word in name.lower().split("-")[:1] if len(word) > 3} - WORDS
    assert {"anthropic", "github", "stripe", "mysql", "docker"} <= vendors
    place = Path(redaction.__file__).parent
    engine = [path for path in place.rglob("*.py") if "rules" not in path.relative_to(place).parts]
    assert len(engine) > 10
    for path in engine:
        found = vendors & set(re.findall(r"[a-z0-9]+", path.read_text(encoding="utf-8").lower()))
        assert not found, f"{path.name} names {found}"
