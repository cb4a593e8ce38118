"""Where nothing is handed over, and when a detached sender gives up."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from telemetry_sdk.runtime import detached_main
from telemetry_sdk.runtime.detached_process import BOOTSTRAP
from tests.commands import as_process
from tests.detached.background import LONG, RECORD, is_running

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks at processes through /proc")

ONE = "client.log_event(Tick(n=1))\n"


def told(background, environment):
    """Return what `telemetry-sdk status` prints, on one line."""
    status = as_process(["status", "--app", "acme-agent"], {**environment, "COLUMNS": "300"}, background.home)
    return " ".join(status.stdout.split())


def test_nothing_is_handed_over_in_a_back_off_of_more_than_half_a_minute(background, receiver):
    receiver.answer_next("metrics", status=503)
    source = f"""
import pathlib
{ONE}
while not any("backoff" in path.read_text() for path in pathlib.Path.home().rglob("state.json")):
    client.flush_sync(0.1)
"""
    assert background.run(source).err == ""
    assert len(receiver.requests()) == 1
    assert background.status() == {}


@pytest.mark.parametrize(
    "replaced",
    [
        "import respx\n",
        """
import httpx
from telemetry_sdk.startup import StartInputs
inputs = StartInputs(environ=os.environ, transport=httpx.AsyncHTTPTransport)
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", _given=inputs)
""",
    ],
    ids=["respx is imported", "another transport"],
)
def test_a_client_whose_network_may_be_a_tests_leaves_its_records(background, receiver, replaced):
    """It neither hands them over, nor sends them at its end: the next run does."""
    source = f"{replaced}{ONE}client.flush_sync(30, to='spool')\n"
    done = background.run(source)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert background.status() == {}
    assert receiver.requests() == []
    assert len(background.waiting()) == 1
    assert background.run(ONE).err == ""
    assert receiver.wait_for(metrics=2, timeout=LONG)


def test_nothing_is_loaded_from_a_directory_that_others_may_write_to(background, receiver, environment, tmp_path):
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "httpx").symlink_to(Path(httpx.__file__).parent)
    modules.chmod(0o777)
    done = background.run(f"sys.path.insert(0, {str(modules)!r})\n{ONE}")
    assert (done.code, done.err) == (0, "")
    assert "pid" not in background.status()
    assert "a module directory is missing or others may write to it" in told(background, environment)


def test_where_no_process_can_be_started_the_records_wait_and_the_next_exit_sends(background, receiver, environment):
    limit = """
def spawn(*args, **options):
    raise BlockingIOError(11, "Resource temporarily unavailable")
os.posix_spawn = spawn
"""
    done = background.run(limit + ONE)
    assert (done.code, done.err) == (0, "")
    assert len(background.waiting()) == 1
    assert "background sender does not start: Resource temporarily unavailable" in told(background, environment)
    source = "client.log_event(Tick(n=2))\nclient.flush_sync(30, to='spool')\nassert client.close(5)\n"
    assert background.run(limit + source).err == ""
    assert len(receiver.metrics()) == 2


def test_a_sender_ends_with_its_directory(background, receiver):
    receiver.hang("errors")
    receiver.hang("metrics")
    assert background.run(RECORD).code == 0
    pid = background.began()
    assert receiver.wait_for(requests=1, timeout=LONG)
    shutil.rmtree(background.directory)
    background.until(lambda: not is_running(pid))
    receiver.release()
    assert not any(background.home.joinpath(".local/state/telemetry-sdk/acme-agent").glob("*/spool"))


@pytest.mark.parametrize(
    ("changed", "code"),
    [(("monotonic() + 5", "monotonic() + 0.1"), 0), (("alarm(65)", "alarm(1)"), -signal.SIGALRM)],
    ids=["the pipe has no end", "the watchdog"],
)
def test_a_sender_that_hangs_ends_by_itself(changed, code):
    assert changed[0] in BOOTSTRAP
    reader, writer = os.pipe()
    command = [sys.executable, "-I", "-c", BOOTSTRAP.replace(*changed), str(reader)]
    done = subprocess.run(command, pass_fds=[reader], capture_output=True, timeout=LONG, check=False)
    os.close(reader)
    os.close(writer)
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


def test_a_sender_of_another_version_leaves_all(tmp_path):
    """The package was replaced between the exit and the start."""
    detached_main.main({"version": "0", "modules": [], "directories": [{"path": str(tmp_path)}]}, [])
    assert not list(tmp_path.glob("state*"))
