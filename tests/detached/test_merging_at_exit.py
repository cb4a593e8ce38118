"""An exit that hands nothing over merges the segments of many runs."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks at processes through /proc")

RUNS = 201
SOURCE = f"""
from telemetry_sdk.spool.disk import DiskSpool
client.log_event(Tick(n=0))
client.flush_sync(20, to="spool")
runtime = client._runtime
while FAILS and "backoff" not in runtime.state.get().read():
    client.flush_sync(0.1)
spool = runtime.pipeline.get().spool.get()
for n in range({RUNS}):
    run = DiskSpool(spool.path, runtime.state.get(), spool._header)
    assert run.append("metrics", [b"{{}}"]) is None
    run.close()
"""


@pytest.mark.parametrize(("at_exit", "fails"), [("leave", False), ("", True)], ids=["leave", "detach in back-off"])
def test_an_exit_over_200_runs_leaves_fewer_files(background, receiver, at_exit, fails):
    receiver.answer_next("metrics", status=503)
    done = background.run(f"FAILS = {fails}\n{SOURCE}", TELEMETRY_SDK_AT_EXIT=at_exit)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert background.status() == {}  # nothing was handed over
    names = [name.split(".") for name in background.waiting()]
    assert sum(int(name[3]) for name in names) == RUNS + 1
    assert len(names) < RUNS, "as many were merged as there was time for"
