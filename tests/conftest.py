"""Fixtures of all tests: a home directory, the receiver, clients whose internal errors fail the test."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

import telemetry_sdk
from telemetry_sdk.receiver import running
from telemetry_sdk.receiver.store import ReceiverStore
from tests import marks
from tests.relay import normalizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from telemetry_sdk.receiver import Receiver
    from telemetry_sdk.receiver.store import ReceivedRecord

collect_ignore = ["agents", "browser", "foreign", "wheel"]  # run by scripts/test-agents, -page, -foreign, wheel

# pytest rewrites the modules of a package with a plugin, and CPython 3.11 cannot parse in two threads at once: what our
# threads import lazily is imported here.
for _module in pkgutil.walk_packages(telemetry_sdk.__path__, "telemetry_sdk."):
    if not _module.name.startswith(("telemetry_sdk.demo", "telemetry_sdk.integrations")):
        importlib.import_module(_module.name)

# No test is timed: not by Hypothesis either, whose examples a busy machine makes slowly.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", settings.get_profile("untimed"), max_examples=5)
settings.load_profile("untimed")

OURS = (
    "DISABLE_",
    "DO_NOT_TRACK",
    "CLAUDE_CODE_",
    "TELEMETRY_SDK_",
    "SENTRY_",
    "STATSIG_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "XDG_",
)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a job in the background, whose programs would ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


def clean_environment(home: Path) -> dict[str, str]:
    """Return this process's environment without all that decides what we send."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(OURS)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if marks.is_integration(item):
            item.add_marker(pytest.mark.integration)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Fail a test that starts a process or a server, itself or by a fixture, and is not marked `integration`."""
    marks.forbid(processes_and_servers=item.get_closest_marker("integration") is None)
    try:
        return (yield)
    finally:
        marks.forbid(processes_and_servers=False)


@pytest.fixture(scope="session")
def common_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make the home of all tests that write no files; nothing may be left there."""
    home = tmp_path_factory.mktemp("common") / "home"
    (home / "work").mkdir(parents=True)
    yield home
    assert list(home.rglob("*")) == [home / "work"]


@pytest.fixture(autouse=True)
def world(request: pytest.FixtureRequest, common_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a home and a working directory, its own if it may write files; return the home."""
    if marks.writes_no_files(request.node):
        home = common_home
    else:
        home = request.getfixturevalue("tmp_path") / "home"
        (home / "work").mkdir(parents=True)
    for name in list(os.environ):
        if name.upper().startswith(OURS):
            monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.chdir(home / "work")
    return home


@pytest.fixture(autouse=True)
def checked_by_relay(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test in which a receiver of this process gets an error event that Sentry's Relay would correct."""
    events: list[dict[str, Any]] = []
    add = ReceiverStore.add

    def seen(store: ReceiverStore, service: str, request: int, records: list[ReceivedRecord]) -> int:
        events.extend(json.loads(r.body) for r in records if (service, r.kind) == ("errors", "event"))
        return add(store, service, request, records)

    monkeypatch.setattr(ReceiverStore, "add", seen)
    yield
    ours = [event for event in events if not str(event.get("sdk", {}).get("name")).startswith("sentry.")]
    assert [found for event in ours if (found := normalizer.corrections(event))] == []


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run the embedded receiver."""
    with running() as receiver:
        yield receiver


@pytest.fixture
def start(receiver: Receiver) -> Iterator[Callable[..., telemetry_sdk.TelemetryClient]]:
    """Start clients that send to the receiver; at the end nothing may have failed inside them."""
    with contextlib.ExitStack() as stack:

        def started(**choices: Any) -> telemetry_sdk.TelemetryClient:
            settings: dict[str, Any] = {
                "app": "acme-agent",
                "version": "1.4.2",
                "statsig_key": receiver.statsig_key,
                "statsig_url": receiver.statsig_url,
                "sentry_dsn": receiver.sentry_dsn,
                "bug_report_url": receiver.bug_report_url,
                "bug_report_auth": lambda: ("Authorization", f"Bearer {receiver.bug_report_token}"),
            }
            client = telemetry_sdk.start(**{**settings, **choices})
            stack.callback(_closed_without_failure, client)
            return client

        yield started


def _closed_without_failure(client: telemetry_sdk.TelemetryClient) -> None:
    client.close()
    assert client.stats()["failures"] == 0


@pytest.fixture
def environment(world: Path, receiver: Receiver) -> dict[str, str]:
    """Return the environment of a program of its own process: clean, with the receiver's addresses."""
    return {**clean_environment(world), **receiver.environment()}


class Finished:
    """A program that has ended."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr


@pytest.fixture
def program(world: Path, environment: dict[str, str]) -> Callable[..., Finished]:
    """Run a Python program of its own process, with the receiver's addresses in its environment.

    Its source begins with `client = ...` started unless `bare` is set. It waits at exit: no process outlives it, unless
    `TELEMETRY_SDK_AT_EXIT=""` is given.
    """
    head = """
        import os, sys, time
        import telemetry_sdk
        class Tick(telemetry_sdk.Event, name="tick"):
            n: int
        client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
    """

    def run(source: str, *, bare: bool = False, python: str = sys.executable, **environ: str) -> Finished:
        text = ("" if bare else textwrap.dedent(head)) + textwrap.dedent(source)
        script = world / "work" / "program.py"
        script.write_text(text)
        variables = {**environment, "TELEMETRY_SDK_AT_EXIT": "wait", **environ}
        done = subprocess.run(
            [python, str(script)],
            env={name: value for name, value in variables.items() if value},
            cwd=world / "work",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Finished(done)

    return run


@pytest.fixture
def unused_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
