"""Children of `multiprocessing` that record and return at once end by `os._exit`: what they recorded is on disk."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import pytest

import telemetry_sdk
from telemetry_sdk.receiver import running
from telemetry_sdk.spool.accounts import directory_counts
from telemetry_sdk.storage.shared_state import SharedState

CHILDREN, EVENTS = 4, 5


class ChildBeat(telemetry_sdk.Event, name="child_beat"):
    n: int


def record(environ: dict[str, str]) -> None:
    """Start a client, record and return."""
    os.environ.update(environ)
    client = telemetry_sdk.start(app="acme-agent", version="1.0.0")
    for n in range(EVENTS):
        client.log_event(ChildBeat(n=n))


def counted(base) -> int:
    """Return the number of events that wait or were delivered, of all state directories."""
    counts = [directory_counts(str(path), SharedState(str(path))) for path in base.glob("*/*") if path.is_dir()]
    return sum(table["waiting"].get("metrics", 0) + table["delivered"].get("metrics", 0) for table in counts)


@pytest.fixture
def environ(tmp_path):
    with running() as receiver:
        environ = {**receiver.environment(), "TELEMETRY_SDK_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path)}
        yield environ


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_what_children_recorded_is_on_disk_when_they_end(environ, tmp_path, method):
    context = multiprocessing.get_context(method)
    children = [context.Process(target=record, args=(environ,)) for _ in range(CHILDREN)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    assert counted(tmp_path / "state") == CHILDREN * EVENTS


def test_what_a_pool_recorded_is_on_disk_when_it_ends(environ, tmp_path):
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        list(pool.map(record, [environ] * CHILDREN))
    assert counted(tmp_path / "state") == CHILDREN * EVENTS
