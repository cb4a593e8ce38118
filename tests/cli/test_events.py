"""`telemetry-sdk events`: the list of all that may leave is complete."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Literal

import pytest

import telemetry_sdk

MODULE = """
from typing import Annotated, Literal
import telemetry_sdk

class Deploy(telemetry_sdk.Event, name="deploy"):
    '''A deployment, at its end.

    Not recorded for dry runs.
    '''

    target: Literal["staging", "production"]
    '''The servers, not the branch.'''
    seconds: Annotated[float | None, "from the first request on"]
    parts: int = 1
"""


class Listed(telemetry_sdk.Event, name="listed"):
    value: float
    ok: bool
    kind: Literal["a", "b"]


@pytest.fixture
def module(world):
    (world / "work" / "acme_events.py").write_text(MODULE)
    (world / "work" / "acme_broken.py").write_text("raise RuntimeError('broken\\x1b')")


def test_declared_events_are_listed_as_json(run_process, module):
    ran = run_process("events", "--json", "--module", "acme_events")
    assert (ran.returncode, ran.stderr) == (0, "")
    (event,) = json.loads(ran.stdout)["events"]
    assert event == {
        "name": "deploy",
        "declared_by": "acme_events.Deploy",
        "description": "A deployment, at its end.\n\nNot recorded for dry runs.",
        "fields": [
            {
                "name": "target",
                "type": "choice",
                "choices": ["staging", "production"],
                "optional": False,
                "meaning": "The servers, not the branch.",
            },
            {
                "name": "seconds",
                "type": "float",
                "choices": None,
                "optional": True,
                "meaning": "from the first request on",
            },
            {"name": "parts", "type": "int", "choices": None, "optional": True, "meaning": ""},
        ],
    }


def test_a_pipe_gets_a_row_of_tabs_for_each_field(run_process, module):
    ran = run_process("events", "--module", "acme_events")
    assert (ran.returncode, ran.stderr) == (0, "")
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert {len(row) for row in rows} == {5}
    assert rows[:4] == [
        ["deploy", "", "", "A deployment, at its end.", "acme_events.Deploy"],
        ["deploy", "target", "staging, production", "The servers, not the branch.", "acme_events.Deploy"],
        ["deploy", "seconds", "float, optional", "from the first request on", "acme_events.Deploy"],
        ["deploy", "parts", "int, optional", "", "acme_events.Deploy"],
    ]
    assert ["(every metric event)", "time", "a time", "when it happened", ""] in rows


def test_a_class_without_source_has_no_meanings(run_process, world):
    source = 'import telemetry_sdk\nexec(\'class Made(telemetry_sdk.Event, name="made"):\\n    n: "int"\')'
    (world / "work" / "acme_made.py").write_text(source)
    ran = run_process("events", "--json", "--module", "acme_made")
    assert ran.returncode == 0, ran.stderr
    (event,) = json.loads(ran.stdout)["events"]
    assert (event["description"], event["fields"][0]["meaning"]) == ("", "")


def test_a_table_for_people(run, module):
    ran = run("events", "--module", "acme_events", FORCE_COLOR="1")
    assert ran.returncode == 0
    assert "\x1b" not in ran.stdout
    for part in ("deploy", "staging, production", "float, optional", "exception.values[].type"):
        assert part in ran.stdout


def test_no_declared_events_prints_how_to_name_modules(run_process):
    assert "--module" in run_process("events").stderr
    assert json.loads(run_process("events", "--json").stdout)["events"] == []


@pytest.mark.parametrize("name", ["acme_broken", "no_such_module_here"])
def test_a_module_that_cannot_be_imported_exits_with_one(run, module, name):
    ran = run("events", "--json", "--module", name)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert name in ran.stderr
    assert "\x1b" not in ran.stderr


def test_an_application_that_mounts_the_commands_lists_its_own(world, module, environment):
    source = "import acme_events, telemetry_sdk.cli as c; c.app(c.Host(app='acme'))(['events', '--json'])"
    ran = subprocess.run(
        [sys.executable, "-c", source], env=environment, cwd=world / "work", capture_output=True, text=True, check=True
    )
    assert [event["name"] for event in json.loads(ran.stdout)["events"]] == ["deploy"]


def test_a_check_passes_where_a_module_declares_events(run_process, module):
    ran = run_process("events", "--check", "acme_events")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "acme_events: 1 events\n", "")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import telemetry_sdk", "acme_other: 0 events"),
        ("import telemetry_sdk\nclass Bad(telemetry_sdk.Event, name='bad'):\n    text: str", "cannot be imported"),
        ("raise SystemExit(0)", "acme_other cannot be imported: SystemExit"),
    ],
)
def test_a_check_fails_for_a_module_without_good_events(run_process, world, source, says):
    (world / "work" / "acme_other.py").write_text(source)
    ran = run_process("events", "--check", "acme_other")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert says in ran.stderr


def test_what_a_module_prints_is_not_the_output(run_process, world):
    (world / "work" / "acme_loud.py").write_text(f"print('loud')\n{MODULE}")
    ran = run_process("events", "--json", "--module", "acme_loud")
    assert ran.stderr == "loud\n"
    assert len(json.loads(ran.stdout)["events"]) == 1
