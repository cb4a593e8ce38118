"""What is older than the retention is deleted: by commands, and once a day by an application that is off."""

from __future__ import annotations

import os
import time
import uuid

import pytest

import telemetry_sdk
from telemetry_sdk.runtime.purge import sweep_application, sweep_state

DAY = 86_400
APP = "acme-agent"


@pytest.fixture
def base(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def place(base):
    """Make a state directory with an old and a new file of each kind; return it."""
    place = base / APP / "0123456789abcdef"
    for name, form in (("drafts", "{}.json"), ("receipts", "{}.json"), ("bundles", "bug-report-{}.zip")):
        (place / name).mkdir(parents=True)
        for days in (31, 29):
            aged(place / name / form.format(uuid.uuid4()), days)
    (place / "sent").mkdir()
    for days in (8, 6):
        date = time.strftime("%Y-%m-%d", time.gmtime(time.time() - days * DAY))
        aged(place / "sent" / f"{date}-r1.0000.jsonl", days)
    aged(place / "state.json", 400)
    return place


def aged(path, days: float):
    path.write_bytes(b"x")
    os.utime(path, (time.time() - days * DAY,) * 2)
    return path


def counts(place) -> dict[str, int]:
    return {name: len(list((place / name).iterdir())) for name in ("drafts", "receipts", "bundles", "sent")}


BEFORE = {"drafts": 2, "receipts": 2, "bundles": 2, "sent": 2}
AFTER = {"drafts": 1, "receipts": 1, "bundles": 1, "sent": 1}


@pytest.mark.parametrize("sweep", [sweep_state, sweep_application])
def test_old_files_go_and_newer_ones_stay(base, place, sweep):
    assert sweep(str(base), APP, 30) == 3
    assert counts(place) == AFTER
    assert (place / "state.json").exists()


@pytest.mark.parametrize("sweep", [sweep_state, sweep_application])
def test_the_ledger_is_never_kept_longer_than_the_retention(base, place, sweep):
    sweep(str(base), APP, 5)
    assert counts(place)["sent"] == 0


@pytest.mark.parametrize("sweep", [sweep_state, sweep_application])
def test_an_undetermined_retention_deletes_and_makes_nothing(base, place, sweep):
    assert sweep(str(base), APP, None) == 0
    assert counts(place) == BEFORE
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_an_application_that_is_off_looks_once_a_day(base, place):
    assert sweep_application(str(base), APP, 30) == 3
    marker = place.parent / "swept"
    assert (marker.stat().st_size, marker.stat().st_mode & 0o777) == (0, 0o600)
    old = aged(place / "drafts" / f"{uuid.uuid4()}.json", 31)
    aged(marker, 0.99)
    assert sweep_application(str(base), APP, 30) == 0
    assert old.exists()
    aged(marker, 1.01)
    assert sweep_application(str(base), APP, 30) == 1
    assert time.time() - marker.stat().st_mtime < DAY / 2


def test_a_client_that_has_all_services_off_looks_when_it_closes(base, place, monkeypatch):
    for variable in ("DISABLE_TELEMETRY", "DISABLE_ERROR_REPORTING", "DISABLE_BUG_COMMAND"):
        monkeypatch.setenv(variable, "1")
    with telemetry_sdk.start(app=APP, version="1.0.0", state_dir=str(base)):
        assert counts(place) == BEFORE
    assert counts(place) == AFTER


def test_a_marker_from_the_future_counts_as_old(base, place):
    marker = aged(place.parent / "swept", -400)
    assert sweep_application(str(base), APP, 30) == 3
    assert marker.stat().st_mtime <= time.time()


@pytest.mark.parametrize(("named", "app"), [(False, APP), (True, "other"), (True, "")])
def test_nothing_is_made_where_nothing_was(tmp_path, base, place, named, app):
    before = sorted(tmp_path.rglob("*"))
    assert sweep_application(str(base) if named else None, app, 30) == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_an_application_directory_behind_a_link_of_the_users_own_is_swept(tmp_path, base, place):
    place.parent.rename(tmp_path / "real")
    (base / APP).symlink_to(tmp_path / "real")
    assert sweep_application(str(base), APP, 30) == 3
    assert counts(tmp_path / "real" / place.name) == AFTER


@pytest.mark.parametrize("name", ["drafts", "sent"])
def test_a_directory_behind_a_link_is_not_swept(tmp_path, base, place, name):
    (place / name).rename(tmp_path / "real")
    (place / name).symlink_to(tmp_path / "real")
    sweep_application(str(base), APP, 30)
    assert len(list((tmp_path / "real").iterdir())) == 2


def test_a_marker_behind_a_link_leaves_its_target_alone(tmp_path, base, place):
    target = aged(tmp_path / "target", 400)
    before = target.stat().st_mtime
    marker = place.parent / "swept"
    marker.symlink_to(target)
    os.utime(marker, (before, before), follow_symlinks=False)
    assert sweep_application(str(base), APP, 30) == 3
    assert target.stat().st_mtime == before


def test_a_time_that_cannot_be_stored_deletes_nothing(base, place, monkeypatch):
    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError

    aged(place.parent / "swept", 2)
    monkeypatch.setattr(os, "utime", refuse)
    assert sweep_application(str(base), APP, 30) == 0
    assert counts(place) == BEFORE
