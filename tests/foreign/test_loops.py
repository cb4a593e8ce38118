"""An application on uvloop, or under gevent's patches; numpy's numbers as values; a suite under pytest's plugins."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HEAD = """
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
    ratio: float = 0.0
    ok: bool = True
def start():
    return telemetry_sdk.start(app="acme-agent", version="1.4.2", app_modules=["__main__"])
def fail(n):
    raise KeyError(n)
"""
UVLOOP = f"""
import asyncio, uvloop
{HEAD}
async def main():
    async with start() as client:
        client.log_event(Tick(n=1))
        task = asyncio.get_running_loop().create_task(asyncio.sleep(0))
        task.add_done_callback(lambda _: fail(2))  # nobody catches it: the loop's handler is told
        await asyncio.sleep(0.01)
        assert await client.flush(20)
        draft = await client.draft_bug_report_async("It froze")
        outcome = await client.send_bug_report(draft, consent=draft.preview().consent())
        assert outcome.kind == "sent", outcome
    assert type(asyncio.get_running_loop()).__module__ == "uvloop"
uvloop.run(main())
"""
GEVENT = f"""
from gevent import monkey; monkey.patch_all()
import gevent
{HEAD}
client = start()
def work(n):
    client.log_event(Tick(n=n))
    gevent.sleep(0)
    try:
        fail(n)
    except KeyError:
        client.capture_exception()
jobs = [gevent.spawn(work, n) for n in range(10)]
gevent.joinall(jobs, raise_error=True)
ticks = []
beat = gevent.spawn(lambda: [(ticks.append(1), gevent.sleep(0.001)) for _ in range(20)])
assert client.flush_sync(20)
beat.join()
assert len(ticks) == 20
{{}}
"""
NUMPY = f"""
import numpy
{HEAD}
with start() as client:
    client.log_event(Tick(n=numpy.int64(7), ratio=numpy.float32(0.5), ok=numpy.bool_(False)))
    client.log_event(Tick(n=numpy.uint8(200), ratio=numpy.float64("inf")))
    client.log_event(Tick(n=numpy.array([1, 2])))
    client.flush_sync(20)
    print(client.stats()["dropped"])
"""


@pytest.fixture
def other(installed, program):
    """Run a program where the other packages are installed."""

    def run(source, code=0):
        done = program(source, bare=True, python=str(installed / "loops" / "bin" / "python"))
        assert done.code == code, done.err
        assert "telemetry_sdk" not in done.err
        return done.out

    return run


def fields(receiver) -> list[dict]:
    return [{k: v for k, v in e["metadata"].items() if k in {"n", "ratio", "ok"}} for e in receiver.metrics()]


def test_an_application_on_uvloop_delivers(other, receiver):
    other(UVLOOP)
    assert [row["n"] for row in fields(receiver)] == [1]
    assert [error["exception"]["values"][-1]["type"] for error in receiver.errors()] == ["KeyError"]
    assert len(receiver.bug_reports()) == 1


@pytest.mark.parametrize(("end", "code"), [("", 0), ("client.close()", 0), ("fail(0)", 1)])
def test_an_application_under_gevent_delivers(other, receiver, end, code):
    other(GEVENT.replace("{}", end), code)
    assert sorted(row["n"] for row in fields(receiver)) == list(range(10))
    mechanisms = [error["exception"]["values"][-1]["mechanism"]["handled"] for error in receiver.errors()]
    assert mechanisms == [True] * 5 + [False] * code, "the same error five times a minute, and the crash"


def test_numbers_of_numpy_leave_by_their_value(other, receiver):
    shown = other(NUMPY)
    assert fields(receiver) == [{"n": 7, "ratio": 0.5, "ok": False}]
    assert shown == "{'bad_value': 2}\n"


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["in random order", "in two processes"])
def test_the_suite_of_the_example_application_passes(installed, tmp_path, options):
    """With pytest-randomly, whose seed the output names."""
    application = tmp_path / "acme"
    shutil.copytree(Path(__file__).parents[2] / "examples" / "acme_cli", application)
    python = installed / "loops" / "bin" / "python"
    command = [python, "-B", "-m", "pytest", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=application, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout
    assert "Using --randomly-seed" in done.stdout
