"""Writing segments, closing those of dead writers, and making batches of them."""

from __future__ import annotations

import errno
import os
import sys

import pytest
from hypothesis import strategies as st

from telemetry_sdk._internal.ids import new_run
from telemetry_sdk.losses import NO_INSTALLATION_ID
from telemetry_sdk.spool import record_format, segment_name
from telemetry_sdk.spool.adoption import adopt
from telemetry_sdk.spool.batch import BATCH_EVENTS, Batch, BatchBuilder, RunRecords, Segment
from telemetry_sdk.spool.quota import Quota
from telemetry_sdk.spool.segment_name import DAMAGED, DELIVERED, OPEN, WAITING, SegmentName
from telemetry_sdk.spool.segment_writer import SEGMENT_BYTES, SEGMENT_SECONDS, NoMetadata, SegmentWriter
from telemetry_sdk.storage import files
from tests.unit.harness import event, records

fates = st.dictionaries(st.sampled_from([DELIVERED, "status_400", "expired"]), st.integers(1, 50), max_size=3)


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "spool"
    path.mkdir(mode=0o700)
    return str(path)


@pytest.fixture
def writer(directory, disk, clock):
    made = SegmentWriter(directory, disk.header(), Quota(directory, disk.state()), clock.monotonic)
    yield made
    made.abandon()


