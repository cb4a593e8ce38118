"""A host whose threads compute all the time: a detached sender delivers while it runs."""

from __future__ import annotations

from tests.detached.background import is_running

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
