"""A host whose threads compute all the time: a detached sender delivers while it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from telemetry_sdk.runtime.detach import has_ended, start_time
from tests.detached.background import is_running

linux = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks at processes through /proc")

BUSY = """
import threading
def compute():
    while True:
        sum(range(10_000))
for _ in range(4):
    threading.Thread(target=compute, daemon=True).start()
client.log_event(Tick(n=1))
assert client.flush_sync(100)
import subprocess
children = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "stat="], capture_output=True, text=True).stdout
assert children.count("Z") <= 1, children
print("httpx" in sys.modules, client.stats()["directory"]["delivered"])
"""


def test_another_process_sends_while_the_host_computes(background, receiver):
    done = background.run(BUSY)
    assert (done.code, done.err) == (0, "")
    assert done.out.split(maxsplit=1) == ["False", "{'metrics': 1}\n"]
    assert len(receiver.metrics()) == 1
    assert background.ended() == ""
    assert not is_running(background.status()["pid"])


def test_a_busy_host_sends_itself_what_cannot_be_handed_over(background, receiver, tmp_path):
    """A module would be loaded from a directory that others may write to."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "httpx").symlink_to(Path(httpx.__file__).parent)
    modules.chmod(0o777)
    computes = BUSY.partition("import subprocess")[0]
    done = background.run(f"sys.path.insert(0, {str(modules)!r})\n{computes}\nprint('httpx' in sys.modules)")
    assert (done.code, done.err, done.out) == (0, "", "True\n")
    assert len(receiver.metrics()) == 1


@linux
def test_the_exit_status_of_another_child_with_a_senders_number_is_left_to_the_host():
    """The host took the sender's own status; then the system gave the number to another child."""
    child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert has_ended(child.pid, "1")
    assert child.wait() == 3


@linux
def test_the_exit_status_of_a_sender_that_has_ended_is_taken():
    sender = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    began = start_time(sender.pid)
    assert began
    assert not has_ended(sender.pid, began)
    assert sender.stdin is not None
    sender.stdin.close()
    os.waitid(os.P_PID, sender.pid, os.WEXITED | os.WNOWAIT)
    assert has_ended(sender.pid, began)
    with pytest.raises(ChildProcessError):
        os.waitpid(sender.pid, os.WNOHANG)
    sender.wait()
