"""What a command has shown of a draft: a later command, without a terminal, may consent to that and nothing else."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, cast

from telemetry_sdk.exceptions import ConsentError, DraftError
from telemetry_sdk.storage import files

from . import report_files
from .canonical_json import dumps
from .drafts import PREVIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .drafts import BugReportDraft
    from .github_issue import GitHubIssue
    from .preview import Consent, Preview


def record_shown(draft: BugReportDraft, preview: Preview) -> None:
    """Write which bytes and which destination were shown. Raises DraftError."""
    _record(draft, ".json", _shown(preview))


def record_issue_shown(issue: GitHubIssue) -> None:
    """Write which public issue was shown. Raises DraftError."""
    known = {"title": issue.title, "reference": issue.reference, "sha256": issue.sha256}
    _record(issue.draft, ".public.json", known)


def issue_as_shown(draft: BugReportDraft, sha256: str, *, again: str) -> tuple[str, str]:
    """Return title and reference of the public issue that was shown. Raises ConsentError. `again`: what shows it."""
    known = _recorded(draft, ".public.json")
    if known.get("sha256") != sha256.strip().lower():
        raise ConsentError(f"the hash is not that of the public issue as it was shown; look at it with: {again}")
    return str(known.get("title")), str(known.get("reference"))


def _record(draft: BugReportDraft, ending: str, value: Mapping[str, str | None]) -> None:
    if draft.context.state_dir is None:
        raise DraftError("there is no state directory: the draft cannot be sent by another command")
    try:
        directory = report_files.private_subdirectory(draft.context.state_dir, PREVIEWS)
        files.replace(os.path.join(directory, f"{draft.report_id}{ending}"), dumps(value))
    except OSError as error:
        raise DraftError(f"the preview cannot be recorded: {error.strerror or error}") from error


def consent_as_shown(draft: BugReportDraft, preview: Preview, sha256: str) -> Consent:
    """Return the consent to what was shown. Raises ConsentError unless it is what would be sent now."""
    again = f"look at it again with: {draft.context.command} show {draft.short_id}"
    if sha256.strip().lower() != preview.sha256:
        raise ConsentError(f"the hash is not that of the report; {again}")
    shown = _recorded(draft, ".json")
    if not shown:
        raise ConsentError(f"the report was not shown yet; {again}")
    if shown != _shown(preview):
        raise ConsentError(f"the report or its destination changed since it was shown; {again}")
    return preview.consent()


def _recorded(draft: BugReportDraft, ending: str) -> dict[str, Any]:
    """Return what was written, {} if nothing was."""
    path = os.path.join(draft.context.state_dir or "", PREVIEWS, f"{draft.report_id}{ending}")
    try:
        known = json.loads(files.read(path, 1 << 16))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", known) if isinstance(known, dict) else {}


def _shown(preview: Preview) -> dict[str, str | None]:
    return {"sha256": preview.sha256, "host": preview.host, "layer": preview.layer, "terms": preview.terms}
