"""Writing an opt-out to the user's settings never loses another one."""

from __future__ import annotations

import json

import pytest

from telemetry_sdk.policy import CLAUDE_CODE
from telemetry_sdk.policy.remember import remember

TWICE = [
    '{"env": {"DISABLE_TELEMETRY": "1"}, "env": {"EDITOR": "vi"}}',
    '{"env": {"DO_NOT_TRACK": "1", "DO_NOT_TRACK": ""}}',
    '{"env": {}, "hooks": [{"a": 1, "a": 2}]}',
]


@pytest.mark.parametrize("content", TWICE)
def test_a_member_named_twice_is_refused_and_stays(world, content):
    path = world.write("user", content.encode())
    with pytest.raises(ValueError, match="twice"):
        remember(world.resolve(), CLAUDE_CODE, ["errors"])
    assert path.read_text() == content


def test_all_else_stays(world):
    path = world.write("user", {"env": {"DO_NOT_TRACK": "1"}, "hooks": [{"a": 1}, {"a": 2}]})
    assert remember(world.resolve(), CLAUDE_CODE, ["errors"]) == str(path)
    assert json.loads(path.read_text()) == {
        "env": {"DO_NOT_TRACK": "1", "DISABLE_ERROR_REPORTING": "1"},
        "hooks": [{"a": 1}, {"a": 2}],
    }
