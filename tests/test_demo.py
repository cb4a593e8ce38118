"""`telemetry-sdk demo`: it holds on any machine, and it fails when something leaks."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from telemetry_sdk.demo.launch import perform
from telemetry_sdk.demo.plant import Plants
from telemetry_sdk.demo.runs import SCENARIOS, Scenario
from telemetry_sdk.demo.search import DRESSINGS, Haystack, Needles
from telemetry_sdk.demo.verdict import failures, search_all, try_search

COMMAND = Path(sys.executable).with_name("telemetry-sdk")
HOSTILE = {
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "CLAUDE_CODE_USE_BEDROCK": "1",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "TELEMETRY_SDK_STATSIG_URL": "http://127.0.0.1:9/v1",
    "TELEMETRY_SDK_STRICT": "1",
    "SENTRY_SPOTLIGHT": "1",
    "FORCE_COLOR": "1",
}


def test_the_whole_demo_in_a_hostile_environment(environment, world):
    settings = world / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {"DISABLE_ERROR_REPORTING": "1"}}))
    before = sorted(world.rglob("*"))
    ran = subprocess.run(
        [COMMAND, "demo"],
        env={**environment, **HOSTILE},
        cwd=world / "work",
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout[-3000:]
    assert "All expectations hold." in ran.stdout
    assert "FAILED" not in ran.stdout
    assert "\x1b" not in ran.stdout
    for scenario in SCENARIOS:
        assert scenario.name in ran.stdout
    for part in ('"eventName": "tool_use"', '"type": "<redacted>"', "Outcome: sent.", "Secrets removed: 1 anth"):
        assert part in ran.stdout
    found = [line.split("│")[2].strip() for line in ran.stdout.splitlines() if line.startswith("│ in base64 ")]
    assert found
    assert found[0].split(" of ")[0] == found[0].split(" of ")[1] != "0"
    assert sorted(world.rglob("*")) == before


@pytest.fixture(scope="module")
def plants():
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")
    return Plants(seed)


def test_what_leaks_is_found_wherever_it_leaks(plants, tmp_path, monkeypatch):
    """The agent leaks beside the SDK: what it was told goes to the server, in base64."""
    leak = """
        import atexit, base64, os, sys, urllib.request
        def leak():
            url = os.environ["TELEMETRY_SDK_STATSIG_URL"] + "/log_event"
            try:
                urllib.request.urlopen(url, data=base64.b64encode(repr(sys.argv).encode()), timeout=5)
            except OSError:
                pass  # refused, but it has arrived
        if "demo.agent" in " ".join(sys.orig_argv):
            atexit.register(leak)
    """
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "sitecustomize.py").write_text("if True:\n" + leak)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))
    run = perform(SCENARIOS[0], plants, tmp_path / "run")
    needles = Needles(plants.all())
    wrong = list(failures(needles, [run], try_search(needles, run), search_all(needles, [run])))
    assert any("an argument (text) is in requests" in line for line in wrong), wrong
    assert any("a directory's name (path) is in requests" in line for line in wrong), wrong


@pytest.mark.parametrize(
    ("scenario", "line"),
    [
        (Scenario("x", environ={"DISABLE_TELEMETRY": "1"}), "metrics are off"),
        (Scenario("x", environ={"DISABLE_TELEMETRY": "1"}), "0 metrics arrived, not 9"),
        (Scenario("x", off=("errors",)), "a request for errors was made, which are off"),
        (Scenario("x", off=("metrics",)), "an installation id was made although metrics are off"),
        (Scenario("x", off=("bug_reports",)), "the bug report was sent, not refused"),
        (Scenario("x", environ={"PYTHONHASHSEED": "none"}), "the agent ended with 1"),
    ],
)
def test_an_expectation_that_does_not_hold_is_told(plants, tmp_path, scenario, line):
    wrong = list(perform(scenario, plants, tmp_path).failed_expectations())
    assert any(told.startswith(line) for told in wrong), wrong


def test_a_search_that_is_blind_is_told(plants, tmp_path):
    run = perform(SCENARIOS[-1], plants, tmp_path)
    needles = Needles([*plants.all(), *Plants(0).all()[:1]])
    wrong = list(failures(needles, [run], try_search(needles, run), search_all(needles, [run])))
    assert sum("the search is blind: uncleaned" in line for line in wrong) == len(DRESSINGS)
    assert any("no 'demo-agent' in requests: bodies of metrics" in line for line in wrong)


@pytest.mark.parametrize("dressing", DRESSINGS)
def test_every_plant_is_found_in_every_dress_and_none_where_there_is_none(plants, dressing):
    needles = Needles(plants.all())
    for plant in plants.all():
        for before in ("", "x", "xy"):
            data = DRESSINGS[dressing](f"{before}{plant.text} and more")
            assert plant in {finding.plant for finding in needles.find([Haystack("k", "p", data)])}, plant
    assert needles.count(DRESSINGS[dressing](Plants(1).filled("${module} ${api_key} ${message}"))) == 0


def test_a_bug_report_may_hold_code_and_no_secret(plants):
    needles = Needles(plants.all())
    data = base64.b64encode(f"{plants['line']} {plants['api_key']}".encode())
    found = {finding.plant.text for finding in needles.find([Haystack("k", "p", data, secrets_only=True)])}
    assert found == {plants["api_key"]}
