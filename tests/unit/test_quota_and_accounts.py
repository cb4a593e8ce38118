"""The quota of a spool on disk, and its accounts."""

from __future__ import annotations

import os

import pytest

from telemetry_sdk.losses import CORRUPT, DISK_FULL, SPOOL_FULL
from telemetry_sdk.spool import accounts, segment_name
from telemetry_sdk.spool.quota import BLOCK, FULL, RECOUNT, UNCHANGED, Quota, QuotaExceeded
from telemetry_sdk.spool.segment_name import DAMAGED, DELIVERED, ENDED, OPEN, SENDING, WAITING
from telemetry_sdk.storage.shared_state import SharedState
from tests.unit.harness import error, event, plant, records


@pytest.fixture
def spool(disk):
    made = disk.disk()
    yield made
    made.close()


def allocated(path):
    return os.lstat(path).st_blocks * 512


class TestQuota:
    @pytest.fixture
    def directory(self, state_dir):
        return str(state_dir / "spool")

    @pytest.fixture
    def state(self, state_dir):
        return SharedState(str(state_dir))

    def test_the_oldest_closed_metrics_of_the_run_go_first(self, directory, state):
        kept = [
            plant(directory, run="1-run", number=1, state=OPEN, count=0),
            plant(directory, run="1-run", number=2, service="errors"),
            plant(directory, run="1-run", number=3, state=SENDING),
            plant(directory, run="0-other", number=4),
        ]
        gone = [plant(directory, run="1-run", number=number, count=number) for number in (5, 6)]
        newest = plant(directory, run="1-run", number=7)
        assert Quota(directory, state).evict(2 * BLOCK, "1-run") == 2 * BLOCK
        ended = [name.ended(SPOOL_FULL) for name in gone]
        assert {str(name) for name in segment_name.listed(directory)} == set(map(str, (*kept, *ended, newest)))
        assert {os.path.getsize(os.path.join(directory, str(name))) for name in ended} == {0}

    def test_without_a_run_those_of_all_runs_go(self, directory, state):
        plant(directory, run="0-other")
        plant(directory, run="1-run")
        assert Quota(directory, state).evict(2 * BLOCK) == 2 * BLOCK

    def test_damaged_segments_go_before_any_other(self, directory, state):
        plant(directory, run="0-a")
        plant(directory, run="1-b", state=DAMAGED, fates={CORRUPT: 1})
        Quota(directory, state).evict(1)
        assert [name.state for name in segment_name.listed(directory)] == [WAITING, ENDED]

    def test_a_claim_makes_space_or_is_refused(self, directory, state):
        os.makedirs(directory)
        quota = Quota(directory, state, max_bytes=allocated(directory) + 3 * BLOCK)
        quota.claim(BLOCK, "1-run")
        plant(directory, run="1-run", number=1)
        quota.claim(2 * BLOCK, "1-run")
        plant(directory, run="1-run", number=2, size=2 * BLOCK, service="errors")
        quota.claim(1, "1-run")
        assert segment_name.listed(directory)[0].fates == {SPOOL_FULL: 1}
        plant(directory, run="1-run", number=3, service="errors")
        with pytest.raises(QuotaExceeded):
            quota.claim(1, "1-run")

    def test_the_directory_is_counted_again_after_a_while(self, directory, state):
        quota = Quota(directory, state, max_bytes=4 * RECOUNT)
        quota.claim(1, "1-run")
        plant(directory, run="0-other", size=4 * RECOUNT)  # another process's
        quota.claim(RECOUNT, "1-run")
        with pytest.raises(QuotaExceeded):
            quota.claim(1, "1-run")

    def test_too_many_files_are_refused_like_too_many_bytes(self, directory, state):
        for number in range(3):
            plant(directory, run="0-other", number=number, size=0)
        Quota(directory, state, max_files=4).claim(1, "1-run")
        with pytest.raises(QuotaExceeded):
            Quota(directory, state, max_files=3).claim(1, "1-run")

    def test_of_too_many_files_the_oldest_events_go_first(self, disk, state_dir):
        """Counted in the state, and their files deleted: an emptied file would still be one of too many."""
        spool = disk.disk(max_files=6)
        for number in range(1, 7):
            service = "errors" if number == 2 else "metrics"
            plant(spool.directory, service=service, run="0-other", number=number, count=number)
        assert spool.append("errors", [error()]) is None
        names = segment_name.listed(spool.directory)
        assert [name.number for name in names if name.run == "0-other"] == [2]
        assert len(names) == 2
        assert spool.counts()["dropped"] == {SPOOL_FULL: 1 + 3 + 4 + 5 + 6}
        spool.close()

    def test_a_full_directory_of_files_is_thinned_by_a_hundredth(self, directory, state):
        for number in range(1, 301):
            plant(directory, run="1-run", number=number, size=1)
        Quota(directory, state, max_files=300).claim(1, "1-run")
        assert [name.number for name in segment_name.listed(directory)] == list(range(4, 301))
        assert accounts.counts(directory, state)["dropped"] == {SPOOL_FULL: 3}

    def test_the_directory_itself_is_counted(self, directory, state):
        os.makedirs(directory)
        for number in range(500):  # its own blocks grow with the names in it, on file systems that have such
            with open(os.path.join(directory, f"{number:0200}"), "w"):
                pass
        own = allocated(directory)
        with pytest.raises(QuotaExceeded):
            Quota(directory, state, max_bytes=own + BLOCK - 1).claim(1, "1-run")
        Quota(directory, state, max_bytes=own + BLOCK).claim(1, "1-run")

    def test_a_full_directory_is_looked_at_again_only_when_it_has_changed(self, disk, spool, monkeypatch):
        """Else each record costs a call for every file: a third of a processor at eleven records a second."""
        planted = [
            plant(spool.directory, service="errors", run="0-other", number=number, size=8 << 20) for number in range(3)
        ]
        listings, listed = [], os.listdir

        def listdir(path):
            listings.append(path)
            return listed(path)

        monkeypatch.setattr(os, "listdir", listdir)
        assert spool.append("metrics", [event()]) == SPOOL_FULL
        assert listings
        listings.clear()
        for _ in range(20):
            assert spool.append("metrics", [event()]) == SPOOL_FULL
            assert spool.append("errors", [error()]) == SPOOL_FULL
        assert not listings
        os.unlink(os.path.join(spool.directory, str(planted[0])))  # delivered, by another process
        assert spool.append("errors", [error()]) is None

    def test_a_full_directory_is_looked_at_again_after_a_while(self, directory, state):
        """A change within the same tick of the file system's clock shows in no time stamp."""
        now = 1_000.0
        os.makedirs(directory)
        quota = Quota(directory, state, max_bytes=allocated(directory) + BLOCK, clock=lambda: now)
        planted = plant(directory, run="0-other", service="errors", size=2 * BLOCK)
        with pytest.raises(QuotaExceeded):
            quota.claim(1, "1-run")
        assert not quota.evict_others(1)
        stamp = os.stat(directory).st_mtime_ns
        os.unlink(os.path.join(directory, str(planted)))
        os.utime(directory, ns=(stamp, stamp))
        with pytest.raises(QuotaExceeded):
            quota.claim(1, "1-run")
        now += UNCHANGED
        quota.claim(1, "1-run")

    def test_a_full_disk_with_nothing_to_evict_is_left_for_a_while(self, directory, state, monkeypatch):
        """Each failed write changes the directory: 45 % of a processor beside 4,000 errors that wait."""
        now = 1_000.0
        plant(directory, run="0-other", service="errors")
        quota = Quota(directory, state, clock=lambda: now)
        listings, listed = [], os.listdir

        def listdir(path):
            listings.append(path)
            return listed(path)

        monkeypatch.setattr(os, "listdir", listdir)

        def evicted():
            with open(os.path.join(directory, "failed"), "w"):
                os.unlink(os.path.join(directory, "failed"))
            return quota.evict(1, "1-run", DISK_FULL) or quota.evict_others(1, DISK_FULL)

        assert not evicted()
        assert listings
        listings.clear()
        assert not any(evicted() for _ in range(20))
        assert not listings
        plant(directory, run="0-other", number=2)
        now += FULL
        assert evicted()

    def test_a_spool_at_its_quota_says_so(self, disk, spool):
        for name in range(3):
            plant(spool.directory, service="errors", run="0-other", number=name, size=8 << 20)
        assert spool.append("metrics", [event()]) == SPOOL_FULL
        assert spool.append("errors", [error()]) == SPOOL_FULL


