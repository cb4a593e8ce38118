"""gunicorn: workers of both kinds, recycled while they serve, with the application loaded before or after the fork."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests import commands

REQUESTS = 60
KINDS = {"sync": [], "threads": ["--worker-class", "gthread", "--threads", "4"]}


@pytest.mark.timeout(90)
@pytest.mark.usefixtures("no_sender_remains")
@pytest.mark.parametrize("at_exit", ["detach", "wait"])
@pytest.mark.parametrize("preload", [True, False], ids=["preload", "no-preload"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_record_of_a_worker_arrives_once(
    serving, installed, environment, receiver, until, world, tmp_path, kind, preload, at_exit
):
    log = tmp_path / "log"
    environ = {**environment, "TELEMETRY_SDK_AT_EXIT": at_exit if at_exit == "wait" else ""}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gunicorn = serving(
            *(installed / "pools" / "bin" / "gunicorn", "--bind", f"fd://{listener.fileno()}", "--workers", "2"),
            *("--max-requests", "20", "--error-logfile", log, "--no-control-socket", *KINDS[kind]),
            *(["--preload"] if preload else []),
            "acme_web:application",
            environ={name: value for name, value in environ.items() if value},
            pass_fds=(listener.fileno(),),
        )
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with httpx.Client(trust_env=False, timeout=30) as client, ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda n: client.get(url, params={"n": n}).raise_for_status(), range(REQUESTS)))
    workers = {answer.text for answer in answers}
    assert len(workers) > 2, "no worker was recycled"
    assert gunicorn.stop() == 0
    if at_exit == "wait":  # what an exit had no time for is on disk
        assert commands.as_process(["send"], environ, world / "work").returncode == 0
    until(lambda: len(receiver.metrics()) >= REQUESTS + 1 and receiver.errors())
    numbers = sorted(int(event["metadata"]["n"]) for event in receiver.metrics() if "n" in event["metadata"])
    loaded = numbers.count(-1)
    assert numbers[loaded:] == list(range(REQUESTS))
    assert loaded == 1 if preload else loaded >= len(workers)
    assert len(receiver.errors()) == 1
    assert sum(receiver.duplicates().values()) == 0
    assert gunicorn.stderr() == ""
    assert "ERROR" not in log.read_text()
