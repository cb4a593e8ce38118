"""Segments of many runs are merged into one; a kill at any step loses nothing and counts nothing twice."""

from __future__ import annotations

import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from telemetry_sdk.losses import OPTED_OUT
from telemetry_sdk.spool import merging, record_format, segment_name
from telemetry_sdk.spool.accounts import directory_counts, discard
from telemetry_sdk.spool.disk import MAX_RUNS, merge_at_exit
from telemetry_sdk.spool.segment_name import DELIVERED, SENDING
from telemetry_sdk.storage.file_lock import FileLock, release_all
from tests.delivery.fake_disk import FakeDisk
from tests.unit.harness import METADATA, error, event

FOREVER = float("inf")
RUNS = 5  # a few are enough for each step


def leave(disk, count=1, *, service="metrics", **metadata):
    """Leave runs of one record each, which say their number as session and as `n`; return the last one's segment."""
    before = set(map(str, segment_name.listed(directory(disk))))
    for n in range(1, count + 1):
        disk.metadata.of = lambda _, n=n: {**METADATA, "session": f"{n}", **metadata}
        spool = disk.disk()
        assert spool.append(service, [event(n) if service == "metrics" else error(n)]) is None
        spool.close()
    return [name for name in segment_name.listed(directory(disk)) if name.text not in before][-1]


def directory(disk):
    return os.path.join(disk.path, "spool")


def merged(disk):
    return merging.merge(directory(disk), disk.state(), FOREVER)


def waiting(disk):
    return directory_counts(disk.path, disk.state())["waiting"]


def taken(disk, service="metrics"):
    """Send all that waits; return how often each session's record was taken."""
    found: Counter[str] = Counter()
    spool = disk.disk(run=False)
    assert spool.lock()
    while batch := spool.take(service, 1_000):
        found.update(run.header["metadata"]["session"] for run in batch.runs for _ in run.payloads)
        spool.settle(batch, [[DELIVERED] * len(segment.payloads) for segment in batch.segments])
    spool.unlock()
    return found


def sessions(count):
    return {f"{n}": 1 for n in range(1, count + 1)}


@pytest.mark.parametrize("service", ["metrics", "errors"])
def test_a_sender_that_leaves_more_than_200_runs_merges_them(disk, service):
    leave(disk, MAX_RUNS + 1, service=service)
    spool = disk.disk(run=False)
    assert spool.lock()
    assert spool.unlock() is False  # a merged segment is nothing that others left
    names = segment_name.listed(directory(disk))
    assert len(names) < 5
    assert all(name.merged for name in names)
    assert waiting(disk)[service] == MAX_RUNS + 1
    assert taken(disk, service) == sessions(MAX_RUNS + 1)
    assert directory_counts(disk.path, disk.state())["delivered"] == {service: MAX_RUNS + 1}
    assert os.listdir(directory(disk)) == []


@pytest.mark.parametrize("first", [b"[1]", b"7", b'{"merged":7}', b'{"merged":[7]}', b"[" * 100_000, b"{"])
def test_a_merged_segment_whose_first_line_is_junk_harms_no_other(disk, first):
    leave(disk, 1)
    whole = next(iter(segment_name.listed(directory(disk))))
    name = segment_name.SegmentName(f"0{segment_name.MERGED}x", 1, "metrics", count=1, state=segment_name.WAITING)
    Path(directory(disk), name.text).write_bytes(record_format.line(first) + record_format.line(event(1)))
    segment_name.rename(directory(disk), whole, whole.changed(SENDING))
    assert taken(disk)["1"] == 1
    assert disk.disk(run=False).lock(), "nobody holds the lock"


def test_200_runs_are_left_as_they_are(disk):
    leave(disk, MAX_RUNS)
    spool = disk.disk(run=False)
    assert spool.lock()
    spool.unlock()
    merge_at_exit(disk.path, disk.state())
    assert len(os.listdir(directory(disk))) == MAX_RUNS


def test_an_exit_merges_unless_a_sender_is_at_work(disk):
    leave(disk, RUNS)
    lock = FileLock(os.path.join(disk.path, "sender.lock"))
    assert lock.acquire()
    merge_at_exit(disk.path, disk.state(), max_runs=3)
    assert len(os.listdir(directory(disk))) == RUNS
    lock.release()
    merge_at_exit(disk.path, disk.state(), max_runs=3)
    assert len(os.listdir(directory(disk))) == 1
    assert lock.acquire(), "it has let go of the lock"
    lock.release()


def test_nothing_is_read_after_the_time_is_over(disk):
    leave(disk, RUNS)
    assert merging.merge(directory(disk), disk.state(), 0.0) == []
    assert len(os.listdir(directory(disk))) == RUNS


def test_merged_segments_are_merged_again(disk):
    leave(disk, 2)
    (first,) = merged(disk)
    leave(disk, 2)
    (second,) = merged(disk)
    assert second.count == 4
    assert [name.text for name in segment_name.listed(directory(disk))] == [second.text]
    assert first.identity in merging.parts(directory(disk), second)
    assert taken(disk) == {"1": 2, "2": 2}


def test_a_merged_segment_holds_the_events_of_one_request(disk):
    for _ in range(4):
        spool = disk.disk()
        assert spool.append("metrics", [event(n) for n in range(400)]) is None
        spool.close()
    assert [name.count for name in merged(disk)] == [800, 800]


