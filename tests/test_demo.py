"""`telemetry-sdk demo` succeeds on any machine, and fails when something leaks."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from telemetry_sdk.demo import agent
from telemetry_sdk.demo.project import fill, plant, write_project
from telemetry_sdk.demo.scenarios import SCENARIOS, Scenario, run_agent
from telemetry_sdk.demo.search import ENCODERS, Document, StringSearch
from telemetry_sdk.demo.show import show

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


def test_the_demo_succeeds_in_a_hostile_environment(environment, world):
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
        assert str(scenario) in ran.stdout
    for part in ('"eventName": "demo_tool_use"', '"type": "<redacted>"', ": 1 anthropic-key, ", "sent        yes"):
        assert part in ran.stdout
    assert sorted(world.rglob("*")) == before


@pytest.fixture(scope="module")
def strings():
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")
    return plant(seed)


@pytest.fixture
def in_agent(tmp_path, monkeypatch):
    """Run a source text first in every Python program that the demo starts."""

    def run_first(source):
        (tmp_path / "path").mkdir()
        (tmp_path / "path" / "sitecustomize.py").write_text(textwrap.dedent(source))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))

    return run_first


def test_the_demo_fails_when_the_agent_leaks(in_agent):
    """The agent sends its arguments beside the SDK, in base64."""
    in_agent("""
        import atexit, base64, os, sys, urllib.request
        def leak():
            url = os.environ["TELEMETRY_SDK_STATSIG_URL"] + "/log_event"
            try:
                urllib.request.urlopen(url, data=base64.b64encode(repr(sys.argv).encode()), timeout=5)
            except OSError:
                pass  # refused, but it has arrived
        if "demo.agent" in " ".join(sys.orig_argv):
            atexit.register(leak)
    """)
    out = io.StringIO()
    assert not show(0, out, SCENARIOS[:1])
    assert "FAILED: found 'prompt' in nothing: a request to /v1/log_event (requests)" in out.getvalue()
    assert "FAILED: found 'directory' in nothing: a request to /v1/log_event (requests)" in out.getvalue()


@pytest.mark.parametrize(
    ("scenario", "line"),
    [
        (Scenario("DISABLE_TELEMETRY", ()), "0 metrics arrived, expected 5"),
        (Scenario("DISABLE_ERROR_REPORTING", ()), "0 errors arrived, expected 4"),
        (Scenario("DISABLE_BUG_COMMAND", ()), "0 bug_reports arrived, expected 1"),
        (Scenario("", ("errors",)), "a request for errors was made, which are off"),
        (Scenario("", ("metrics", "errors", "bug_reports")), "files were written although all services are off"),
        (Scenario("DISABLE_TELEMETRY", ()), "dropped: 0 (expected 2)"),
    ],
)
def test_a_failed_expectation_is_reported(strings, tmp_path, scenario, line):
    failures = list(run_agent(scenario, strings, tmp_path).failures())
    assert any(failure.startswith(line) for failure in failures)


def test_the_agent_prints_what_it_recorded(strings, receiver, world, monkeypatch, capsys):
    project = write_project(strings, world)
    for name, value in receiver.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["agent", str(project), strings["prompt"].text])
    agent.main()
    out, log = capsys.readouterr()
    result = json.loads(out)
    assert result["recorded"] == {"metrics": 5, "errors": 4, "bug_reports": 1}
    assert (result["flushed"], result["dropped"], result["report"]["outcome"]) == (True, 2, "sent")
    assert (len(receiver.metrics()), len(receiver.errors()), len(receiver.bug_reports())) == (5, 4, 1)
    assert strings["message"].text in log


def test_an_agent_that_fails_is_reported(strings, tmp_path, in_agent):
    in_agent("""
        import os, sys
        os.write(2, b"no agent")
        os._exit(3)
    """)
    (failure,) = run_agent(SCENARIOS[0], strings, tmp_path / "run").failures()
    assert failure.startswith("the agent failed:")
    assert "no agent" in failure


@pytest.mark.parametrize("name", ENCODERS)
def test_every_planted_string_is_found_in_every_encoding(strings, name):
    search = StringSearch(strings.values())
    for planted in strings.values():
        for before in ("", "x", "xy"):
            data = ENCODERS[name](f"{before}{planted.text} and more")
            assert planted in search.find(Document("kind", "name", data)), planted
    others = fill("${module} ${api_key} ${message}", plant(1))
    assert search.find(Document("kind", "name", ENCODERS[name](others))) == []


def test_a_search_that_misses_a_planted_string_fails_the_demo(monkeypatch):
    monkeypatch.setitem(ENCODERS, "reversed", lambda text: text[::-1].encode())
    out = io.StringIO()
    assert not show(0, out, [Scenario("DO_NOT_TRACK", ("metrics", "errors"))])
    assert "planted strings in the control, encoded as reversed" in out.getvalue()
    assert "FAILED: the search reads nothing: 'demo-agent' is not in requests" in out.getvalue()


def test_a_bug_report_may_hold_code_but_no_secret(strings):
    data = base64.b64encode(f"{strings['line'].text} {strings['api_key'].text}".encode())
    found = StringSearch(strings.values()).find(Document("kind", "name", data, secrets_only=True))
    assert found == [strings["api_key"]]
