"""What a command has shown of a draft: a later command, without a terminal, may consent to that and nothing else."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from telemetry_sdk.exceptions import ConsentError, DraftError
from telemetry_sdk.storage import files

from . import report_files
from .canonical_json import dumps
from .drafts import PREVIEWS

if TYPE_CHECKING:
    from .drafts import BugReportDraft
    from .preview import Consent, Preview


def record_shown(draft: BugReportDraft, preview: Preview) -> None:
    """Write which bytes and which destination were shown. Raises DraftError."""
    if draft.context.state_dir is None:
        raise DraftError("there is no state directory: the draft cannot be sent by another command")
    try:
        directory = report_files.private_subdirectory(draft.context.state_dir, PREVIEWS)
        files.replace(os.path.join(directory, f"{draft.report_id}.json"), dumps(_shown(preview)))
    except OSError as error:
        raise DraftError(f"the preview cannot be recorded: {error.strerror or error}") from error


def consent_as_shown(draft: BugReportDraft, preview: Preview, sha256: str) -> Consent:
    """Return the consent to what was shown. Raises ConsentError unless it is what would be sent now."""
    again = f"look at it again with: {draft.context.command} show {draft.short_id}"
    if sha256.strip().lower() != preview.sha256:
        raise ConsentError(f"the hash is not that of the report; {again}")
    path = os.path.join(draft.context.state_dir or "", PREVIEWS, f"{draft.report_id}.json")
    try:
        shown = json.loads(files.read(path, 1 << 16))
    except (OSError, ValueError):
        raise ConsentError(f"the report was not shown yet; {again}") from None
    if shown != _shown(preview):
        raise ConsentError(f"the report or its destination changed since it was shown; {again}")
    return preview.consent()


def _shown(preview: Preview) -> dict[str, str | None]:
    return {"sha256": preview.sha256, "host": preview.host, "layer": preview.layer, "terms": preview.terms}
