"""Private files, locks and directories."""

from __future__ import annotations

import os
import stat
import sys

import pytest

from telemetry_sdk.storage import file_lock, files
from telemetry_sdk.storage.file_lock import FileLock, release_all
from telemetry_sdk.storage.files import Untrusted


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "folder"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def path(folder):
    return str(folder / "file")


class TestFiles:
    def test_a_directory_is_made_with_all_its_levels_for_this_user_alone(self, folder):
        made = folder / "a" / "b"
        files.private_directory(str(made))
        assert mode(made) == 0o700

    def test_a_directory_that_is_open_to_others_is_closed(self, folder):
        (folder / "a").mkdir(mode=0o755)
        files.private_directory(str(folder / "a"))
        assert mode(folder / "a") == 0o700

    def test_a_link_and_a_file_are_no_directory(self, folder, path):
        os.symlink(folder, folder / "link")
        (folder / "file").write_bytes(b"")
        for other in (str(folder / "link"), path):
            with pytest.raises(Untrusted, match="not a directory"):
                files.private_directory(other)
            assert not files.is_own_directory(other)
        assert files.is_own_directory(str(folder))
        assert not files.is_own_directory(str(folder / "none"))

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a directory in which none can be made")
    def test_a_directory_that_the_system_makes_nowhere_is_an_error(self):
        with pytest.raises(FileNotFoundError):
            files.private_directory("/proc/acme/state")

    def test_what_is_another_users_is_not_trusted(self, folder, path, monkeypatch):
        files.replace(path, b"x")
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        with pytest.raises(Untrusted, match="another user"):
            files.private_directory(str(folder))
        with pytest.raises(Untrusted, match="not a file of this user"):
            files.read(path)
        assert not files.is_own_directory(str(folder))

    def test_root_leaves_nothing_in_another_users_home(self, folder, monkeypatch):
        found = os.stat(folder)
        with monkeypatch.context() as patch, pytest.raises(Untrusted, match="root"):
            patch.setattr(os, "geteuid", lambda: 0)
            patch.setattr(os, "stat", lambda *_, **__: os.stat_result((*found[:4], 1_000, *found[5:])))
            files.private_state_directory(str(folder / "new" / "deep"))
        assert not (folder / "new").exists()

    def test_a_new_file_is_private_and_was_not_there(self, path):
        os.close(files.create(path))
        assert mode(path) == 0o600
        with pytest.raises(FileExistsError):
            files.create(path)

    def test_every_byte_is_written_or_it_raises(self, path, monkeypatch):
        write, sizes = os.write, []

        def few(descriptor, data):
            sizes.append(len(data))
            return write(descriptor, bytes(data[:3]))

        monkeypatch.setattr(os, "write", few)
        descriptor = files.create(path)
        files.write_all(descriptor, b"0123456789")
        os.close(descriptor)
        assert (files.read(path), sizes) == (b"0123456789", [10, 7, 4, 1])

    @pytest.mark.parametrize("write", [files.replace, files.create_whole])
    def test_a_write_that_fails_leaves_the_file_as_it_was(self, path, folder, monkeypatch, write):
        files.replace(path, b"before")
        monkeypatch.setattr(os, "write", broken)
        with pytest.raises(OSError, match="broken"):
            write(path, b"after")
        monkeypatch.undo()
        assert (files.read(path), os.listdir(folder)) == (b"before", ["file"])

    def test_a_file_is_made_whole_once(self, path, folder):
        assert files.create_whole(path, b"first")
        assert not files.create_whole(path, b"second")
        assert (files.read(path), os.listdir(folder)) == (b"first", ["file"])

    def test_a_read_is_bounded_and_follows_no_link(self, path, folder):
        files.replace(path, b"0123456789")
        assert files.read(path, 4) == b"0123"
        os.symlink(path, folder / "link")
        with pytest.raises(OSError, match="symbolic"):
            files.read(str(folder / "link"))
        os.mkfifo(folder / "pipe")
        for other in (folder, folder / "pipe"):
            with pytest.raises(Untrusted):
                files.read(str(other))

    def test_names_are_sorted_and_removal_tells(self, folder, path):
        for name in ("b", "a", "file"):
            (folder / name).write_bytes(b"")
        assert files.names(str(folder)) == ["a", "b", "file"]
        assert files.names(str(folder / "none")) == []
        assert (files.remove(path), files.remove(path)) == (True, False)


