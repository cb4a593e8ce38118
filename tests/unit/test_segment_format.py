"""A segment's name, its format, and the header of its run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk.spool import record_format, segment_name
from telemetry_sdk.spool.record_format import CLOCK_DIFFERENCE, MAX_AGE, DamagedSegment, NewerSegment, boot_id, expired
from telemetry_sdk.spool.segment_name import DAMAGED, DELIVERED, ENDED, OPEN, SENDING, WAITING, SegmentName
from tests.unit.harness import METADATA, event

fates = st.dictionaries(st.sampled_from([DELIVERED, "status_400", "expired"]), st.integers(1, 50), max_size=3)


class TestSegmentName:
    @given(
        st.text("0123456789abcdef-", min_size=1, max_size=30),
        st.integers(0, 10**9),
        st.sampled_from(["metrics", "errors"]),
        st.integers(0, 500),
        st.integers(0, 9),
        fates,
        st.sampled_from([OPEN, WAITING, SENDING, ENDED, DAMAGED]),
    )
    def test_a_name_reads_back(self, run, number, service, more, tries, fates, state):
        count = more + sum(fates.values())
        name = SegmentName(run, number, service, count=count, tries=tries, fates=fates, state=state)
        found = segment_name.parse(str(name))
        assert found is not None
        assert [getattr(found, slot) for slot in SegmentName.__slots__] == [
            getattr(name, slot) for slot in SegmentName.__slots__
        ]
        assert found.waiting == more

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "a.1.m.1.0.-",
            "a.1.m.1.0.-.wait.x",
            "a.1.x.1.0.-.wait",
            "a.one.m.1.0.-.wait",
            "a.1.m.one.0.-.wait",
            "a.1.m.1.one.-.wait",
            "a.1.m.1.0.delivered.wait",
            "a.1.m.1.0.delivered=x.wait",
            "a.1.m.1.0.delivered=2.wait",
        ],
    )
    def test_another_file_is_no_segment(self, text):
        assert segment_name.parse(text) is None

    def test_a_change_keeps_the_key_and_adds_fates(self):
        name = SegmentName("a", 1, "metrics", count=5, fates={DELIVERED: 1})
        changed = name.changed(WAITING, tries=2, fates={DELIVERED: 2, "expired": 1})
        assert (changed.key, changed.tries, changed.fates) == (name.key, 2, {DELIVERED: 3, "expired": 1})
        assert changed.ended("spool_full").text == "a.000001.m.5.2.delivered=3,expired=1,spool_full=1.end"

    def test_names_are_listed_oldest_first(self, tmp_path):
        names = [SegmentName(run, number, "metrics") for run in ("1", "2") for number in (1, 2, 10)]
        for name in (*reversed(names), "state.json", "x.tmp"):
            (tmp_path / str(name)).write_bytes(b"")
        assert list(map(str, segment_name.listed(str(tmp_path)))) == list(map(str, names))
        assert segment_name.listed(str(tmp_path / "none")) == []


class TestRecordFormat:
    def data(self, *payloads, **fields):
        return record_format.header({"metadata": METADATA, **fields}) + b"".join(map(record_format.line, payloads))

    @given(st.lists(st.dictionaries(st.text(), st.integers() | st.text() | st.none()), max_size=5))
    def test_a_segment_reads_back(self, values):
        payloads = list(map(compact, values))
        [(head, found)] = record_format.parse(self.data(*payloads, service="metrics"))
        assert (head["v"], head["service"], found) == (record_format.VERSION, "metrics", payloads)

    @given(st.integers(0, 10_000))
    def test_a_torn_tail_is_cut(self, cut):
        whole = self.data(event(1), event(2))
        first = len(self.data(event(1)))
        torn = whole[: max(first, len(whole) - 1 - cut)]
        assert record_format.parse(torn)[0][1] == [event(1)]

    @given(st.data())
    def test_a_damaged_byte_harms_its_own_line_only(self, data):
        payloads = [event(1), event(2), event(3)]
        whole = bytearray(self.data(*payloads))
        at = data.draw(st.integers(len(self.data(event(1))), len(self.data(event(1), event(2))) - 2))
        whole[at] ^= 1 << data.draw(st.integers(0, 2))
        found = record_format.parse(bytes(whole))[0][1]
        assert (found[0], found[-1]) == (event(1), event(3))
        assert set(found[1:-1]) <= {event(2), None}, "a blank before the payload holds nothing"
        assert event(2) in bytes(whole) or found[1] is None

    def test_a_segment_of_another_version_is_left_alone(self):
        with pytest.raises(NewerSegment):
            record_format.parse(record_format.line(b'{"v":99}'))

    @pytest.mark.parametrize(
        "head", [b"", b"\n", b"x\n", record_format.line(b"[]"), record_format.line(b"[" * 100_000), b"zzzzzzzz 0 {}\n"]
    )
    def test_a_segment_without_a_header_is_damaged(self, head):
        with pytest.raises(DamagedSegment):
            record_format.parse(head)

    def test_a_header_without_metadata_is_damaged(self):
        with pytest.raises(DamagedSegment):
            record_format.parse(record_format.header({"metadata": None}))

    def test_no_record_holds_nan(self):
        with pytest.raises(ValueError, match="Out of range"):
            compact({"n": float("nan")})


class TestRunHeader:
    def test_a_header_holds_what_a_sender_needs(self, disk, clock):
        fields = disk.header().fields("metrics")
        assert fields == {
            "service": "metrics",
            "metadata": METADATA,
            "revocations": 0,
            "ledger": True,
            "boot": boot_id(),
            "monotonic": clock.monotonic(),
            "wall": clock.wall(),
        }
        assert record_format.parse(disk.header().line("metrics"))[0][0] == {"v": record_format.VERSION, **fields}

    def test_there_is_none_without_metadata(self, disk):
        disk.metadata.missing.add("metrics")
        assert disk.header().line("metrics") is None
        assert disk.header().line("errors") is not None

    def test_a_segment_of_this_boot_ages_by_the_monotonic_clock(self, disk, clock, monkeypatch):
        monkeypatch.setattr(record_format, "_BOOT_ID", __file__)  # a system that says which boot it is
        head = disk.header().fields("metrics")
        clock.advance(MAX_AGE)
        clock.jump(10 * MAX_AGE)
        assert not expired(head, 0.0, clock=clock.monotonic, wall=clock.wall)
        clock.advance(1)
        clock.jump(-100 * MAX_AGE)
        assert expired(head, 0.0, clock=clock.monotonic, wall=clock.wall)

    @pytest.mark.parametrize(
        ("age", "difference", "gone"),
        [
            (MAX_AGE + 1, 0.0, True),
            (MAX_AGE - 1, 0.0, False),
            (MAX_AGE * 9, CLOCK_DIFFERENCE - 1, True),
            (MAX_AGE * 9, CLOCK_DIFFERENCE + 1, False),
            (MAX_AGE * 9, -CLOCK_DIFFERENCE - 1, False),
            (MAX_AGE + 1, CLOCK_DIFFERENCE - 1, False),  # the younger of two clocks counts
        ],
    )
    def test_a_segment_of_another_boot_ages_where_two_clocks_agree(self, disk, clock, age, difference, gone):
        head = {**disk.header().fields("metrics"), "boot": "another"}
        changed = clock.wall() + difference
        clock.advance(age)
        assert expired(head, changed, clock=clock.monotonic, wall=clock.wall) is gone

    @pytest.mark.parametrize("stamp", [None, "x", True, 3])
    def test_a_header_without_a_time_ages_nothing(self, clock, stamp):
        head = {"boot": "another", "wall": stamp, "monotonic": stamp}
        assert not expired(head, 0.0, clock=clock.monotonic, wall=clock.wall)

    def test_a_system_without_boot_ids_has_none(self, monkeypatch):
        monkeypatch.setattr(record_format, "_boot", [])
        monkeypatch.setattr(record_format, "_BOOT_ID", "/nowhere/boot_id")
        assert boot_id() is None
