"""Going off acts at once: here, in other processes, on disk; asserted at ten times the bound of one second."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

import telemetry_sdk
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.policy import Policy
from telemetry_sdk.policy.current import LOOK_AGE, CurrentPolicy, Revocations
from telemetry_sdk.policy.watch import ServicesOff


class Pulse(telemetry_sdk.Event, name="pulse"):
    n: int


def everything(base):
    return [os.path.join(folder, name) for folder, _, names in os.walk(base) for name in names]


def test_opting_out_purges_memory_disk_and_id(start, world, receiver):
    receiver.hang("metrics")
    client = start(state_dir=world / "state")
    client.log_event(Pulse(n=1))
    client.capture_exception(ValueError())
    assert client.flush_sync(20, to="spool")
    client.opt_out("metrics")
    client.log_event(Pulse(n=2))
    receiver.release()
    assert client.flush_sync(20)
    assert receiver.metrics() == []
    assert len(receiver.errors()) == 1
    left = everything(world / "state")
    assert not [path for path in left if path.endswith((".wait", ".open", "installation-id"))]
    reasons = [reason.source for reason in client.policy.metrics.reasons]
    assert client.policy.metrics.enabled is False
    assert "opt_out()" in reasons


def test_opting_out_of_all_and_of_nothing_known(start):
    client = start()
    with pytest.raises(ValueError, match="unknown service"):
        client.opt_out("everything")
    client.opt_out()
    assert not any(row.enabled for row in client.policy.rows)
    with pytest.raises(telemetry_sdk.BugReportRefused):
        client.draft_bug_report("It froze")


def test_persist_writes_the_choice_file_and_no_other(start, world, receiver):
    settings = world / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"theme": "dark", "env": {"EDITOR": "vi"}}))
    client = start()
    client.opt_out("metrics", persist=True)
    choice = world / ".config" / "telemetry-sdk" / "acme-agent" / "choice.json"
    assert list(json.loads(choice.read_text())["off"]) == ["metrics"]
    assert [row.enabled for row in start().policy.rows] == [False, True, True]
    assert json.loads(settings.read_text()) == {"theme": "dark", "env": {"EDITOR": "vi"}}


def test_persist_that_fails_names_the_variable_and_has_stopped_recording(start, world):
    (world / ".config").write_text("a file")
    client = start()
    with pytest.raises(OSError, match="DISABLE_TELEMETRY=1"):
        client.opt_out("metrics", persist=True)
    assert client.policy.metrics.enabled is False


def test_a_changed_settings_file_stops_the_next_request_within_a_second(start, world, receiver):
    client = start()
    client.log_event(Pulse(n=1))
    assert client.flush_sync(20)
    settings = world / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {"DISABLE_TELEMETRY": "1"}}))
    until = time.monotonic() + 10 * LOOK_AGE
    while client.policy.metrics.enabled and time.monotonic() < until:
        client.log_event(Pulse(n=2))
        client.flush_sync(20)
    assert not client.policy.metrics.enabled
    receiver.clear()
    accepted = client.stats()["accepted"]
    client.log_event(Pulse(n=3))
    client.capture_exception(ValueError())
    client.flush_sync(20)
    assert receiver.wait_for(errors=1, timeout=20)
    assert receiver.metrics() == []
    assert client.stats()["accepted"] == accepted + 1


class Watch:
    """Settings files; each look returns what they turn off now."""

    policy = Policy(provider="first-party", rows=())  # gives no reasons

    def __init__(self):
        self.looks = 0
        self.off = ServicesOff(withdrawn=frozenset(), silenced=frozenset())

    def turn_off(self, *, withdrawn=(), silenced=()):
        self.off = ServicesOff(withdrawn=frozenset(withdrawn), silenced=frozenset(silenced))

    def look(self, *, fresh):
        self.looks += 1
        return self.off


class Changes:
    """Hears of every change of a service."""

    def __init__(self):
        self.seen = []

    def service_changed(self, service, state):
        self.seen.append((service, state))


@pytest.fixture
def current():
    """Return a policy with every service on, its watch, its clock, and what its listener heard."""
    now, watch, changes = [0.0], Watch(), Changes()
    lazy: Any = Lazy(lambda: watch)
    policy = CurrentPolicy(telemetry_sdk.resolve_policy({}), Revocations(None, ()), lazy, lambda: now[0])
    policy.listeners.append(changes)
    return policy, watch, now, changes.seen


def test_a_look_at_the_settings_files_is_at_most_a_second_old(current):
    policy, watch, now, seen = current
    watch.turn_off(withdrawn=["metrics"])
    assert policy.check("metrics"), "start() has just read them"
    now[0] = LOOK_AGE / 2
    assert policy.check("metrics")
    assert watch.looks == 0
    now[0] = LOOK_AGE
    assert not policy.check("metrics")
    assert policy.is_withdrawn("metrics")
    assert policy.check("errors")
    assert (watch.looks, seen) == (1, [("metrics", "withdrawn")])


def test_a_silence_by_a_broken_file_ends_with_it(current):
    policy, watch, now, seen = current
    watch.turn_off(silenced=["metrics", "errors"])
    now[0] = LOOK_AGE
    assert not policy.check("metrics")
    assert not policy.is_withdrawn("metrics")
    watch.turn_off(silenced=["errors"])
    now[0] = 2 * LOOK_AGE
    assert policy.check("metrics")
    assert not policy.check("errors")
    assert sorted(seen) == [("errors", "silenced"), ("metrics", "on"), ("metrics", "silenced")]


def test_an_opt_out_outlasts_a_silence(current):
    policy, watch, now, _ = current
    watch.turn_off(silenced=["metrics"])
    now[0] = LOOK_AGE
    assert not policy.check("metrics")
    policy.opt_out(["metrics"])
    watch.turn_off()
    now[0] = 2 * LOOK_AGE
    assert not policy.check("metrics")
    assert policy.is_withdrawn("metrics")


def test_another_provider_only_turns_services_off(current):
    policy, _, _, seen = current
    profile = telemetry_sdk.CLAUDE_CODE
    policy.set_provider(profile.first_party, profile, {})
    assert seen == []
    policy.set_provider("bedrock", profile, {"bedrock": ("metrics",)})
    assert policy.provider == "bedrock"
    assert [policy.is_on(name) for name in ("metrics", "errors", "bug_reports")] == [True, False, False]
    policy.set_provider(profile.first_party, profile, {})
    assert not policy.is_on("errors"), "going on needs a start"
    assert ("errors", "silenced") in seen


def test_a_silenced_service_is_not_deleted_and_its_id_stays(start, world, receiver):
    """A project's settings file that appears while the program runs, as by a checkout."""
    receiver.hang("metrics")
    client = start(state_dir=world / "state")
    for n in range(30):
        client.log_event(Pulse(n=n))
    assert client.flush_sync(20, to="spool")
    kept = {path: os.path.getsize(path) for path in everything(world / "state") if "spool" in path}
    identity = next((world / "state").rglob("installation-id")).read_text()
    project = world / "work" / ".claude" / "settings.json"
    project.parent.mkdir(parents=True)
    project.write_text(json.dumps({"env": {"DISABLE_TELEMETRY": "1"}}))
    until = time.monotonic() + 10 * LOOK_AGE
    while client.policy.metrics.enabled and time.monotonic() < until:
        pass
    assert not client.policy.metrics.enabled
    client.log_event(Pulse(n=99))
    receiver.release()
    client.close()
    assert client.stats()["directory"]["waiting"]["metrics"] == 30
    assert client.stats()["directory"]["dropped"] == {}
    assert next((world / "state").rglob("installation-id")).read_text() == identity
    assert kept