def test_what_another_user_left_what_was_tried_and_what_is_damaged_is_not_merged(disk):
    tried = leave(disk)
    os.rename(path(disk, tried), path(disk, tried.changed("wait", tries=1)))
    torn = leave(disk)
    os.truncate(path(disk, torn), os.path.getsize(path(disk, torn)) - 1)
    leave(disk, user="another")
    leave(disk)
    assert merged(disk) == []
    assert [name.state for name in segment_name.listed(directory(disk))] == ["wait"] * 4


def path(disk, name):
    return os.path.join(directory(disk), name.text)


def test_a_run_whose_segment_was_merged_still_waits(disk):
    spool = disk.disk()
    assert spool.append("metrics", [event(7)]) is None
    spool.close()
    leave(disk, 2)
    merged(disk)
    assert spool.holds_own()
    taken(disk)
    assert not spool.holds_own()


@pytest.mark.parametrize(("made", "changed", "age"), [(0, 0, True), (0, 6, False), (6, 6, False)])
def test_each_run_is_aged_by_its_own_clocks(disk, monkeypatch, made, changed, age):
    """Days before now plus ten: its header's stamp and its file's time must agree."""
    day = 86_400.0
    start = disk.clock.wall()
    disk.clock.jump(made * day)
    monkeypatch.setattr(record_format, "_boot", ["another boot"])
    os.utime(path(disk, leave(disk, session="old")), (start + changed * day,) * 2)
    disk.clock.jump((9 - made) * day)
    os.utime(path(disk, leave(disk, session="new")), (start + 9 * day,) * 2)
    assert len(merged(disk)) == 1
    monkeypatch.setattr(record_format, "_boot", ["this boot"])
    spool = disk.disk(run=False)
    assert spool.lock()
    batch = spool.take("metrics", 1_000)
    assert {run.header["metadata"]["session"]: run.expired for run in batch.runs} == {"old": age, "new": False}


def test_a_kill_at_any_step_loses_nothing_and_counts_nothing_twice(disk, tmp_path):
    steps = 0
    for step in range(100):
        leave(disk, RUNS)
        killed = FakeDisk(str(tmp_path))
        with killed.mounted(), killed.dying(step):
            merging.merge(directory(disk), disk.state(), FOREVER)
            died = killed.fault == "dead"
        release_all()
        assert waiting(disk)["metrics"] == RUNS, f"step {step}"
        assert taken(disk) == sessions(RUNS), f"step {step}"
        counts = directory_counts(disk.path, disk.state())
        assert (counts["waiting"]["metrics"], counts["delivered"]) == (0, {"metrics": RUNS * (step + 1)})
        assert os.listdir(directory(disk)) == []
        if not died:
            break
        steps += 1
    assert steps > 3 * RUNS  # marked, written and renamed, deleted


@pytest.mark.parametrize("step", range(25))
def test_an_opt_out_at_any_step_deletes_all_and_counts_it_once(disk, tmp_path, step):
    """It needs no lock of a sender's, and may come between two changes of the disk."""
    leave(disk, RUNS)
    hooked = OptOut(disk, str(tmp_path), step)
    with hooked.mounted():
        merging.merge(directory(disk), disk.state(), FOREVER)
    hooked.opt_out()
    counts = directory_counts(disk.path, disk.state())
    assert (counts["waiting"]["metrics"], counts["dropped"]) == (0, {OPTED_OUT: RUNS})
    assert os.listdir(directory(disk)) == []


class OptOut(FakeDisk):
    """A disk before whose change number `step` another process opts out, where it can have the state's lock."""

    def __init__(self, disk, path, step):
        super().__init__(path)
        self.disk = disk
        self.step = step

    def opt_out(self):
        discard(directory(self.disk), self.disk.state(), "metrics", OPTED_OUT)

    def _error(self, *, grows, within=False):
        self.step -= 1
        if self.step < 0:
            self.step = FOREVER  # for the changes of its own
            lock = FileLock(os.path.join(self.disk.path, "state.lock"))
            if lock.acquire():
                lock.release()
                self.opt_out()
            else:
                self.step = 0
        return super()._error(grows=grows, within=within)


class LockWatch(FakeDisk):
    """A disk that says when the state's lock was tried three times."""

    def __init__(self, path):
        super().__init__(path)
        self.tries = 0
        self.tried = threading.Event()

    def _open(self, path, flags, *rest, **options):
        self.tries += str(path).endswith("state.lock")
        if self.tries >= 3:
            self.tried.set()
        return super()._open(path, flags, *rest, **options)


def test_an_opt_out_ends_nothing_while_a_merged_segment_gets_its_name(disk, tmp_path):
    leave(disk, RUNS)
    watch, states = LockWatch(str(tmp_path)), []
    thread = threading.Thread(target=discard, args=(directory(disk), disk.state(), "metrics", OPTED_OUT))

    def publish(_):
        thread.start()
        assert watch.tried.wait(30)
        states.extend(name.state for name in segment_name.listed(directory(disk)))

    with watch.mounted():
        disk.state().change(publish)
        thread.join(30)
    assert states == ["wait"] * RUNS
    assert os.listdir(directory(disk)) == []


def test_an_opt_out_after_a_kill_deletes_the_parts_too(disk, tmp_path):
    leave(disk, RUNS)
    (name,) = merged(disk)
    part = leave(disk)
    segment = Path(path(disk, name))
    runs = segment.read_bytes().partition(b"\n")[2]
    segment.write_bytes(record_format.header({"merged": [part.identity]}) + runs)
    os.rename(path(disk, part), path(disk, part.changed(SENDING)))
    assert waiting(disk)["metrics"] == RUNS, "a part counts nothing"
    assert discard(directory(disk), disk.state(), "metrics", OPTED_OUT) == RUNS
    assert os.listdir(directory(disk)) == []