def broken(*_):
    raise OSError("broken")


class TestFileLock:
    def test_one_holder_at_a_time(self, path):
        first, second = FileLock(path), FileLock(path)
        assert (first.acquire(), first.acquire(), second.acquire()) == (True, True, False)
        first.release()
        first.release()
        assert second.acquire()
        second.release()

    def test_without_create_there_must_be_a_file(self, path):
        assert not FileLock(path).acquire(create=False)
        assert not os.path.exists(path)
        with pytest.raises(FileNotFoundError):
            FileLock(path + "/none").acquire()

    def test_a_file_that_was_replaced_is_not_the_lock(self, path, monkeypatch):
        lock, hold = FileLock(path), file_lock._hold

        def replaced(descriptor):
            hold(descriptor)
            os.unlink(path)
            os.close(files.create(path))

        monkeypatch.setattr(file_lock, "_hold", replaced)
        assert not lock.acquire()
        monkeypatch.setattr(file_lock, "_hold", lambda _: os.unlink(path))
        assert not lock.acquire()

    def test_a_lock_may_be_deleted_with_its_release(self, path):
        lock = FileLock(path)
        assert lock.acquire()
        lock.release(delete=True)
        assert not os.path.exists(path)

    def test_a_forked_childs_copies_are_closed_together(self, path):
        locks = [FileLock(f"{path}-{n}") for n in range(3)]
        assert all(lock.acquire() for lock in locks)
        release_all()
        others = [FileLock(lock.path) for lock in locks]
        assert all(other.acquire() for other in others)
        release_all()

    def test_no_descriptor_is_left_open(self, path):
        before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
        first, second = FileLock(path), FileLock(path)
        first.acquire()
        for _ in range(10):
            assert not second.acquire()
        first.release()
        after = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
        assert len(after) == len(before)


class TestDirectories:
    def test_a_state_directory_has_the_name_of_its_endpoints(self, tmp_path):
        path = files.state_dir("/base", "acme", "https://a|https://b")
        assert path == f"/base/acme/{files.name_hash('https://a|https://b')}"
        assert files.is_state_directory(path)
        assert files.state_dir("/base", "acme", "other") != path
        os.symlink(tmp_path, tmp_path / os.path.basename(path))
        assert not files.is_state_directory(str(tmp_path / os.path.basename(path)))

    @pytest.mark.parametrize("name", ["", "0123", "0123456789abcdeg", "0123456789abcdef0", "0123456789ABCDEF"])
    def test_another_name_is_no_state_directorys(self, name):
        assert not files.is_state_directory(f"/base/acme/{name}")

    @pytest.mark.parametrize(("base", "app"), [(None, "acme"), ("/base", ""), ("", "acme")])
    def test_there_may_be_none(self, base, app):
        assert files.state_dir(base, app, "x") is None
        assert files.state_directories(base, app) == []

    def test_all_of_an_application_are_listed_without_links_and_files(self, tmp_path):
        for name in ("b", "a"):
            (tmp_path / "acme" / name).mkdir(parents=True)
        (tmp_path / "acme" / "revoked-metrics").write_bytes(b"-")
        os.symlink(tmp_path, tmp_path / "acme" / "link")
        base = str(tmp_path)
        assert files.state_directories(base, "acme") == [f"{base}/acme/a", f"{base}/acme/b"]
        assert files.state_directories(base, "none") == []

    def test_a_name_of_any_text(self):
        assert len({files.name_hash(text) for text in ("", "a", "\ud800", "ключ")}) == 4
