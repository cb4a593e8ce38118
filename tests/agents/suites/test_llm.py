"""Tests as llm's own suite would have them."""

import llm
import llm.cli
import pytest
from click.testing import CliRunner


@pytest.fixture
def telemetry(telemetry_mock, monkeypatch, tmp_path):
    """Replace the client that the module started."""
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path))
    monkeypatch.setattr(llm.cli, "client", telemetry_mock.start())
    return telemetry_mock


def test_a_prompt_is_measured(telemetry):
    result = CliRunner().invoke(llm.cli.cli, ["--model", "echo", "hello"])
    assert result.exit_code == 0, result.output
    assert [(event.streamed, event.ok) for event in telemetry.metrics] == [(True, True)]
    assert telemetry.errors == []
    assert telemetry.losses == {}


def test_an_error_is_captured(telemetry, monkeypatch):
    monkeypatch.setattr(llm.Conversation, "prompt", lambda *_, **__: {}["nothing"])
    result = CliRunner().invoke(llm.cli.cli, ["--model", "echo", "hello"])
    assert result.exit_code == 1
    assert [error.type for error in telemetry.errors] == ["KeyError"]
    assert [event.ok for event in telemetry.metrics] == [False]


@pytest.mark.telemetry_policy("DO_NOT_TRACK")
def test_do_not_track_is_respected(telemetry):
    result = CliRunner().invoke(llm.cli.cli, ["--model", "echo", "hello"])
    assert result.exit_code == 0, result.output
    assert telemetry.requests == []