@pytest.mark.parametrize("same_endpoints", [True, False])
def test_another_process_stops_too(same_endpoints, start, world, receiver, environment):
    """The other process reports its life line by line; it records until it is told to end."""
    source = """
import sys, telemetry_sdk
class Pulse(telemetry_sdk.Event, name="pulse"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
for line in sys.stdin:
    client.log_event(Pulse(n=int(line)))
    client.flush_sync(10)
    print(client.stats()["dropped"], client.policy.metrics.enabled, flush=True)
"""
    environ = {**environment, "TELEMETRY_SDK_STATE_DIR": os.fspath(world / "state")}
    command = [sys.executable, "-c", source]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environ, cwd=world / "work", **pipes) as other:
        watchdog = threading.Timer(60, other.kill)
        watchdog.start()
        try:
            other.stdin.write("1\n")
            other.stdin.flush()
            assert other.stdout.readline() == "{} True\n"
            assert receiver.wait_for(metrics=1, timeout=20)
            here = _same_place(start, world, environ) if same_endpoints else _another_place(start, world / "state")
            here.opt_out("metrics")
            receiver.clear()
            other.stdin.write("2\n")
            other.stdin.flush()
            assert other.stdout.readline() == "{'opted_out': 1} False\n"
            assert receiver.metrics() == []
        finally:
            watchdog.cancel()
            other.stdin.close()
            other.wait(20)


