"""The spool on disk: one sender, full and broken disks; and the caps of the spool in memory."""

from __future__ import annotations

import errno
import os
import sys
import threading

import pytest

from telemetry_sdk.losses import CLOSED, CORRUPT, DISK_FULL, MEMORY_FULL, OPTED_OUT, SPOOL_FULL
from telemetry_sdk.spool import memory, record_format, segment_name
from telemetry_sdk.spool.accounts import directory_counts, discard
from telemetry_sdk.spool.disk import DiskSpool
from telemetry_sdk.spool.memory import MemorySpool
from telemetry_sdk.spool.record_format import MAX_AGE
from telemetry_sdk.spool.segment_name import DAMAGED, DELIVERED, ENDED, SENDING, WAITING
from telemetry_sdk.spool.segment_writer import LOOK, SEGMENT_BYTES
from telemetry_sdk.storage.files import Untrusted
from telemetry_sdk.storage.shared_state import SharedState
from tests.unit.harness import error, event, plant, records


@pytest.fixture
def spool(disk):
    made = disk.disk()
    yield made
    made.close()


def names(spool):
    return segment_name.listed(spool.directory)


def states(spool):
    return [name.state for name in names(spool)]


class TestDiskSpool:
    def test_a_directory_of_somebody_else_is_not_used(self, disk, state_dir, tmp_path):
        os.rmdir(state_dir)
        os.symlink(tmp_path, state_dir)
        with pytest.raises(Untrusted):
            disk.disk()

    def test_one_sender_at_a_time(self, disk, spool):
        other = disk.disk(run=False)
        spool.close()
        assert spool.lock()
        assert not other.lock()
        spool.unlock()
        other.close()
        assert other.lock()
        other.unlock()

    def test_a_lock_that_cannot_be_had_sends_nothing(self, disk, spool, state_dir):
        os.mkdir(state_dir / "sender.lock")
        assert spool.lock() is False

    def test_a_dead_senders_batch_is_taken_again(self, disk, spool):
        spool.append("errors", [error()])
        spool.close()
        assert spool.lock()
        assert spool.take("errors", 1) is not None
        assert states(spool) == [SENDING]
        assert spool.take("errors", 1).payloads == [error()]

    def test_a_batch_whose_fate_cannot_be_written_is_not_sent_twice(self, spool, monkeypatch):
        """Read-only since the request: the rename is made up for at the next look."""
        spool.append("errors", [error()])
        spool.close()
        assert spool.lock()
        batch = spool.take("errors", 1)
        rename = os.rename
        monkeypatch.setattr(os, "rename", broken(errno.EROFS))
        spool.settle(batch, [[DELIVERED]])
        assert spool.take("errors", 1) is None
        monkeypatch.setattr(os, "rename", rename)
        assert spool.take("errors", 1) is None
        assert states(spool) == [ENDED]
        spool.unlock()
        assert spool.counts()["delivered"] == {"errors": 1}

    def test_nothing_is_taken_that_cannot_be_marked(self, spool, monkeypatch):
        spool.append("errors", [error()])
        spool.close()
        assert spool.lock()
        monkeypatch.setattr(os, "rename", broken(errno.EROFS))
        assert spool.take("errors", 1) is None
        assert spool.problem == f"{spool.directory} cannot be written: broken"
        monkeypatch.undo()
        assert spool.take("errors", 1) is not None

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
    def test_a_full_disk_drops_the_oldest_metrics_of_this_run_and_tries_again(self, spool, monkeypatch, number):
        spool.append("metrics", [event(1)])
        spool.close()
        spool.lock()
        write, calls = os.write, []

        def once(descriptor, data):
            calls.append(1)
            if len(calls) == 1:
                raise OSError(number, "full")
            return write(descriptor, data)

        monkeypatch.setattr(os, "write", once)
        assert spool.append("errors", [error()]) is None
        assert spool.counts()["dropped"] == {DISK_FULL: 1}
        assert spool.counts()["waiting"] == {"metrics": 0, "errors": 1}

    def test_a_full_disk_with_nothing_to_drop_loses_the_record_for_the_true_reason(self, spool, monkeypatch):
        monkeypatch.setattr(os, "write", broken(errno.ENOSPC))
        assert spool.append("errors", [error()]) == DISK_FULL

    def test_a_segment_that_waited_too_long_is_expired(self, disk, spool, clock):
        spool.append("metrics", records("metrics", 3))
        spool.close()
        clock.advance(MAX_AGE + 1)
        (name,) = names(spool)
        sender = disk.disk(run=False)
        assert sender.lock()
        os.utime(os.path.join(spool.directory, str(name)), (clock.wall() - MAX_AGE - 1,) * 2)
        assert sender.take("metrics", 1_000) is None
        assert sender.counts()["dropped"] == {"expired": 3}

    def test_a_record_that_was_torn_off_a_closed_segment_is_corrupt(self, spool):
        spool.append("metrics", records("metrics", 3))
        spool.close()
        assert spool.lock()
        (name,) = names(spool)
        path = os.path.join(spool.directory, str(name))
        os.truncate(path, os.path.getsize(path) - 3)
        assert spool.take("metrics", 1_000).payloads == [event(1), event(2), None]

    def test_a_damaged_segment_is_set_aside(self, spool):
        plant(spool.directory, count=7)
        spool.close()
        assert spool.lock()
        assert spool.take("metrics", 1_000) is None
        assert states(spool) == [DAMAGED]
        assert spool.counts()["dropped"] == {CORRUPT: 7}

    def test_a_segment_of_a_newer_release_waits_for_it(self, spool):
        name = plant(spool.directory)
        with open(os.path.join(spool.directory, str(name)), "wb") as file:
            file.write(record_format.line(b'{"v":99}'))
        spool.close()
        assert spool.lock()
        assert spool.take("metrics", 1_000) is None
        assert states(spool) == [WAITING]

    def test_records_of_other_runs_are_not_this_runs(self, spool):
        plant(spool.directory)
        assert not spool.holds_own()

    def test_a_service_is_discarded_without_a_spool(self, disk, spool):
        spool.append("metrics", records("metrics", 4))
        spool.append("errors", [error()])
        state = SharedState(spool.path)
        assert discard(spool.directory, state, "metrics", OPTED_OUT) == 4
        assert directory_counts(spool.path, state) == spool.counts()
        assert spool.counts() == {
            "waiting": {"metrics": 0, "errors": 1},
            "delivered": {},
            "dropped": {"opted_out": 4},
        }
        assert discard(spool.directory + "-none", state, "metrics", OPTED_OUT) == 0


