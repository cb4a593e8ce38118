"""celery's prefork pool: children that are recycled, and end by `os._exit` without the interpreter's own exit."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.foreign.programs import PROGRAMS

if TYPE_CHECKING:
    from pathlib import Path

TASKS = 40


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("no_sender_remains")
@pytest.mark.parametrize("options", [[], ["--max-tasks-per-child", "5"]], ids=["kept", "recycled"])
def test_every_record_of_a_child_arrives_once(
    serving, installed, environment, receiver, until, world, tmp_path, options
):
    python = installed / "pools" / "bin" / "python"
    done, queue, log = tmp_path / "done", tmp_path / "queue", tmp_path / "log"
    done.touch()
    queue.mkdir()
    named = {"ACME_QUEUE": str(queue), "ACME_DONE": str(done), "ACME_TASKS": str(TASKS)}
    environ = {**environment, **named}
    program = str(PROGRAMS / "acme_tasks.py")
    put = subprocess.run(
        [python, program], env=environ, cwd=world / "work", check=True, capture_output=True, timeout=60
    )
    assert put.stderr == b""
    worker = serving(
        *(
            python,
            "-W",
            "ignore:You're running the worker with superuser",
            "-m",
            "celery",
            "--quiet",
            "-A",
            "acme_tasks",
        ),
        *(
            "-A",
            "acme_tasks",
            "worker",
            "--pool",
            "prefork",
            "--concurrency",
            "2",
            "--logfile",
            log,
            "--loglevel",
            "WARNING",
        ),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", *options),
        environ={**environ, "ACME_WORKER": "1"},
    )
    children = until(lambda: finished(done))
    assert len(children) > 2 if options else len(children) == 2
    assert worker.stop() == 0
    until(lambda: len(receiver.metrics()) >= TASKS + 1 and receiver.errors())
    numbers = sorted(int(event["metadata"]["n"]) for event in receiver.metrics() if "n" in event["metadata"])
    assert numbers == [-1, *range(TASKS)]
    assert len(receiver.errors()) == 1
    assert sum(receiver.duplicates().values()) == 0
    assert worker.stderr().strip() == "worker: Warm shutdown (MainProcess)"  # celery says so itself
    assert "ERROR" not in log.read_text()


def finished(done: Path) -> set[str]:
    """Return the children's process ids once all tasks have been done."""
    lines = done.read_text().splitlines()
    return {line.split()[1] for line in lines} if len(lines) == TASKS else set()
