"""A program that may hand over ends in the middle of a request: an answer within its exit's time doubles nothing."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from tests.detached.background import LONG

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks at processes through /proc")

IN_FLIGHT = """
import atexit, pathlib
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", exit_timeout=5.0)
client.log_event(Tick(n=1))
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


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize(("end", "at_exit"), [(AT_EXIT, ""), (CLOSED, ""), (AT_EXIT, "wait")])
def test_an_answer_within_the_exits_time_is_read(background, receiver, end, at_exit):
    done = background.run(IN_FLIGHT + end, TELEMETRY_SDK_AT_EXIT=at_exit)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert [name for name in background.waiting() if not name.endswith(".end")] == []
    assert background.status() == {}  # nothing was handed over
    assert requests(receiver) == [1]
