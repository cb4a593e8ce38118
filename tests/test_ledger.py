"""The ledger: the body of every request, on disk before it leaves; never a reason for failing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_sdk.ledger import Entry, Ledger, purge, read

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = '{"events":[{"eventName":"tool_use","metadata":{"ключ":"\u2028"}}]}'


@pytest.fixture
def state_dir(tmp_path: Path) -> str:
    return str(tmp_path)


def files_of(state_dir: str) -> list[Path]:
    return sorted(Path(state_dir, "sent").iterdir())


def attempt(ledger: Ledger, body: str = BODY) -> str:
    return ledger.attempt(service="metrics", host="events.example", content=body.encode(), count=3)


def test_an_attempt_is_on_disk_before_its_outcome(state_dir):
    ledger = Ledger(state_dir, "run1")
    entry = attempt(ledger)
    (found,) = read(state_dir)
    assert (found.id, found.service, found.host, found.count, found.body) == (
        entry,
        "metrics",
        "events.example",
        3,
        BODY,
    )
    assert abs(found.time - time.time()) < 60
    assert (found.status, found.reason) == (None, None)

    ledger.outcome(entry, status=202)
    (found,) = read(state_dir)
    assert (found.body, found.status, found.reason) == (BODY, 202, None)


def test_outcomes_find_their_attempts_across_runs_and_parts(state_dir):
    ledger = Ledger(state_dir, "a", max_bytes=4096)
    entries = [attempt(ledger, "x" * 800) for _ in range(4)]
    other = Ledger(state_dir, "b")
    failed = attempt(other)
    other.outcome(failed, reason="timeout")
    for entry in entries:
        ledger.outcome(entry, status=200)
    joined = {entry.id: (entry.status, entry.reason) for entry in read(state_dir)}
    assert joined == {**dict.fromkeys(entries, (200, None)), failed: (None, "timeout")}
    assert len(files_of(state_dir)) > 2


def test_a_bug_report_leaves_its_hash_alone(state_dir):
    ledger = Ledger(state_dir, "run1")
    entry = ledger.receipt(host="bugs.example", sha256="ab" * 32, report_id="r-1")
    ledger.outcome(entry, status=200)
    (found,) = read(state_dir)
    assert found == Entry(
        id=entry,
        time=found.time,
        service="bug_reports",
        host="bugs.example",
        sha256="ab" * 32,
        report_id="r-1",
        status=200,
    )


def test_modes_and_names(state_dir):
    attempt(Ledger(state_dir, "run1"))
    (path,) = files_of(state_dir)
    assert path.name == time.strftime("%Y-%m-%d", time.gmtime()) + "-run1.0000.jsonl"
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700


def test_off_writes_nothing(tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    ledger = Ledger(None, "run1")
    entry = attempt(ledger)
    ledger.outcome(entry, status=202)
    ledger.sweep()
    assert (entry != "", list(here.iterdir()), ledger.failures) == (True, [], 0)


def a_file(place: Path) -> None:
    place.write_text("not a directory")


def a_link(place: Path) -> None:
    elsewhere = place.parent / "elsewhere"
    elsewhere.mkdir()
    place.symlink_to(elsewhere)


def name_today(place: Path) -> Path:
    place.mkdir(mode=0o700)
    return place / (time.strftime("%Y-%m-%d", time.gmtime()) + "-run1.0000.jsonl")


def a_linked_file(place: Path) -> None:
    target = place.parent / "target"
    target.write_text("")
    target.chmod(0o600)
    name_today(place).symlink_to(target)


def a_hard_link(place: Path) -> None:
    target = place.parent / "target"
    target.write_text("")
    target.chmod(0o600)
    os.link(target, name_today(place))


def a_pipe(place: Path) -> None:
    os.mkfifo(name_today(place), 0o600)


def a_file_that_others_read(place: Path) -> None:
    path = name_today(place)
    path.write_text("")
    path.chmod(0o644)


@pytest.mark.parametrize("plant", [a_file, a_link, a_linked_file, a_hard_link, a_pipe, a_file_that_others_read])
def test_what_cannot_be_written_is_counted_and_never_raised(state_dir, plant: Callable[[Path], None]):
    plant(Path(state_dir, "sent"))
    ledger = Ledger(state_dir, "run1")
    before = time.time()
    entry = attempt(ledger)
    ledger.outcome(entry, status=202)
    assert ledger.failures == 2
    assert ledger.incomplete_since is not None
    assert before <= ledger.incomplete_since <= time.time()
    assert list(read(state_dir)) == []
    written = [path for path in Path(state_dir).rglob("*") if path.is_file() and BODY in path.read_text()]
    assert written == []


FULL_DISK = """
import resource, signal, sys
from telemetry_sdk.ledger import Ledger, read
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger = Ledger(sys.argv[1], "run1")
first = ledger.attempt(service="metrics", host="h", content=b"x" * 100, count=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
ledger.attempt(service="metrics", host="h", content=b"y" * 5000, count=1)
assert ledger.failures == 1, ledger.failures
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
ledger.outcome(first, status=202)
last = ledger.attempt(service="metrics", host="h", content=b"z", count=1)
assert ledger.failures == 1, ledger.failures
assert [(e.id, e.status) for e in read(sys.argv[1])] == [(first, 202), (last, None)]
"""


def test_a_full_disk_tears_one_line_and_no_other(state_dir):
    """A limit of file size cuts a write short as a full disk does."""
    program = [sys.executable, "-B", "-c", FULL_DISK, state_dir]  # no bytecode is cut off, too
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def planted(state_dir: str, name: str, size: int, age_days: float) -> Path:
    path = Path(state_dir, "sent", name)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(b"x" * size)
    then = time.time() - age_days * 86_400
    os.utime(path, (then, then))
    return path


def day(ago: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - ago * 86_400))


def test_old_days_go(state_dir):
    old_name = planted(state_dir, f"{day(9)}-a.0.jsonl", 10, age_days=0)
    old_time = planted(state_dir, f"{day(-300)}-a.0.jsonl", 10, age_days=8)
    fresh = planted(state_dir, f"{day(5)}-a.0.jsonl", 10, age_days=5)
    Ledger(state_dir, "run1").sweep()
    assert [path.exists() for path in (old_name, old_time, fresh)] == [False, False, True]


def test_the_oldest_go_when_it_is_too_much(state_dir):
    first = planted(state_dir, f"{day(3)}-z.0.jsonl", 600, age_days=3)
    second = planted(state_dir, f"{day(2)}-a.0.jsonl", 600, age_days=2)
    third = planted(state_dir, f"{day(1)}-b.0.jsonl", 300, age_days=1)
    Ledger(state_dir, "run1", max_bytes=1000).sweep()
    assert [path.exists() for path in (first, second, third)] == [False, True, True]


def test_a_busy_run_keeps_its_cap_by_itself(state_dir):
    ledger = Ledger(state_dir, "run1", max_bytes=20_000)
    entries = [attempt(ledger, "x" * 500) for _ in range(200)]
    kept = [entry.id for entry in read(state_dir)]
    assert kept == entries[-len(kept) :]
    assert sum(path.stat().st_size for path in files_of(state_dir)) <= 25_000
    assert ledger.failures == 0


def test_purge_deletes_all_and_writing_goes_on(state_dir):
    ledger = Ledger(state_dir, "run1")
    attempt(ledger)
    assert (purge(state_dir), list(read(state_dir))) == (1, [])
    entry = attempt(ledger)
    assert [found.id for found in read(state_dir)] == [entry]
    assert purge("/nowhere/at/all") == 0


lines = st.binary(max_size=60) | st.sampled_from(
    [
        b'{"id"',
        b'{"id":1,"time":1,"service":"s","host":"h"}\n',
        b'{"id":"a","time":"now","service":"s","host":"h"}\n',
        b'{"id":"a","service":"s","host":"h"}\n',
        b'{"id":{}}\n',
        b'{"outcome":[]}\n',
        b'{"outcome":"a","status":"x"}\n',
        b'{"id":' + b"[" * 50_000 + b"\n",
        b"\xff\xfe\n",
    ],
)


@given(st.lists(lines), st.integers(0, 400))
def test_torn_and_foreign_lines_are_skipped(tmp_path_factory, garbage, cut):
    state_dir = str(tmp_path_factory.mktemp("state"))
    whole = attempt(Ledger(state_dir, "run1"))
    (path,) = files_of(state_dir)
    line = path.read_bytes()
    torn = line.replace(whole.encode(), b"torn")
    path.write_bytes(line + b"".join(garbage) + b"\n" + torn[: min(cut, len(torn) - 2)])
    found = list(read(state_dir))
    assert found[0].id == whole
    assert "torn" not in {entry.id for entry in found}
    assert all(type(entry.id) is str and type(entry.host) is str for entry in found)


def test_the_text_of_a_broken_body_is_still_written(state_dir):
    ledger = Ledger(state_dir, "run1")
    ledger.attempt(service="errors", host="h", content=b"\xff{}", count=1)
    assert [entry.body for entry in read(state_dir)] == ["\ufffd{}"]
    (path,) = files_of(state_dir)
    assert [json.loads(line)["service"] for line in path.read_text().splitlines()] == ["errors"]
