"""What a start looks at, it looks at once; and a lone name is a name."""

from __future__ import annotations

import json
import os
import time

import telemetry_sdk
from telemetry_sdk.policy.current import LOOK_AGE


class Once(telemetry_sdk.Event, name="once"):
    n: int


def test_the_environment_and_the_directory_are_those_of_the_start(start, world, receiver, monkeypatch):
    """A settings file that changes is read again; the environment and the working directory are not."""
    other = world / "other" / ".claude" / "settings.json"
    other.parent.mkdir(parents=True)
    other.write_text(json.dumps({"env": {"DISABLE_TELEMETRY": "1"}}))
    client = start()
    monkeypatch.setenv("DISABLE_TELEMETRY", "1")
    monkeypatch.chdir(world / "other")
    mine = world / ".claude" / "settings.json"
    mine.parent.mkdir()
    mine.write_text('{"theme": "dark"}')
    client.log_event(Once(n=1))
    assert client.flush_sync(20)
    assert len(receiver.metrics()) == 1


def test_a_project_of_the_start_still_counts_after_a_change_of_directory(start, world, receiver, monkeypatch):
    client = start()
    monkeypatch.chdir(os.sep)
    settings = world / "work" / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {"DISABLE_TELEMETRY": "1"}}))
    until = time.monotonic() + 10 * LOOK_AGE
    while client.policy.metrics.enabled and time.monotonic() < until:
        pass  # each look at the policy may look at the files
    client.log_event(Once(n=1))
    client.flush_sync(20)
    assert receiver.metrics() == []
    assert client.stats()["directory"]["delivered"] == {}


def test_one_service_may_be_named_without_a_list(start):
    client = start(off="metrics")
    assert [row.name for row in client.policy.rows if row.enabled] == ["errors", "bug_reports"]


def test_one_lifted_default_may_be_named_without_a_list(start, monkeypatch):
    monkeypatch.setenv("CLAUDE_CODE_USE_BEDROCK", "1")
    client = start(lift_provider_default={"bedrock": "errors"})
    assert [row.name for row in client.policy.rows if row.enabled] == ["errors"]
