"""Tests as mini-swe-agent's own suite would have them."""

import json

import minisweagent.run.mini
import pytest
from typer.testing import CliRunner


@pytest.fixture
def telemetry(telemetry_mock, monkeypatch):
    """Replace the client that the module started."""
    monkeypatch.setattr(minisweagent.run.mini, "client", telemetry_mock.start())
    return telemetry_mock


def solve(tmp_path, *commands):
    outputs = [
        {"role": "assistant", "content": "", "extra": {"actions": [{"command": command}], "cost": 0.0}}
        for command in commands
    ]
    model = {"model_class": "minisweagent.models.test_models.DeterministicModel", "model_name": "m", "outputs": outputs}
    agent = {"system_template": "s", "instance_template": "i", "agent_class": "default"}
    (tmp_path / "config.yaml").write_text(json.dumps({"agent": agent, "model": model}))
    files = ["--config", str(tmp_path / "config.yaml"), "--output", str(tmp_path / "out.json")]
    return CliRunner().invoke(minisweagent.run.mini.app, [*files, "--task", "t", "--yolo"])


def test_a_task_is_measured(telemetry, tmp_path):
    result = solve(tmp_path, "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT")
    assert result.exit_code == 0, result.output
    assert [(event.yolo, event.ok) for event in telemetry.metrics] == [(True, True)]
    assert telemetry.losses == {}


def test_a_task_that_fails_is_measured_as_such(telemetry, tmp_path):
    assert isinstance(solve(tmp_path).exception, IndexError)
    assert [event.ok for event in telemetry.metrics] == [False]