def broken(number):
    def fail(*_):
        raise OSError(number, "broken")

    return fail


def test_where_other_runs_fill_the_spool_the_oldest_metrics_go(disk):
    old, full = disk.disk(), 2 * SEGMENT_BYTES
    for _ in range(3):
        old.append("metrics", records("metrics", 1_000))
    old.close()
    new = DiskSpool(disk.path, SharedState(disk.path), disk.header(), max_bytes=full)
    assert old.lock()
    assert new.append("metrics", [event(1)]) == SPOOL_FULL, "a sender is at work: it may be sending them"
    old.unlock()
    assert new.append("metrics", [event(1)]) is None
    counts = new.counts()
    assert counts["dropped"][SPOOL_FULL] in {1_000, 2_000}
    assert counts["waiting"]["metrics"] == 3_001 - counts["dropped"][SPOOL_FULL]


def test_a_damaged_segment_is_deleted_with_its_service_and_counted_once(disk):
    spool, another = disk.disk(), disk.disk()
    another.append("metrics", [event(1)])
    (path,) = [os.path.join(spool.directory, name.text) for name in names(spool)]
    with open(path, "r+b") as file:
        file.write(b"damaged")
    spool.discard("metrics", OPTED_OUT)
    assert [name for name in names(spool) if name.state != ENDED] == []
    assert spool.counts()["dropped"] == {CORRUPT: 1}
    spool.discard("metrics", OPTED_OUT)
    assert spool.counts()["dropped"] == {CORRUPT: 1}


