"""Where the package and its interpreter lie: PYTHONPATH, a user's site, a zip archive, a deleted virtualenv."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import telemetry_sdk
from telemetry_sdk.runtime.detachable import NEEDED, OPTIONAL, module_directories
from tests.detached.background import LONG, RECORD, is_running

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks at processes through /proc")

BASE: str = getattr(sys, "_base_executable", sys.executable)  # without what this environment has installed
SPOOL = RECORD + "client.flush_sync(30, to='spool')\n"


def install(site: Path, *, without: str = "") -> Path:
    """Make a directory of modules that holds this package and what it needs."""
    site.mkdir(parents=True)
    directories = module_directories()
    assert directories is not None
    for name in {*NEEDED, *OPTIONAL} - {without}:
        for path in (Path(directory) / file for directory in directories for file in (name, f"{name}.py")):
            if path.exists():
                (site / path.name).symlink_to(path)
    return site


def of_prefix(prefix: Path) -> Path:
    """Return where an interpreter looks for the modules of a prefix."""
    scheme = {"base": os.fspath(prefix), "platbase": os.fspath(prefix)}
    return Path(sysconfig.get_path("purelib", "posix_prefix", scheme))


def of_user(home: Path) -> Path:
    return Path(sysconfig.get_path("purelib", "posix_user", {"userbase": os.fspath(home)}))


@pytest.mark.parametrize(
    ("find", "variable"),
    [(lambda path: path, "PYTHONPATH"), (of_user, "PYTHONUSERBASE")],
    ids=["PYTHONPATH", "pip install --user"],
)
def test_modules_that_no_isolated_interpreter_finds_are_handed_over(background, receiver, world, find, variable):
    install(find(world / "modules"))
    done = background.run(f"{RECORD}print(telemetry_sdk.__file__)", python=BASE, **{variable: str(world / "modules")})
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(str(world / "modules"))
    assert receiver.wait_for(metrics=20, errors=1, timeout=LONG)


def test_a_package_in_a_zip_archive_is_sent_by_the_program_itself(background, receiver, world):
    """No other process could load it."""
    site = install(world / "modules", without="telemetry_sdk")
    source = Path(telemetry_sdk.__file__).parents[1]
    with zipfile.ZipFile(world / "acme.pyz", "w") as archive:
        for path in source.rglob("*.py"):
            archive.write(path, path.relative_to(source))
    search_path = os.pathsep.join(map(str, (world / "acme.pyz", site)))
    more = "client.flush_sync(30, to='spool')\nprint(telemetry_sdk.__file__, client.close(5))\n"
    done = background.run(RECORD + more, python=BASE, PYTHONPATH=search_path)
    assert (done.code, done.err) == (0, "")
    assert "acme.pyz" in done.out
    assert background.status() == {}
    assert len(receiver.metrics()) == 20
    assert len(receiver.errors()) == 1


@pytest.fixture
def virtualenv(world: Path) -> Path:
    """Make a virtualenv with the package in it."""
    path = world / "venv"
    venv.create(path, symlinks=True, with_pip=False)
    site = of_prefix(path)
    site.rmdir()
    install(site)
    return path


def delivered_by_the_next_run(background, receiver, events):
    assert background.run("client.log_event(Tick(n=99))\n").err == ""
    assert receiver.wait_for(metrics=events + 1, errors=1, timeout=LONG)
    assert len({event["metadata"]["n"] for event in receiver.metrics()}) == events + 1
    background.until(lambda: all(name.endswith(".end") for name in background.waiting()))


DELETE = "import shutil\nshutil.rmtree({!r})\n"


def test_a_program_whose_virtualenv_is_deleted_ends_in_silence_and_loses_nothing(background, receiver, virtualenv):
    """What it records is on disk; nobody can take it over, and no module can be loaded any more."""
    source = SPOOL + DELETE.format(str(virtualenv)) + "client.log_event(Tick(n=20))\n"
    done = background.run(source, python=str(virtualenv / "bin" / "python"))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert not virtualenv.exists()
    assert receiver.requests() == []
    delivered_by_the_next_run(background, receiver, 21)


def test_a_client_whose_virtualenv_was_deleted_at_once_raises_nothing_and_is_not_closed_well(background, virtualenv):
    """What records need was never loaded: they cannot be kept."""
    source = f"{DELETE.format(str(virtualenv))}{RECORD}print(client.close())"
    done = background.run(source, python=str(virtualenv / "bin" / "python"))
    assert (done.code, done.out, done.err) == (0, "False\n", "")


def test_a_crash_after_the_virtualenv_was_deleted_prints_its_own_traceback_only(background, receiver, virtualenv):
    source = SPOOL + DELETE.format(str(virtualenv)) + "raise KeyError(1)\n"
    done = background.run(source, python=str(virtualenv / "bin" / "python"))
    assert (done.code, done.out) == (1, "")
    assert done.err.count("Traceback") == 1
    assert done.err.endswith("KeyError: 1\n")


TICKS = "for n in range(20):\n    client.log_event(Tick(n=n))\n"


def test_a_sender_in_back_off_ends_with_its_virtualenv_and_loses_nothing(background, receiver, virtualenv):
    """Three redirects, which count as network failures; later it would deliver."""
    receiver.answer_next("metrics", status=302, headers={"Location": "/login"}, times=3)
    assert background.run(TICKS, python=str(virtualenv / "bin" / "python")).err == ""
    pid = background.began()
    assert receiver.wait_for(requests=1, timeout=LONG)
    shutil.rmtree(virtualenv)
    background.until(lambda: not is_running(pid))
    assert background.status()["ended"] == ""
    assert receiver.metrics() == []
    assert sum(int(name.split(".")[3]) for name in background.waiting()) == 20


def test_a_sender_in_a_request_ends_with_its_virtualenv_and_loses_nothing(background, receiver, virtualenv):
    receiver.hang("metrics")
    assert background.run(TICKS, python=str(virtualenv / "bin" / "python")).err == ""
    pid = background.began()
    assert receiver.wait_for(requests=1, timeout=LONG)
    shutil.rmtree(virtualenv)
    background.until(lambda: not is_running(pid))
    receiver.release()
    assert background.status()["ended"] == ""
    assert '"cancelled"' in "".join(path.read_text() for path in background.directory.glob("sent/*.jsonl"))
    assert sum(int(name.split(".")[3]) for name in background.waiting()) == 20
