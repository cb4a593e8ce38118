"""The shared state, revocations and the installation id."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from telemetry_sdk.policy.current import Revocations
from telemetry_sdk.sanitizer.run_metadata import InstallationId
from telemetry_sdk.storage import shared_state
from telemetry_sdk.storage.file_lock import FileLock
from telemetry_sdk.storage.shared_state import VERSION, SharedState, add_counts
from tests.unit.concurrency import at_once


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def broken(*_):
    raise OSError("broken")


class TestSharedState:
    @pytest.fixture(params=["disk", "memory"])
    def state(self, request, state_dir):
        return SharedState(str(state_dir) if request.param == "disk" else None)

    def test_changes_stay(self, state):
        assert state.change(lambda table: table.update(n=1))
        assert state.change(lambda table: table.update(n=table["n"] + 1))
        assert state.read() == {"v": VERSION, "n": 2}

    def test_threads_lose_no_change(self, state_dir):
        state = SharedState(str(state_dir))

        def add(table):
            add_counts(table, "delivered", {"metrics": 1})

        threads = [threading.Thread(target=lambda: [state.change(add) for _ in range(10)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert state.read()["delivered"] == {"metrics": 40}

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"v": 1}', '{"v": 99, "n": 1}', "[" * 100_000, "\xff"])
    def test_a_damaged_or_foreign_state_begins_anew(self, state_dir, text):
        (state_dir / "state.json").write_bytes(text.encode("latin-1"))
        state = SharedState(str(state_dir))
        assert state.read() == {}
        assert state.change(lambda table: table.update(n=1))
        assert state.read() == {"v": VERSION, "n": 1}

    def test_a_state_that_cannot_be_written_is_reported(self, state_dir, monkeypatch):
        state = SharedState(str(state_dir))
        assert state.change(lambda table: table.update(n=1))
        monkeypatch.setattr(os, "replace", broken)
        assert not state.change(lambda table: table.update(n=2))
        monkeypatch.undo()
        assert state.read()["n"] == 1
        assert state.change(lambda table: table.update(n=3)), "the lock was released"

    def test_a_lock_that_is_held_is_given_up(self, state_dir, monkeypatch):
        monkeypatch.setattr(shared_state, "LOCK_TIMEOUT", 0.0)
        holder = FileLock(str(state_dir / "state.lock"))
        assert holder.acquire()
        assert not SharedState(str(state_dir)).change(lambda table: table.update(n=1))
        holder.release()

    @pytest.mark.parametrize("table", [None, 7, [], {"metrics": "many", "errors": 1}])
    def test_counts_are_added_to_whatever_is_there(self, table):
        state = {"delivered": table}
        add_counts(state, "delivered", {"metrics": 2})
        assert state["delivered"]["metrics"] == 2


class TestRevocations:
    @pytest.fixture
    def app_dir(self, tmp_path):
        return str(tmp_path / "app")

    def test_a_revocation_reaches_whoever_began_before_it(self, app_dir):
        before = Revocations(app_dir, ["metrics", "errors"])
        assert Revocations(app_dir, ["metrics"]).revoke("metrics")
        assert (before.revoked("metrics"), before.revoked("errors")) == (True, False)
        after = Revocations(app_dir, ["metrics"])
        assert (after.revoked("metrics"), after.number("metrics"), after.began) == (False, 1, {"metrics": 1})
        assert before.revoke("metrics")
        assert (after.revoked("metrics"), after.number("metrics")) == (True, 2)

    def test_a_file_that_is_deleted_counts_as_a_revocation(self, app_dir):
        Revocations(app_dir, ["metrics"]).revoke("metrics")
        current = Revocations(app_dir, ["metrics"])
        os.unlink(os.path.join(app_dir, "revoked-metrics"))
        assert current.revoked("metrics")

    def test_a_file_that_cannot_be_read_counts_as_a_revocation(self, app_dir, monkeypatch):
        current = Revocations(app_dir, ["metrics"])
        with monkeypatch.context() as patch:  # the directory is deleted before a patch is taken back
            patch.setattr(os, "lstat", broken)
            assert (current.revoked("metrics"), current.number("metrics")) == (True, -1)

    def test_a_revocation_that_cannot_be_written_is_reported(self, app_dir, tmp_path):
        (tmp_path / "app").write_bytes(b"a file")
        assert not Revocations(app_dir, ["metrics"]).revoke("metrics")

    def test_without_a_directory_nobody_else_is_reached(self):
        current = Revocations(None, ["metrics"])
        assert (current.revoke("metrics"), current.revoked("metrics"), current.number("metrics")) == (False, False, 0)

    def test_an_unknown_service_was_never_revoked(self, app_dir):
        current = Revocations(app_dir, ["metrics"])
        assert (current.revoke("errors"), current.revoked("errors")) == (False, False)


class TestInstallationId:
    def test_an_id_is_made_once_and_kept(self, state_dir):
        made = InstallationId(str(state_dir)).get()
        assert InstallationId(str(state_dir)).get() == made
        assert mode(state_dir / "installation-id") == 0o600

    def test_threads_at_once_get_one_id(self, state_dir):
        found = InstallationId(str(state_dir))
        assert len(set(at_once(found.get))) == 1

    def test_an_opt_out_means_a_new_id(self, state_dir):
        found = InstallationId(str(state_dir))
        before = found.get()
        os.unlink(state_dir / "installation-id")
        assert found.get() != before

    @pytest.mark.parametrize("damage", [b"", b"no uuid", b"\xff" * 36])
    def test_a_damaged_id_is_made_anew(self, state_dir, damage):
        (state_dir / "installation-id").write_bytes(damage)
        made = InstallationId(str(state_dir)).get()
        assert (state_dir / "installation-id").read_text() == made

    def test_where_none_can_be_kept_one_lives_as_long_as_the_process(self, state_dir):
        nowhere, unwritable = InstallationId(None), InstallationId(str(state_dir / "none"))
        assert nowhere.get() == nowhere.get()
        assert unwritable.get() == unwritable.get()
        assert nowhere.get() != unwritable.get()

    def test_none_is_made_behind_a_link(self, state_dir, tmp_path):
        """It took the directory's place while the program runs."""
        (tmp_path / "link").symlink_to(state_dir)
        found = InstallationId(str(tmp_path / "link"))
        assert found.get() == found.get()
        assert os.listdir(state_dir) == []