@pytest.mark.parametrize(("age", "kept"), [(MAX_AGE - 1, True), (MAX_AGE + 1, False)])
def test_a_damaged_segment_is_kept_for_a_week_and_stays_counted(disk, clock, age, kept):
    spool = disk.disk(run=False)
    name = plant(spool.directory, state=DAMAGED, fates={CORRUPT: 1})
    path = os.path.join(spool.directory, name.text)
    os.utime(path, (clock.wall() - age,) * 2)
    for _ in range(2):
        assert spool.lock()
        spool.unlock()
        assert os.path.exists(path) is kept
        assert spool.counts()["dropped"] == {CORRUPT: 1}


def test_a_damaged_segment_that_could_not_be_counted_stays(disk, clock, monkeypatch):
    spool = disk.disk(run=False)
    name = plant(spool.directory, state=DAMAGED, fates={CORRUPT: 1})
    os.utime(os.path.join(spool.directory, name.text), (clock.wall() - MAX_AGE - 1,) * 2)
    monkeypatch.setattr(os, "replace", broken(errno.EROFS))
    assert spool.lock()
    spool.unlock()
    assert spool.counts()["dropped"] == {CORRUPT: 1}


def test_an_opt_out_of_a_directory_that_cannot_be_listed_raises_nothing(spool, monkeypatch):
    """Too many files are open: the revocation keeps from being sent what is left."""
    spool.append("errors", [error()])
    monkeypatch.setattr(os, "listdir", broken(errno.EMFILE))
    spool.discard("errors", OPTED_OUT)
    monkeypatch.undo()
    assert states(spool) == [WAITING]
    spool.discard("errors", OPTED_OUT)
    assert spool.counts()["dropped"] == {OPTED_OUT: 1}