def _another_place(start, base):
    """Start a client without a URL for bug reports: its state directory is another one."""
    return start(state_dir=base, bug_report_url=None, bug_report_auth=None)


def _same_place(start, world, environ):
    """Start a client whose endpoints, and so whose state directory, are the other process's."""
    for name in [name for name in environ if name.startswith("TELEMETRY_SDK_")]:
        os.environ[name] = environ[name]
    try:
        return start(statsig_key=None, statsig_url=None, sentry_dsn=None, bug_report_url=None, bug_report_auth=None)
    finally:
        for name in [name for name in environ if name.startswith("TELEMETRY_SDK_")]:
            del os.environ[name]


def test_opting_out_deletes_what_waits_for_other_endpoints_too(program, start, world):
    program("client.log_event(Tick(n=1))\nassert client.flush_sync(20, to='spool')\nos._exit(0)")
    base = world / ".local" / "state" / "telemetry-sdk"
    assert [path for path in everything(base) if path.endswith((".open", ".wait"))]
    _another_place(start, base).opt_out("metrics")
    assert not [path for path in everything(base) if path.endswith((".open", ".wait", "installation-id"))]


@pytest.mark.parametrize("switch", ["DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"])
def test_a_start_with_an_opt_out_deletes_what_waits_and_the_id(program, world, receiver, switch):
    program("client.log_event(Tick(n=1))\nassert client.flush_sync(20, to='spool')\nos._exit(0)")
    base = world / ".local" / "state"
    assert [path for path in everything(base) if path.endswith((".open", ".wait"))]
    done = program("client.log_event(Tick(n=2))", **{switch: "1"})
    assert (done.code, done.err) == (0, "")
    assert not [path for path in everything(base) if path.endswith((".open", ".wait", "installation-id"))]
    assert receiver.metrics() == []


def test_a_projects_opt_out_deletes_nothing(program, world):
    program("client.log_event(Tick(n=1))\nassert client.flush_sync(20, to='spool')\nos._exit(0)")
    settings = world / "work" / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {"DISABLE_TELEMETRY": "1"}}))
    program("client.log_event(Tick(n=2))")
    assert [path for path in everything(world / ".local" / "state") if path.endswith((".open", ".wait"))]


def test_an_opt_out_is_whole_where_the_spool_cannot_be_read(start, world, monkeypatch):
    """Too many files are open: every service is off all the same."""
    client = start(state_dir=world / "state", at_exit="leave")
    client.log_event(Pulse(n=1))
    client.capture_exception(ValueError())
    assert client.flush_sync(20, to="spool")

    def fail(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "listdir", fail)
    client.opt_out(persist=False)
    monkeypatch.undo()
    assert not client.policy.metrics.enabled
    assert not client.policy.errors.enabled
    assert client.capture_exception(ValueError()) is None
