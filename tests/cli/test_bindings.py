"""`status` names the vendors' packages that an application imported, and whether they follow its policy."""

from __future__ import annotations

import json

import pytest

HEAD = """
import telemetry_sdk
import {package}
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
{before}
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", {choices})
{after}
client.log_event(Tick(n=1))
assert client.flush_sync(20, to="spool")
"""
OWN = "sentry_sdk.init('https://key@127.0.0.1:9/1', default_integrations=False)"


def recorded(program, package: str, *, before: str = "", choices: str = "", after: str = "") -> None:
    source = HEAD.format(package=package, before=before, choices=choices, after=after)
    done = program(source, bare=True, TELEMETRY_SDK_AT_EXIT="leave")
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("package", "program_parts", "state", "says"),
    [
        ("sentry_sdk", {}, "bound", "follows this policy"),
        ("statsig", {}, "bound", "follows this policy"),
        ("sentry_sdk", {"before": OWN}, "outside", "outside this policy"),
        ("sentry_sdk", {"after": OWN}, "outside", "outside this policy"),
        ("sentry_sdk", {"choices": "bind_sentry=False"}, "not bound", "imported, not bound"),
        ("json", {"after": "import statsig"}, "imported later", "imported after start()"),
    ],
)
def test_a_binding_is_shown(run, program, package, program_parts, state, says):
    recorded(program, package, **program_parts)
    package = "statsig" if package == "json" else package
    assert json.loads(run("status", "--json").stdout)["bindings"] == {package: state}
    [line] = [line for line in run("status").stdout.splitlines() if line.startswith(f"{package}: ")]
    assert says in line


def test_a_package_that_is_no_longer_imported_is_forgotten(run, program):
    recorded(program, "sentry_sdk")
    recorded(program, "json")
    assert json.loads(run("status", "--json").stdout)["bindings"] == {}


def test_junk_in_place_of_the_bindings_is_not_shown(run, program, world):
    recorded(program, "sentry_sdk")
    [path] = (world / ".local" / "state" / "telemetry-sdk" / "acme-agent").glob("*/state.json")
    state = json.loads(path.read_text())
    for junk in (["x"], {"sentry_sdk": "\x1b", "other": "bound"}, {"sentry_sdk": []}, 7):
        path.write_text(json.dumps({**state, "bindings": junk}))
        assert json.loads(run("status", "--json").stdout)["bindings"] == {}


MOUNTED = """
import sentry_sdk, sys, telemetry_sdk, telemetry_sdk.cli
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
commands = telemetry_sdk.cli.app(telemetry_sdk.cli.Host(app="acme-agent", client=lambda: client))
commands(["status", "--json"])
"""


def test_mounted_commands_look_at_their_own_process(program):
    done = program(MOUNTED, bare=True)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["bindings"] == {"sentry_sdk": "bound"}