@pytest.fixture
def switching():
    """Switch threads as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("switching")
def test_each_event_is_written_once_while_the_sender_closes_segments(disk):
    spool = disk.make()
    done = threading.Event()

    def close():
        while not done.is_set():
            spool.close()

    closing = threading.Thread(target=close)
    closing.start()
    try:
        for n in range(1_000):
            assert spool.append("metrics", [event(n)]) is None
    finally:
        done.set()
        closing.join()
    spool.close()
    assert spool.counts()["waiting"]["metrics"] == 1_000


class TestBrokenDirectory:
    """While the directory cannot be written, new records are kept in memory and what is on disk is left."""

    @pytest.fixture(params=[errno.EROFS, errno.EACCES, errno.EIO, errno.EFBIG])
    def broken_disk(self, spool, monkeypatch, request):
        spool.append("metrics", [event(1)])
        spool.close()
        monkeypatch.setattr(os, "rename", broken(request.param))
        monkeypatch.setattr(os, "write", broken(request.param))
        return spool

    def sent(self, spool, service):
        """Take all that can be taken and settle it."""
        found = []
        spool.close()
        assert spool.lock()
        while batch := spool.take(service, 1_000):
            found += batch.payloads
            spool.settle(batch, [[DELIVERED] * len(segment.payloads) for segment in batch.segments])
        spool.unlock()
        return found

    def test_new_records_are_kept_in_memory_and_sent_from_there(self, broken_disk):
        assert broken_disk.append("metrics", [event(2)]) is None
        assert broken_disk.append("errors", [error(3)]) is None
        assert broken_disk.path is None
        assert broken_disk.counts()["waiting"] == {"metrics": 2, "errors": 1}
        assert self.sent(broken_disk, "metrics") == [event(2)]
        assert self.sent(broken_disk, "errors") == [error(3)]
        assert broken_disk.holds_own(), "what is on disk is left"
        assert broken_disk.counts() == {
            "waiting": {"metrics": 1, "errors": 0},
            "delivered": {"metrics": 1, "errors": 1},
            "dropped": {},
        }

    def test_it_is_said(self, broken_disk):
        assert broken_disk.problem is None
        broken_disk.append("metrics", [event(2)])
        assert broken_disk.problem is not None
        assert f"{broken_disk.directory} cannot be written: " in broken_disk.problem

    def test_the_disk_is_used_again_when_it_can_be(self, broken_disk, monkeypatch):
        broken_disk.append("metrics", [event(2)])
        monkeypatch.undo()
        assert broken_disk.append("metrics", [event(3)]) is None
        assert (broken_disk.problem, broken_disk.path) == (None, None), "a record is still in memory"
        assert sorted(self.sent(broken_disk, "metrics")) == sorted([event(1), event(2), event(3)])
        assert broken_disk.path is not None

    def test_an_opt_out_drops_what_is_in_memory(self, broken_disk):
        broken_disk.append("errors", [error(2)])
        broken_disk.discard("errors", OPTED_OUT)
        assert broken_disk.counts()["dropped"] == {OPTED_OUT: 1}
        assert self.sent(broken_disk, "errors") == []

    def test_records_in_memory_are_sent_while_another_process_sends_or_no_lock_can_be_had(self, disk, broken_disk):
        broken_disk.append("errors", [error(2)])
        other = disk.disk(run=False)
        assert other.lock()
        assert self.sent(broken_disk, "errors") == [error(2)]
        other.unlock()
        broken_disk.append("errors", [error(3)])
        os.unlink(os.path.join(disk.path, "sender.lock"))
        os.mkdir(os.path.join(disk.path, "sender.lock"))
        assert self.sent(broken_disk, "errors") == [error(3)]

    def test_the_end_drops_what_is_in_memory(self, broken_disk):
        broken_disk.append("errors", [error(2)])
        assert broken_disk.end() == 1
        counts = broken_disk.counts()
        assert (counts["waiting"], counts["dropped"]) == ({"metrics": 1, "errors": 0}, {CLOSED: 1})
        assert broken_disk.path is None, "nothing more can be handed over"

    @pytest.mark.parametrize("held", [True, False])
    def test_after_the_end_nothing_is_kept_in_memory(self, broken_disk, held):
        if held:
            broken_disk.append("errors", [error(2)])
        broken_disk.end()
        assert broken_disk.append("errors", [error(3)]) == CLOSED
        assert broken_disk.counts()["waiting"] == {"metrics": 1, "errors": 0}

    def test_what_the_cap_of_memory_dropped_is_lost_too(self, broken_disk, monkeypatch):
        monkeypatch.setattr(memory, "CAP", 2 * len(event(1)))
        broken_disk.append("metrics", records("metrics", 2))
        assert broken_disk.append("errors", [event(9)]) is None
        assert broken_disk.end() == 3

    def test_a_child_of_a_fork_leaves_memory_to_its_parent(self, broken_disk):
        broken_disk.append("errors", [error(2)])
        broken_disk.forget()
        assert broken_disk.counts()["waiting"]["errors"] == 0


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX owners")
class TestReplacedDirectory:
    """At each new segment every level of the state directory has to be the user's own, as at the start."""

    @pytest.fixture
    def foreign(self, monkeypatch):
        """Make a path another user's."""

        def make(path):
            lstat, stat = os.lstat, os.stat
            inode = lstat(path).st_ino

            def of(found):
                if found.st_ino != inode:
                    return found
                return os.stat_result([*found[:4], os.geteuid() + 1, *found[5:]])

            monkeypatch.setattr(os, "lstat", lambda *args, **options: of(lstat(*args, **options)))
            monkeypatch.setattr(os, "stat", lambda *args, **options: of(stat(*args, **options)))

        return make

    @pytest.mark.parametrize("level", ["..", ".", "spool"])
    @pytest.mark.parametrize("service", ["metrics", "errors"])
    def test_another_users_is_not_written_to(self, disk, spool, foreign, level, service):
        spool.append(service, [event(1)])
        spool.close()
        path = os.path.normpath(os.path.join(disk.path, level))
        foreign(path)
        if level == "..":  # the application's directory is looked at once a second
            disk.clock.advance(LOOK)
        before = os.listdir(spool.directory)
        assert spool.append(service, [event(2)]) is None
        assert os.listdir(spool.directory) == before
        assert spool.path is None
        assert spool.problem.startswith(f"{spool.directory} cannot be written: ")
        assert "another user's" in spool.problem
        assert spool.problem.endswith(path)

    def test_one_that_is_a_link_now_is_not_written_to(self, disk, spool, tmp_path):
        os.rename(disk.path, tmp_path / "moved")
        os.symlink(tmp_path / "moved", disk.path)
        assert spool.append("errors", [error(1)]) is None
        assert os.listdir(spool.directory) == []
        assert spool.problem.endswith(f"not a directory: {disk.path}")

    def test_one_that_was_opened_to_others_is_closed_to_them(self, disk, spool):
        for path in (disk.path, spool.directory):
            os.chmod(path, 0o777)
        assert spool.append("errors", [error(1)]) is None
        assert [os.stat(path).st_mode & 0o777 for path in (disk.path, spool.directory)] == [0o700] * 2
        assert spool.path is not None