class TestSegmentWriter:
    def names(self, directory):
        return segment_name.listed(directory)

    @pytest.mark.skipif(sys.platform == "win32", reason="another lock")
    @pytest.mark.parametrize("service", ["metrics", "errors"])
    def test_a_sender_that_looks_at_each_new_file_costs_nothing(self, writer, directory, service):
        """It looks between the creation of the file and its lock: on a busy host the writer may wait long for both."""

        def look(_, what, function):
            if what == "c_call" and function.__name__ == "flock":
                (name,) = segment_name.listed(directory)
                adopt(directory, name)

        sys.setprofile(look)
        try:
            reason = writer.append(service, [b"{}"])
        finally:
            sys.setprofile(None)
        assert reason is None
        (name,) = self.names(directory)
        assert name.number == 1

    def test_events_share_an_open_segment_until_it_rotates(self, writer, directory):
        writer.append_events(records("metrics", 2))
        writer.append_events(records("metrics", 1))
        (name,) = self.names(directory)
        assert (name.state, name.run, name.text) == (OPEN, writer.run, writer.open_name)
        writer.rotate()
        (name,) = self.names(directory)
        assert (name.state, name.count, writer.open_name) == (WAITING, 3, None)
        writer.rotate()
        assert len(self.names(directory)) == 1

    def test_each_error_is_a_closed_segment(self, writer, directory):
        writer.append_error(b"{}")
        writer.append_error(b"{}")
        assert [(name.state, name.count, name.service) for name in self.names(directory)] == [
            (WAITING, 1, "errors")
        ] * 2

    def test_a_segment_closes_when_it_is_old(self, writer, directory, clock):
        writer.append_events([event()])
        clock.advance(SEGMENT_SECONDS - 1)
        writer.append_events([event()])
        assert writer.open_name is not None
        clock.advance(1)
        writer.append_events([event()])
        assert writer.open_name is None

    @pytest.mark.parametrize(("size", "count"), [(10, BATCH_EVENTS), (SEGMENT_BYTES, 1)])
    def test_a_segment_closes_when_it_is_full(self, writer, directory, size, count):
        writer.append_events([b"x" * size] * (count - 1))
        writer.append_events([b"x" * size])
        (name,) = self.names(directory)
        assert (name.state, name.count) == (WAITING, count)

    def test_a_segment_that_was_discarded_is_begun_anew(self, writer, directory):
        writer.append_events([event(1)])
        os.unlink(os.path.join(directory, writer.open_name))
        writer.append_events([event(2)])
        writer.rotate()
        (name,) = self.names(directory)
        assert record_format.parse(files.read(os.path.join(directory, name.text)))[0][1] == [event(2)]

    def test_a_directory_that_was_deleted_is_made_anew(self, writer, directory):
        os.rmdir(directory)
        writer.append_error(b"{}")
        assert len(self.names(directory)) == 1

    def test_a_directory_that_was_deleted_is_there_when_the_header_is_made(self, writer, directory, disk, monkeypatch):
        """The installation id is kept in it."""
        there = []
        monkeypatch.setattr(type(disk.metadata), "of", lambda *_: there.append(os.path.isdir(directory)))
        os.rmdir(directory)
        assert writer.append("metrics", [event(1)]) == NO_INSTALLATION_ID
        assert there == [True]

    def test_a_write_that_failed_leaves_no_torn_line(self, writer, directory, monkeypatch):
        writer.append_events([event(1)])
        write = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: full(write, descriptor, data))
        with pytest.raises(OSError, match="full"):
            writer.append_events([event(2)])
        monkeypatch.undo()
        writer.append_events([event(3)])
        writer.rotate()
        (name,) = self.names(directory)
        assert record_format.parse(files.read(os.path.join(directory, name.text)))[0][1] == [event(1), event(3)]

    def test_a_torn_line_that_cannot_be_cut_off_is_the_last_of_its_segment(self, writer, directory, monkeypatch):
        writer.append_events([event(1)])
        write = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: full(write, descriptor, data))
        monkeypatch.setattr(os, "ftruncate", lambda descriptor, length: full(write, descriptor, b""))
        with pytest.raises(OSError, match="full"):
            writer.append_events([event(2)])
        monkeypatch.undo()
        writer.append_events([event(3)])
        writer.rotate()
        closed = [name if name.count else adopt(directory, name) for name in self.names(directory)]
        parsed = [record_format.parse(files.read(os.path.join(directory, name.text))) for name in closed]
        assert [runs[0][1][: name.count] for runs, name in zip(parsed, closed, strict=True)] == [[event(1)], [event(3)]]

    @pytest.mark.parametrize(("calls", "kept"), [(["rename"], False), (["rename", "unlink"], True)])
    def test_an_error_whose_segment_cannot_be_closed_is_kept_or_refused(
        self, writer, directory, monkeypatch, calls, kept
    ):
        """Refused, it goes through memory: on disk as well, it would be sent twice."""
        for call in calls:
            monkeypatch.setattr(os, call, lambda *_: full(None, None, b""))
        if kept:
            writer.append_error(b"{}")
        else:
            with pytest.raises(OSError, match="full"):
                writer.append_error(b"{}")
        monkeypatch.undo()
        assert [adopt(directory, name).count for name in self.names(directory)] == [1] * kept

    def test_a_segment_that_cannot_be_begun_leaves_no_file(self, writer, directory, monkeypatch):
        write = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: full(write, descriptor, data))
        for append in (lambda: writer.append_events([event()]), lambda: writer.append_error(b"{}")):
            with pytest.raises(OSError, match="full"):
                append()
        assert os.listdir(directory) == []

    def test_nothing_is_written_without_metadata(self, writer, directory, disk):
        disk.metadata.missing |= {"metrics", "errors"}
        with pytest.raises(NoMetadata):
            writer.append_events([event()])
        with pytest.raises(NoMetadata):
            writer.append_error(b"{}")
        assert os.listdir(directory) == []

    def test_runs_are_named_by_time_and_at_random(self):
        runs = [new_run() for _ in range(100)]
        assert len(set(runs)) == 100
        assert [run.partition("-")[0] for run in runs] == sorted(run.partition("-")[0] for run in runs)


