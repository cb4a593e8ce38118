"""A draft: immutable, without secrets, stored on disk where that is possible."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from telemetry_sdk.exceptions import DraftError
from telemetry_sdk.storage import files
from telemetry_sdk.storage.files import LOCAL

from . import bundle, report_files
from .canonical_json import CleanJson, dumps
from .preview import Part, Preview
from .report import ATTACHMENTS, parse_report
from .report_sections import use

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import ReportContext
    from .packed import PackedContent
    from .report import Report

DRAFTS, PREVIEWS = "drafts", "previews"
SHORT_ID = 8  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class BugReportDraft:
    """A bug report that was not sent. Immutable: every change is a new draft, which needs a new consent.

    `packed`: the content, compressed. `path`: its file (`<state>/drafts/<id>.json`, 0600); None: it is in
    memory only, for the reason in `not_stored`.
    """

    report_id: str
    packed: PackedContent
    context: ReportContext = field(repr=False)
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    path: str | None = None
    not_stored: str = ""

    @property
    def content(self) -> bytes:
        """The report: canonical JSON without secrets."""
        return b"".join(self.packed.chunks())

    @property
    def size(self) -> int:
        """The content's size in bytes."""
        return self.packed.size

    @property
    def sha256(self) -> str:
        """The hash of the content, in hex."""
        return self.packed.sha256

    @property
    def short_id(self) -> str:
        """The beginning of the id, as the commands take it."""
        return self.report_id[:SHORT_ID]

    @property
    def description(self) -> str:
        """What the user wrote, without its secrets."""
        return str(json.loads(self.content)["description"])

    @property
    def created_at(self) -> str:
        """When the draft was made, in UTC (ISO 8601)."""
        return str(json.loads(self.content)["created_at"])

    @property
    def redactions(self) -> Mapping[str, int]:
        """The number of secrets removed from the included parts, by kind."""
        counts: Counter[str] = Counter()
        for part in self.parts:
            if not part.name.startswith(f"{ATTACHMENTS}/"):  # counted with the part "attachments"
                counts.update(part.redactions)
        return counts

    def preview(self) -> Preview:
        """Return what would be sent, byte for byte, and to which host. Only a preview can give consent."""
        context = self.context
        not_stored = (f"this draft is in memory only: {self.not_stored}",) if self.path is None else ()
        return Preview(
            report_id=self.report_id,
            packed=self.packed,
            sha256=self.sha256,
            host=context.host,
            layer=context.layer,
            terms=context.terms,
            use=use(context),
            parts=self.parts,
            redactions=self.redactions,
            notes=(*self.notes, *not_stored),
            shown_at=context.clock(),
            local=context.policy.mode == LOCAL,
        )

    def without(self, *names: str) -> BugReportDraft:
        """Return a new draft without these parts (names as in the preview); it replaces this one on disk, if stored.

        Raises DraftError for a name that is not a part.
        """
        report = parse_report(self.content)
        for name in names:
            report.leave_out(name)
        draft = new_draft(report, self.context).stored()
        if draft.path is not None:
            self.delete()
        return draft

    def stored(self) -> BugReportDraft:
        """Write the draft to disk, synced, and return it with its path; if that fails, without one."""
        if self.context.state_dir is None:
            why = "there is no state directory" if self.context.save_dir is None else "no service is on"
            return replace(self, path=None, not_stored=why)
        try:
            directory = report_files.private_subdirectory(self.context.state_dir, DRAFTS)
            path = os.path.join(directory, f"{self.report_id}.json")
            if not (self.path == path and os.path.lexists(path)):
                report_files.write_atomically(path, self.packed.chunks())
        except OSError as error:
            return replace(self, path=None, not_stored=error.strerror or type(error).__name__)
        return replace(self, path=path, not_stored="")

    def delete(self) -> bool:
        """Delete the draft's file and what was noted of it; return whether there was one. The object stays usable."""
        return self.path is not None and delete_file(self.path, self.report_id)

    def save(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write a local bundle (a zip, 0600) and return its path; nothing is sent.

        `path`: a file that does not exist yet, or a directory; default: `<state>/bundles`. Raises DraftError.
        """
        return bundle.save(
            self.report_id, self.packed, path, self.context.state_dir or self.context.save_dir, self.context.clock()
        )


def delete_file(path: str, report_id: str) -> bool:
    """Delete a draft's file and what was noted of it; return whether there was one."""
    for name in (f"{report_id}.json", f"{report_id}.public.json"):
        files.remove(os.path.join(os.path.dirname(os.path.dirname(path)), PREVIEWS, name))
    return files.remove(path)


def new_draft(report: Report, context: ReportContext) -> BugReportDraft:
    """Return a draft of the report under a new id. Raises DraftError if it exceeds the limits."""
    report_id = str(uuid.uuid4())
    report.sections["report_id"] = CleanJson(dumps(report_id))
    return _build(report_id, report, context)


def load(path: str, *, context: ReportContext) -> BugReportDraft:
    """Return a draft from disk. Raises DraftError if the file is not a complete draft of this user."""
    try:
        content = files.read(path)
        report = parse_report(content)
        report_id = str(uuid.UUID(json.loads(report.sections["report_id"].content)))
        draft = _build(report_id, report, context)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DraftError(f"{report_files.safe_name(path)!r} is not a usable draft") from error
    if (draft.size, draft.sha256) != (len(content), hashlib.sha256(content).hexdigest()):
        raise DraftError(f"{report_files.safe_name(path)!r} is damaged")
    return replace(draft, path=path)


def _build(report_id: str, report: Report, context: ReportContext) -> BugReportDraft:
    packed = report.fit_to_limits()  # changes the parts and the notes
    return BugReportDraft(
        report_id=report_id,
        packed=packed,
        context=context,
        parts=tuple(report.parts()),
        notes=tuple(report.notes()),
    )
