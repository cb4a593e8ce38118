"""The drafts of an application on disk, whatever endpoints they were made for."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from telemetry_sdk.exceptions import DraftError
from telemetry_sdk.storage import files
from telemetry_sdk.storage.files import state_directories

from .drafts import DRAFTS, delete_file, load

if TYPE_CHECKING:
    from .context import ReportContext
    from .drafts import BugReportDraft

_DRAFT = re.compile(r"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.json")


class DraftFile(NamedTuple):
    """A file that has a draft's name. `state_dir`: the state directory that it lies in."""

    report_id: str
    path: str
    state_dir: str

    def delete(self) -> bool:
        """Delete the file and what was noted of the draft; return whether there was one."""
        return delete_file(self.path, self.report_id)


def draft_files(base: str | None, app: str) -> list[DraftFile]:
    """Return an application's drafts, the oldest first; links and other users' directories are not followed."""
    found: list[tuple[float, DraftFile]] = []
    for state_dir in state_directories(base, app):
        directory = os.path.join(state_dir, DRAFTS)
        for name in files.names(directory) if files.is_own_directory(directory) else ():
            path = os.path.join(directory, name)
            if (match := _DRAFT.fullmatch(name)) and (time := _modified(path)) is not None:
                found.append((time, DraftFile(match["id"], path, state_dir)))
    return [file for _, file in sorted(found)]


def load_drafts(found: list[DraftFile], context: ReportContext) -> list[BugReportDraft]:
    """Return the drafts in these files; a damaged file is left out."""
    drafts: list[BugReportDraft] = []
    for file in found:
        try:
            drafts.append(load(file.path, context=replace(context, state_dir=file.state_dir)))
        except DraftError:
            continue
    return drafts


def damaged_files(found: list[DraftFile], context: ReportContext) -> list[DraftFile]:
    """Return the files that hold no usable draft."""
    usable = {draft.path for draft in load_drafts(found, context)}
    return [file for file in found if file.path not in usable]


def _modified(path: str) -> float | None:
    try:
        return os.lstat(path).st_mtime
    except OSError:  # deleted since it was listed
        return None
