"""What the package loads, and when: sets of modules, on which every machine agrees, rather than milliseconds.

The allowed parts of the standard library are light. `threading` is loaded at the first record, where nobody has
loaded it: before Python 3.13, first imported by another thread, it takes that one for the main thread.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest

import telemetry_sdk

LIGHT = {"__future__", "_collections", "_weakref", "atexit", "errno", "itertools", "stat", "time"}
HASHED = {"_blake2"}
KEPT = {"_operator", "_random", "binascii", "fcntl", "msvcrt", "math", "_json"}
READ = {"_opcode", "_opcode_metadata", "_string", "opcode", "string"}  # byte code: where a message was raised

SYSTEM = ("SYSTEMROOT", "HOME", "USERPROFILE", "LOCALAPPDATA")

HEAD = """
    import sys
    import os  # the interpreter's own start loads it, but for -S
    first = set(sys.modules)
    CHOICES = dict(
        app="acme-agent", version="1.4.2", statsig_key="client-key", sentry_dsn="https://key@errors.acme.example/1",
        bug_report_url="https://bugs.acme.example", bug_report_auth=lambda: ("Authorization", "key"),
    )

    def loaded():
        return sorted(set(sys.modules) - first)
"""


def told(source, world, **environ):
    """Run a program without site-packages' startup files; return what it printed, a Python literal."""
    program = world / "program.py"
    program.write_text(textwrap.dedent(HEAD) + textwrap.dedent(source))
    packages = [str(Path(telemetry_sdk.__file__).parents[1]), sysconfig.get_path("purelib")]
    kept = {name: value for name, value in os.environ.items() if name in SYSTEM}
    done = subprocess.run(
        [sys.executable, "-S", "-B", str(program)],
        env={**kept, "PYTHONPATH": os.pathsep.join(packages), **environ},
        cwd=world / "work",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return ast.literal_eval(done.stdout)


def closure(name, world):
    """Return what a module of the standard library loads with it, on this Python."""
    return set(told(f"import {name}\nprint(loaded())", world))


def split(names):
    """Return (ours without the package's name, all others)."""
    ours = {name.partition(".")[2] for name in names if name.partition(".")[0] == "telemetry_sdk"}
    return ours, {name for name in names if name.partition(".")[0] != "telemetry_sdk"}


def rooms(ours):
    return {name.partition(".")[0] for name in ours} - {""}


def test_importing_the_package_loads_nothing(world):
    ours, others = split(told("import telemetry_sdk\nprint(loaded())", world))
    assert ours == {""}
    assert others <= {"__future__"}
    assert told("import telemetry_sdk\nprint(repr(telemetry_sdk.__version__))", world) == telemetry_sdk.__version__


def test_declaring_events_loads_next_to_nothing(world):
    source = """
        import telemetry_sdk
        class Tick(telemetry_sdk.Event, name="tick"):
            n: int
        print(loaded())
    """
    ours, others = split(told(source, world))
    assert rooms(ours) == {"_internal", "events"}
    assert others <= LIGHT


STARTED = """
    import telemetry_sdk
    client = telemetry_sdk.start(**CHOICES)
    print(loaded())
"""
AT_START = {
    *("_internal", "client", "events", "options", "startup"),
    *("capture", "endpoints", "pipeline", "policy", "queue", "runtime"),
}


def test_starting_with_every_service_on(world):
    ours, others = split(told(STARTED, world))
    assert rooms(ours) <= AT_START
    assert {name for name in ours if name.startswith(("capture.", "pipeline.", "runtime."))} <= {
        "capture.control_flow",
        "capture.hooks",
        "capture.recorder",
        "capture.snapshot",
        "queue.wakeup",
        "pipeline.writer_thread",
        "runtime.build",
        "runtime.lifecycle",
        "runtime.runtime",
    }
    assert others <= LIGHT
    assert "threading" not in others
    assert {name for name in ours if name.startswith(("endpoints.", "policy."))} == {
        *("endpoints.endpoint", "endpoints.resolve", "endpoints.urls"),
        *("policy.current", "policy.directories", "policy.findings", "policy.model", "policy.profile"),
        *("policy.resolve", "policy.settings_file", "policy.settings_locations"),
    }


def test_starting_with_variables_of_the_environment(world):
    """Also with some whose names have our prefix, or TELEMETRY, in them."""
    variables = {
        "TELEMETRY_SDK_STATSIG_KEY": "client-key",
        "TELEMETRY_SDK_STATSIG_URL": "http://127.0.0.1:9/v1",
        "TELEMETRY_SDK_AT_EXIT": "leave",
        "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
    }
    ours, others = split(told(STARTED, world, **variables))
    assert rooms(ours) <= AT_START
    assert others <= LIGHT


def test_threading_itself_is_light(world):
    heavy = {"re", "enum", "dataclasses", "inspect", "typing", "logging", "asyncio", "ssl", "socket", "hashlib", "json"}
    assert not heavy & closure("threading", world)


def test_the_hosts_main_thread_stays_the_main_thread(world, receiver):
    source = f"""
        import telemetry_sdk
        class Tick(telemetry_sdk.Event, name="tick"):
            n: int
        where = dict(statsig_url={receiver.statsig_url!r}, statsig_key={receiver.statsig_key!r})
        client = telemetry_sdk.start(**{{**CHOICES, **where}})
        client.log_event(Tick(n=1))
        sent = client.flush_sync(30)
        import threading  # the sender has loaded it, if nobody had before
        print((sent, threading.current_thread() is threading.main_thread(), threading.current_thread().name))
    """
    assert told(source, world) == (True, True, "MainThread")
    assert len(receiver.metrics()) == 1


def test_starting_with_every_service_off(world):
    ours, others = split(told(STARTED, world, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1"))
    assert rooms(ours) <= AT_START - {"capture"}
    assert others <= LIGHT


def test_starting_with_settings_files(world):
    for place in (world / ".claude", world / "work" / ".claude"):
        place.mkdir()
        (place / "settings.json").write_text('{"env": {"SOME": "value"}, "cleanupPeriodDays": 20}')
    ours, others = split(told(STARTED, world))
    assert "policy.settings_file" in ours
    assert others <= LIGHT | HASHED | {"_json"}


@pytest.mark.parametrize(
    "calls",
    [
        "client.log_event('tick', value=1.5, metadata={'n': 1})",
        "client.log_event(Tick(n=1))",
        "client.capture_exception(KeyError())",
        "client.measure(Tick, n=1).__enter__()",
    ],
)
def test_the_caller_of_a_recording_call_loads_nothing(world, calls):
    source = f"""
        import telemetry_sdk, threading
        class Tick(telemetry_sdk.Event, name="tick"):
            n: int
        client = telemetry_sdk.start(**CHOICES)
        mine = []
        me = threading.get_ident()
        sys.addaudithook(lambda event, args: event == "import" and threading.get_ident() == me and mine.append(args[0]))
        {calls}
        seen = list(mine)
        client.close()
        print(seen)
    """
    assert told(source, world) == []


def test_a_program_that_ends_at_once_loads_no_network(world):
    """The exiting thread drains alone: as at a time when no thread is to be had any more."""
    source = """
        import _thread
        def no_thread(*_):
            raise RuntimeError("can't start new thread")
        _thread.start_new_thread = no_thread
        import atexit
        import telemetry_sdk
        class Tick(telemetry_sdk.Event, name="tick"):
            n: int
        atexit.register(lambda: print((loaded(), client.stats()["spooled"])))
        client = telemetry_sdk.start(**CHOICES)
        client.log_event(Tick(n=1))
        client.capture_exception(KeyError())
    """
    loaded, spooled = told(source, world)
    assert spooled == {"metrics": 1, "errors": 1}, "the control: it was kept"
    ours, others = split(loaded)
    assert not {"egress.client", "sender.send_loop", "sender.batch_sender", "_internal.event_loop"} & ours
    pipe = {"zlib", "signal"}  # to the detached sender, and its default signals
    assert others <= LIGHT | HASHED | KEPT | READ | pipe | closure("threading", world) | closure("json", world)


def test_a_program_that_ends_in_a_back_off_loads_little(world):
    """Whether a detached sender would wait for its end is read from the shared state."""
    source = """
        import atexit
        import telemetry_sdk
        class Tick(telemetry_sdk.Event, name="tick"):
            n: int
        atexit.register(lambda: print(loaded()))
        client = telemetry_sdk.start(**CHOICES)
        client.log_event(Tick(n=1))
        client.flush_sync(20, to="spool")
        assert client._runtime.state.get().change(lambda state: state.update(backoff={"metrics": {"failures": 1}}))
    """
    ours, others = split(told(source, world))
    assert "sender.shared_backoff" in ours, "the control: it was read"
    assert "egress.client" not in ours
    heavy = {"asyncio", "anyio", "dataclasses", "inspect", "random", "socket", "ssl", "typing"}
    assert not heavy & (others - closure("json", world) - closure("threading", world))


def test_sending_loads_no_redaction(world, receiver):
    """It takes 100 ms: only the sanitizer needs it, for an exception with a message template."""
    source = f"""
        import logging, sentry_sdk, telemetry_sdk
        class Tick(telemetry_sdk.Event, name="tick"):
            n: int
        where = dict(statsig_url={receiver.statsig_url!r}, statsig_key={receiver.statsig_key!r})
        client = telemetry_sdk.start(**{{**CHOICES, **where, "sentry_dsn": {receiver.sentry_dsn!r}}})
        client.log_event(Tick(n=1))
        client.capture_exception(KeyError())
        sentry_sdk.get_client().transport.record_lost_event("before_send", data_category="error")
        sentry_sdk.flush(30)
        print((client.flush_sync(30), [name for name in loaded() if "redaction" in name]))
    """
    assert told(source, world) == (True, [])
    assert {item.type for item in receiver.envelope_items()} == {"event", "client_report"}
    assert len(receiver.metrics()) == 1


def test_the_allowed_sets_are_not_empty_words(world):
    assert "_socket" in closure("socket", world)
    assert not {"socket", "asyncio", "typing", "dataclasses"} & closure("json", world)