class TestMemorySpool:
    @pytest.fixture
    def small(self, disk, monkeypatch):
        monkeypatch.setattr(memory, "CAP", 4 * len(event(1)))
        return MemorySpool(disk.header())

    def test_full_the_oldest_metrics_go_first(self, small):
        small.append("metrics", records("metrics", 2))
        small.close()
        batch = small.take("metrics", 1_000)
        small.append("metrics", [event(3), event(4)])  # a segment of its own, since the first is being sent
        small.settle(batch, [[]])
        assert small.append("errors", [event(9)]) is None
        small.close()
        assert small.take("metrics", 1_000).payloads == [event(3), event(4)]
        assert small.counts()["dropped"] == {SPOOL_FULL: 2}

    def test_an_error_pushes_metrics_out(self, small):
        small.append("metrics", records("metrics", 4))
        assert small.append("errors", [event(9)]) is None
        assert small.counts() == {
            "waiting": {"metrics": 0, "errors": 1},
            "delivered": {},
            "dropped": {SPOOL_FULL: 4},
        }

    def test_errors_are_not_pushed_out(self, small):
        for n in range(4):
            assert small.append("errors", [event(n)]) is None
        assert small.append("metrics", [event(9)]) == MEMORY_FULL
        assert small.append("errors", [event(9)]) == MEMORY_FULL
        assert small.counts()["waiting"] == {"metrics": 0, "errors": 4}

    def test_what_is_being_sent_is_not_pushed_out(self, small):
        small.append("metrics", records("metrics", 4))
        small.close()
        batch = small.take("metrics", 1_000)
        assert small.append("errors", [event(9)]) == MEMORY_FULL
        small.settle(batch, [[DELIVERED] * 4])
        assert small.append("errors", [event(9)]) is None

    def test_events_that_come_while_a_batch_is_sent_are_not_part_of_it(self, small):
        small.append("metrics", [event(1)])
        small.close()
        batch = small.take("metrics", 1_000)
        small.append("metrics", [event(2)])
        small.settle(batch, [[DELIVERED]])
        assert small.counts()["delivered"] == {"metrics": 1}
        small.close()
        assert small.take("metrics", 1_000).payloads == [event(2)]

    def test_settled_records_give_their_bytes_back(self, small):
        for _ in range(3):
            assert small.append("metrics", records("metrics", 4)) is None
            small.close()
            small.settle(small.take("metrics", 1_000), [[DELIVERED] * 4])
        assert small.counts()["dropped"] == {}
