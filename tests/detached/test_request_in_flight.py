"""A program that may hand over ends in the middle of a request: an answer within its exit's time doubles nothing."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from telemetry_sdk.spool.batch import BATCH_EVENTS
from tests.detached.background import LONG

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks at processes through /proc")

IN_FLIGHT = """
import atexit, pathlib
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", exit_timeout=5.0)
client.log_event(Tick(n=1))
while not pathlib.Path("arrived").exists():
    client.flush_sync(0.05)
"""
TWO_REQUESTS = f"""
import pathlib
for n in range({BATCH_EVENTS + 20}):
    client.log_event(Tick(n=n))
while not pathlib.Path("arrived").exists():
    client.flush_sync(0.05)
"""
AT_EXIT = 'atexit.register(pathlib.Path("ends").touch)\n'
CLOSED = 'client.close()\npathlib.Path("ends").touch()\n'


@pytest.fixture
def answered(background, receiver):
    """Hold the answer until the program's end begins."""
    receiver.hang("metrics", stored=True)
    work = background.home / "work"

    def answer():
        background.until(receiver.metrics)
        Path(work, "arrived").touch()
        background.until(Path(work, "ends").exists)
        receiver.release()

    thread = threading.Thread(target=answer)
    thread.start()
    yield
    thread.join(LONG)


def requests(receiver):
    return [len(json.loads(request.body)["events"]) for request in receiver.requests()]


def ids(request):
    return {event["metadata"]["event_uuid"] for event in json.loads(request.body)["events"]}


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize(("end", "at_exit"), [(AT_EXIT, ""), (CLOSED, ""), (AT_EXIT, "wait")])
def test_an_answer_within_the_exits_time_is_read(background, receiver, end, at_exit):
    done = background.run(IN_FLIGHT + end, TELEMETRY_SDK_AT_EXIT=at_exit)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert [name for name in background.waiting() if not name.endswith(".end")] == []
    assert background.status() == {}  # nothing was handed over
    assert requests(receiver) == [1]


@pytest.mark.parametrize("at_exit", ["", "wait"])
def test_the_one_request_without_an_answer_is_sent_twice_with_the_same_ids(background, receiver, at_exit):
    """Nobody knows whether the server took it. What had not left is sent once."""
    receiver.hang("metrics", stored=True)

    def note():
        background.until(receiver.metrics)
        (background.home / "work" / "arrived").touch()

    arrived = threading.Thread(target=note)
    arrived.start()
    done = background.run(TWO_REQUESTS, TELEMETRY_SDK_AT_EXIT=at_exit)
    assert (done.code, done.out, done.err) == (0, "", "")
    arrived.join(LONG)
    receiver.release()
    if at_exit:
        background.run("client.log_event(Tick(n=0))\nassert client.flush_sync(30)", TELEMETRY_SDK_AT_EXIT=at_exit)
    else:
        background.until(lambda: all(name.endswith(".end") for name in background.waiting()))
    first, again, *others = [ids(request) for request in receiver.requests()]
    assert first == again
    assert len(first) == BATCH_EVENTS
    once = Counter(name for some in others for name in some)
    assert max(once.values()) == 1
    assert len(once) == 20 + (at_exit == "wait")
