"""Walks over foreign data end, whatever links to what, and a secret over several messages is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk._internal.budget import OWN_NODES, Budget
from telemetry_sdk.bug_report import draft
from telemetry_sdk.redaction import redact_structure

if TYPE_CHECKING:
    from telemetry_sdk.bug_report import BugReportDraft, ReportContext


def messages_of(made: BugReportDraft) -> list[Any]:
    return json.loads(made.content)["conversation"]["messages"]


def linked(count: int) -> list[dict[str, Any]]:
    """Return messages, each of which links to all others."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": f"message {number}"} for number in range(count)]
    for message in messages:
        message["others"] = [other for other in messages if other is not message]
    return messages


@pytest.mark.parametrize("hold", [list, iter])
@pytest.mark.parametrize("without_tool_output", [True, False])
def test_messages_that_link_both_ways_make_a_draft(context: ReportContext, hold: Any, without_tool_output: bool):
    """Some 10^150 paths lead through them."""
    made = draft("It froze", context=context, transcript=hold(linked(100)), without_tool_output=without_tool_output)
    found = messages_of(made)
    assert [message["content"] for message in found] == [f"message {number}" for number in range(100)]
    assert any("values cut because" in note for note in made.notes)


def test_an_object_in_several_messages_is_kept_in_each(context: ReportContext):
    shared = {"model": "m-1", "usage": [1, 2]}
    made = draft(
        "It froze", context=context, transcript=[{"n": 1, "meta": shared}, {"n": 2, "meta": shared, "b": shared}]
    )
    assert messages_of(made) == [{"n": 1, "meta": shared}, {"n": 2, "meta": shared, "b": shared}]
    assert made.notes == ()


def test_a_message_of_too_many_values_costs_no_other_message(context: ReportContext):
    made = draft("It froze", context=context, transcript=[{"n": 1}, {"rows": list(range(1_000_000))}, {"n": 2}])
    first, cut, last = messages_of(made)
    assert (first, last) == ({"n": 1}, {"n": 2})
    assert cut["rows"][0] == 0
    assert cut["rows"][-1] == "[cut: too large]"


def test_a_structure_whose_parts_are_shared_is_redacted_in_bounded_time():
    value: Any = ["x"]
    for _ in range(60):
        value = [value, value]
    _, counts = redact_structure(value)
    assert counts["too-deep"] >= 1


def test_what_several_walks_spend_together_is_bounded():
    whole = Budget(nodes=3)
    walks = [Budget(whole=whole) for _ in range(4)]
    spent = [sum(walk.spend() for _ in range(OWN_NODES + 2)) - OWN_NODES for walk in walks]
    assert spent == [2, 1, 0, 0]


def test_a_key_over_several_messages_is_redacted(context: ReportContext):
    lines = ["MII" + "aB3dE5gH7jK9mN1p" * 3 + str(number) for number in range(6)]
    texts = ["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----"]
    made = draft("It froze", context=context, transcript=[{"role": "user", "content": text} for text in texts])
    assert not any(line.encode() in made.content for line in lines)
    assert made.redactions == {"private-key": 1}
