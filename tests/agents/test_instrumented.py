"""llm and mini-swe-agent, instrumented as docs/adding-to-your-cli.md tells: what arrives, how it stops, their tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import clean_environment

FOLDER = Path(__file__).parent
SUITES = FOLDER / "suites"
CHANGED = re.compile(r"^(?:\+(?!\+\+ )|-(?!-- ))", re.MULTILINE)
STEP = {"role": "assistant", "content": "I look", "extra": {"actions": [{"command": "echo looked"}], "cost": 0.0}}
END = {**STEP, "extra": {"actions": [{"command": "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"}], "cost": 0.0}}


@pytest.fixture
def mini(agent, world):
    """Run mini-swe-agent with a model that gives these answers, one after the other."""

    def run(*outputs):
        model = {
            "model_class": "minisweagent.models.test_models.DeterministicModel",
            "model_name": "deterministic",
            "outputs": list(outputs),
        }
        texts = {"system_template": "You are an agent.", "instance_template": "{{task}}", "agent_class": "default"}
        (world / "work" / "config.yaml").write_text(json.dumps({"agent": texts, "model": model}))
        return agent("mini", "--config", "config.yaml", "--task", "our-own-words", "--yolo", "--exit-immediately")

    return run


def test_llm_changes_in_at_most_25_lines():
    assert len(CHANGED.findall((FOLDER / "llm.patch").read_text())) <= 25


def test_a_prompt_to_llm_is_measured_after_the_notice(agent, receiver):
    first, second = (agent("llm", "--model", "echo", "our-own-words") for _ in range(2))
    assert (first.code, second.code, second.err) == (0, 0, "")
    assert first.err.startswith("llm sends:\n")
    assert "To stop: llm telemetry opt-out\n" in first.err
    assert json.loads(first.out)["prompt"] == "our-own-words"
    assert receiver.wait_for(metrics=2)
    assert [event["eventName"] for event in receiver.metrics()] == ["prompted", "prompted"]
    assert all(event["metadata"]["ok"] is True for event in receiver.metrics())
    assert receiver.errors() == []
    assert not any(b"our-own-words" in request.body for request in receiver.requests())


def test_an_error_of_llms_model_arrives(agent, receiver, world, unused_port):
    (world / "llm").mkdir()
    model = {"model_id": "nowhere", "model_name": "nowhere", "api_base": f"http://127.0.0.1:{unused_port}/v1"}
    (world / "llm" / "extra-openai-models.yaml").write_text(json.dumps([model]))
    done = agent("llm", "--model", "nowhere", "our-own-words", OPENAI_API_KEY="unused")
    assert (done.code, done.out) == (1, "")
    assert receiver.wait_for(errors=1, metrics=1)
    (error,) = receiver.errors()
    assert error["exception"]["values"][-1]["type"] == "APIConnectionError"
    assert error["release"] == "llm@0.36"
    (event,) = receiver.metrics()
    assert event["metadata"]["ok"] is False
    assert not any(b"our-own-words" in request.body for request in receiver.requests())


def test_llms_users_stop_it_by_a_command_of_llm(agent, receiver):
    assert agent("llm", "--model", "echo", "hello").code == 0
    assert receiver.wait_for(metrics=1)
    sent = len(receiver.requests())
    done = agent("llm", "telemetry", "opt-out", "metrics", "errors")
    assert (done.code, done.err) == (0, "")
    assert "To undo: llm telemetry opt-in metrics errors" in done.out
    assert agent("llm", "--model", "echo", "hello").code == 0
    status = json.loads(agent("llm", "telemetry", "status", "--json").out)
    assert len(receiver.requests()) == sent
    services = (status["applications"][0] if "applications" in status else status)["services"]
    assert [services[name]["enabled"] for name in ("metrics", "errors")] == [False, False]


def test_a_task_of_mini_swe_agent_is_measured(mini, receiver):
    done = mini(STEP, END)
    assert (done.code, "mini-swe-agent sends:" in done.out) == (0, True)
    assert receiver.wait_for(metrics=1)
    (event,) = receiver.metrics()
    assert event["eventName"] == "solved"
    assert (event["metadata"]["ok"], event["metadata"]["yolo"]) == (True, True)
    assert receiver.errors() == []
    assert not any(b"our-own-words" in request.body for request in receiver.requests())


def test_a_crash_of_mini_swe_agent_arrives(mini, receiver):
    done = mini(STEP)
    assert (done.code, "IndexError" in done.err) == (1, True)
    assert receiver.wait_for(errors=1, metrics=1)
    (error,) = receiver.errors()
    assert error["exception"]["values"][-1]["type"] == "IndexError"
    assert error["exception"]["values"][-1]["mechanism"]["handled"] is False
    assert receiver.metrics()[0]["metadata"]["ok"] is False


def test_mini_extra_has_the_commands(agent, mini):
    mini(STEP, END)
    status = agent("mini-extra", "telemetry", "status")
    assert status.code == 0
    assert "application: mini-swe-agent" in status.out
    assert "mini-extra telemetry opt-out metrics" in status.out


@pytest.mark.parametrize("suite", ["test_llm.py", "test_mini_swe_agent.py"])
def test_the_agents_own_tests_use_the_kit(installed, world, suite):
    alone = ("-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", SUITES, "--confcutdir", SUITES)
    command = [installed / "python", "-m", "pytest", "-q", *alone, SUITES / suite]
    environ = {**clean_environment(world), "MSWEA_CONFIGURED": "true", "MSWEA_SILENT_STARTUP": "1"}
    done = subprocess.run(command, env=environ, cwd=world, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
