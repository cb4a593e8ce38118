"""The local bundle: private, whole, with hashes; and the sweep of what is old."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
import uuid
import zipfile
from typing import TYPE_CHECKING

import pytest

from telemetry_sdk.bug_report import ReportContext, draft, sweep
from telemetry_sdk.exceptions import DraftError

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400


def test_the_bundle_holds_the_exact_bytes_and_their_hashes(context: ReportContext, state: Path):
    made = draft("It froze", context=context)
    path = made.save()
    assert path == str(state / "bundles" / f"bug-report-{made.report_id}.zip")
    with zipfile.ZipFile(path) as bundle:
        assert bundle.testzip() is None
        content = bundle.read("report.json")
        manifest = json.loads(bundle.read("manifest.json"))
    assert content == made.content
    assert manifest == {
        "report_id": made.report_id,
        "files": {"report.json": hashlib.sha256(content).hexdigest()},
    }
    assert os.listdir(state / "bundles") == [os.path.basename(path)]
    if os.name == "posix":
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(state / "bundles").st_mode) == 0o700


def test_the_user_names_the_path(context: ReportContext, tmp_path: Path):
    made = draft("It froze", context=dataclasses.replace(context, state_dir=None))
    assert made.save(tmp_path) == str(tmp_path / f"bug-report-{made.report_id}.zip")
    assert made.save(tmp_path / "new" / "my.zip") == str(tmp_path / "new" / "my.zip")
    if os.name == "posix":
        assert stat.S_IMODE(os.stat(tmp_path / "new").st_mode) == 0o700
        assert stat.S_IMODE(os.stat(tmp_path / "new" / "my.zip").st_mode) == 0o600
    with pytest.raises(DraftError, match="pass the path"):
        made.save()


def test_nothing_is_overwritten_and_no_link_followed(context: ReportContext, tmp_path: Path):
    made = draft("It froze", context=context)
    (tmp_path / "mine.zip").write_text("mine")
    os.symlink(tmp_path / "elsewhere", tmp_path / "link.zip")
    for name in ("mine.zip", "link.zip"):
        with pytest.raises(DraftError, match="exists"):
            made.save(tmp_path / name)
    assert (tmp_path / "mine.zip").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


def test_a_path_that_cannot_be_written_is_named(context: ReportContext, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DraftError, match=r"'x\.zip' cannot be written"):
        draft("It froze", context=context).save(tmp_path / "file" / "x.zip")


def test_the_sweep_takes_only_what_is_ours_and_old(context: ReportContext, state: Path, tmp_path: Path):
    folder = tmp_path / "swept"
    folder.mkdir()
    now = 2_000_000_000
    old, young = str(uuid.uuid4()), str(uuid.uuid4())
    ours = [f"{old}.json", f"bug-report-{old}.zip", f"{old}.json.{'0' * 16}.tmp"]
    kept = [f"{young}.json", "notes.json", "bug-report-mine.zip"]
    for name in ours + kept:
        (folder / name).write_text("x")
        age = 29 * DAY if young in name else 31 * DAY
        os.utime(folder / name, (now - age, now - age))
    target = tmp_path / "target"
    target.write_text("x")
    link = folder / f"{uuid.uuid4()}.json"
    os.symlink(target, link)
    os.utime(link, (0, 0), follow_symlinks=False)
    assert sweep(str(folder), 30, now=now) == 3
    assert set(os.listdir(folder)) == {*kept, link.name}
    assert sweep(str(tmp_path / "missing"), 30) == 0
    with pytest.raises(ValueError, match="at least 1"):
        sweep(str(folder), 0)


def test_a_draft_made_now_is_not_swept(context: ReportContext, state: Path):
    made = draft("It froze", context=context)
    made.save()
    assert sweep(str(state / "drafts"), 1) == 0
    assert sweep(str(state / "bundles"), 1) == 0
