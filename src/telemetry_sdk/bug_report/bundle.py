"""Local bundles (zip files), and the removal of old files."""

from __future__ import annotations

import io
import os
import re
import stat
import time
import zipfile
from typing import TYPE_CHECKING

from telemetry_sdk.exceptions import DraftError
from telemetry_sdk.storage import files

from . import report_files
from .canonical_json import dumps

if TYPE_CHECKING:
    from .packed import PackedContent

BUNDLES = "bundles"
_DAY = 86_400.0  # seconds
_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_FILE_NAME = re.compile(rf"(?:{_ID}\.json|bug-report-{_ID}\.zip|github-issue-{_ID}\.md)(?:\.[0-9a-f]{{16}}\.tmp)?")


def save(
    report_id: str, packed: PackedContent, path: str | os.PathLike[str] | None, state_dir: str | None, now: float
) -> str:
    """Write the bundle atomically and return its path. Raises DraftError; never replaces a file."""
    name = f"bug-report-{report_id}.zip"
    target = name if path is None else os.fspath(path)
    try:
        target = _target(name, path, state_dir)
        if os.path.lexists(target):
            raise DraftError(f"{report_files.safe_name(target)!r} already exists")
        report_files.write_atomically(target, (zipped(packed, report_id, now),))
    except OSError as error:
        where = report_files.safe_name(target)
        raise DraftError(f"the bundle {where!r} cannot be written: {error.strerror or error}") from error
    return target


def zipped(packed: PackedContent, report_id: str, now: float) -> bytes:
    """Return a zip of `report.json` and `manifest.json`, which holds the report's SHA-256 (hex)."""
    manifest = dumps({"report_id": report_id, "files": {"report.json": packed.sha256}})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
        for name, content in {"report.json": packed.chunks(), "manifest.json": (manifest,)}.items():
            entry = zipfile.ZipInfo(name, time.gmtime(max(now, _DAY * 3653))[:6])  # zip has no year before 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o600) << 16
            with bundle.open(entry, "w") as file:
                for piece in content:
                    file.write(piece)
    return buffer.getvalue()


def _target(name: str, path: str | os.PathLike[str] | None, state_dir: str | None) -> str:
    if path is None:
        if state_dir is None:
            raise DraftError("there is no state directory: pass the path to save to")
        return os.path.join(report_files.private_subdirectory(state_dir, BUNDLES), name)
    path = os.fsdecode(path)
    if os.path.isdir(path):
        return os.path.join(path, name)
    parent = os.path.dirname(path) or "."
    if not os.path.isdir(parent):
        files.private_directory(parent)
    return path


def sweep(directory: str, days: int, *, now: float | None = None) -> int:
    """Delete drafts, receipts and bundles not modified for `days` days (at least 1); return how many.

    Only regular files with the names that this package writes are deleted; links are not followed.
    Raises ValueError for fewer than 1 day.
    """
    if days < 1:
        raise ValueError("days must be at least 1; to keep no files, turn the feature off")
    cutoff = (time.time() if now is None else now) - days * _DAY
    paths = (os.path.join(directory, name) for name in files.names(directory) if _FILE_NAME.fullmatch(name))
    return sum(files.remove(path) for path in paths if _is_older(path, cutoff))


def _is_older(path: str, cutoff: float) -> bool:
    try:
        found = os.lstat(path)
    except OSError:  # deleted in the meantime
        return False
    return stat.S_ISREG(found.st_mode) and found.st_mtime < cutoff