class TestAccounts:
    @pytest.fixture
    def directory(self, state_dir):
        return str(state_dir / "spool")

    @pytest.fixture
    def state(self, state_dir):
        return SharedState(str(state_dir))

    def test_folding_adds_the_fates_of_ended_segments_and_deletes_them(self, directory, state):
        plant(directory, number=1, count=3, fates={DELIVERED: 2, "expired": 1}, state=ENDED)
        plant(directory, number=2, count=5, fates={DELIVERED: 1})
        plant(directory, number=3, service="errors", fates={DELIVERED: 1}, state=ENDED)
        before = accounts.counts(directory, state)
        assert before == {
            "waiting": {"metrics": 4, "errors": 0},
            "delivered": {"metrics": 3, "errors": 1},
            "dropped": {"expired": 1},
        }
        for _ in range(2):
            assert accounts.fold(directory, state)
            assert accounts.counts(directory, state) == before
            assert [name.number for name in segment_name.listed(directory)] == [2]

    def test_two_folds_at_once_count_a_segment_once(self, directory, state, state_dir):
        """One process has listed the ended segments; another folds them, and a later one, before it goes on."""

        class LateState(SharedState):
            def change(self, edit):
                assert accounts.fold(directory, state)
                plant(directory, number=2, fates={DELIVERED: 1}, state=ENDED)
                assert accounts.fold(directory, state)
                return super().change(edit)

        plant(directory, number=1, fates={DELIVERED: 1}, state=ENDED)
        assert accounts.fold(directory, LateState(str(state_dir)))
        assert accounts.counts(directory, state)["delivered"] == {"metrics": 2}

    def test_a_state_that_cannot_be_written_keeps_the_names(self, directory, state, state_dir):
        name = plant(directory, fates={DELIVERED: 1}, state=ENDED)
        os.mkdir(state_dir / "state.lock")
        before = accounts.counts(directory, state)
        assert not accounts.fold(directory, state)
        assert accounts.counts(directory, state) == before
        assert os.path.getsize(os.path.join(directory, str(name))) == 0

    def test_a_damaged_segment_stays_and_is_counted_once(self, directory, state):
        plant(directory, count=2, fates={CORRUPT: 2}, state=DAMAGED)
        for number in range(2, 5):
            plant(directory, number=number, fates={DELIVERED: 1}, state=ENDED)
            assert accounts.fold(directory, state)
            assert accounts.counts(directory, state)["dropped"] == {CORRUPT: 2}

    def test_a_damaged_state_counts_from_the_names_alone(self, directory, state, state_dir):
        plant(directory, fates={DELIVERED: 1}, state=ENDED)
        (state_dir / "state.json").write_text('{"v": 2, "delivered": 7, "folded": 9}')
        assert accounts.fold(directory, state)
        assert accounts.counts(directory, state)["delivered"] == {"metrics": 1}

    def test_a_table_of_counts_that_is_none_counts_nothing(self, directory, state, state_dir):
        plant(directory)
        (state_dir / "state.json").write_text('{"v": 2, "delivered": [7], "dropped": {"expired": "x", "disk_full": 2}}')
        counts = accounts.counts(directory, state)
        assert (counts["delivered"], counts["dropped"]) == ({}, {"disk_full": 2})

    def test_an_open_segment_counts_its_whole_records(self, spool, state):
        spool.append("metrics", records("metrics", 3))
        assert accounts.counts(spool.directory, state)["waiting"] == {"metrics": 3, "errors": 0}

    def test_an_open_segment_that_cannot_be_read_counts_nothing(self, directory, state):
        plant(directory, state=OPEN, count=0)
        assert accounts.counts(directory, state)["waiting"] == {"metrics": 0, "errors": 0}

    def test_fates_are_counted_by_name(self):
        assert accounts.fates_of([DELIVERED, "expired", DELIVERED]) == {DELIVERED: 2, "expired": 1}