def full(write, descriptor, data):
    """Write half, then nothing more: the disk is full."""
    if len(data) < 40:
        raise OSError(errno.ENOSPC, "full")
    return write(descriptor, bytes(data[: len(data) // 2]))


class TestAdoption:
    def plant(self, directory, data, number=1):
        name = SegmentName("0-dead", number, "metrics")
        with open(os.path.join(directory, name.text), "wb") as file:
            file.write(data)
        return name

    def test_a_living_writers_segment_is_left_unless_forced(self, writer, directory):
        writer.append_events([event()])
        (name,) = segment_name.listed(directory)
        assert adopt(directory, name) is None
        assert writer.open_name == name.text
        assert adopt(directory, name, force=True).count == 1

    def test_a_dead_writers_segment_is_closed_with_its_count(self, disk, directory):
        name = self.plant(directory, disk.header().line("metrics") + record_format.line(event()) * 3 + b"torn")
        adopted = adopt(directory, name)
        assert (adopted.count, adopted.state, adopted.key) == (3, WAITING, name.key)
        assert list(map(str, segment_name.listed(directory))) == [str(adopted)]

    def test_an_empty_one_is_deleted(self, disk, directory):
        assert adopt(directory, self.plant(directory, disk.header().line("metrics"))) is None
        assert os.listdir(directory) == []

    @pytest.mark.parametrize("length", [0, 1, 40])
    def test_one_whose_writer_was_killed_before_its_header_was_whole_held_no_record(self, disk, directory, length):
        name = self.plant(directory, disk.header().line("metrics")[:length])
        os.utime(os.path.join(directory, name.text), (0, 0))
        assert adopt(directory, name) is None
        assert os.listdir(directory) == []

    def test_a_damaged_one_is_set_aside_and_counted(self, directory):
        assert adopt(directory, self.plant(directory, b"no header\n")) is None
        (name,) = segment_name.listed(directory)
        assert (name.state, name.fates) == (DAMAGED, {"corrupt": 1})

    def test_one_of_a_newer_release_is_left(self, directory):
        name = self.plant(directory, record_format.line(b'{"v":99}'))
        assert adopt(directory, name) is None
        assert list(map(str, segment_name.listed(directory))) == [str(name)]

    def test_one_that_is_gone_or_a_link_is_left(self, directory, tmp_path):
        name = SegmentName("0-dead", 1, "metrics")
        assert adopt(directory, name) is None
        (tmp_path / "target").write_bytes(b"")
        os.symlink(tmp_path / "target", os.path.join(directory, name.text))
        assert adopt(directory, name) is None
        assert os.listdir(directory) == [name.text]


class TestBatch:
    def segment(self, count, **header):
        whole = {"metadata": {"user": "a", "session": "1"}, "revocations": 0, "ledger": True, **header}
        return Segment("name", [RunRecords(whole, [b"{}"] * count)], 0)

    def test_a_batch_is_the_records_of_its_segments(self):
        batch = Batch("metrics", [self.segment(2), self.segment(1)])
        assert (len(batch.payloads), len(batch.runs)) == (3, 2)

    @pytest.mark.parametrize(
        ("header", "fits"),
        [
            ({}, True),
            ({"wall": 5.0, "boot": "x"}, True),
            ({"metadata": {"user": "a", "session": "2", "app_version": "9", "environment": "x"}}, True),
            ({"metadata": {"user": "b"}}, False),
            ({"metadata": {"user": "a", "python": "3.9"}}, False),
            ({"metadata": {"user": "a", "sdk_version": "9"}}, False),
            ({"revocations": 1}, True),
            ({"ledger": False}, False),
        ],
    )
    def test_segments_share_a_batch_if_they_are_of_one_user_and_the_requests_metadata_are_the_same(self, header, fits):
        builder = BatchBuilder("metrics", 10)
        builder.add(self.segment(1, wall=1.0))
        assert builder.fits(self.segment(1, **header)) is fits

    def test_a_batch_has_a_limit_that_its_first_segment_may_exceed(self):
        builder = BatchBuilder("metrics", 10)
        assert builder.batch() is None
        assert builder.fits(self.segment(25))
        builder.add(self.segment(6))
        assert (builder.full, builder.fits(self.segment(4)), builder.fits(self.segment(5))) == (False, True, False)
        builder.add(self.segment(4))
        assert builder.full
