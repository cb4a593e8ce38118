"""Drafts: made of what the user chose, clean before anything is kept, never changed afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from telemetry_sdk.exceptions import DraftError
from telemetry_sdk.storage import files

from . import bundle, disk
from .attachments import read_attachments
from .canonical import Piece, cleaned, dumps
from .gate import check_draft
from .head import head, retention, surroundings
from .preview import Part, Preview
from .report import ATTACHMENTS, DESCRIPTION, MAX_EXPANDED, Report, reopened
from .session import Choice, Transcript, read_session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .context import Context

DRAFTS = "drafts"


@dataclass(frozen=True, slots=True, kw_only=True)
class BugReportDraft:
    """A bug report that nobody has sent. Immutable: every change is a new draft, which needs a new consent.

    `content`: canonical JSON, secrets taken out. `path`: where it is kept (`<state>/drafts/<id>.json`, 0600);
    None: in memory only, for the reason in `unkept`.
    """

    report_id: str
    content: bytes = field(repr=False)
    context: Context = field(repr=False)
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    path: str | None = None
    unkept: str = ""

    @property
    def sha256(self) -> str:
        """The hash of the content, in hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def redactions(self) -> Mapping[str, int]:
        """How many secrets of each kind were taken out of what is in."""
        counts: Counter[str] = Counter()
        for part in self.parts:
            if not part.name.startswith(f"{ATTACHMENTS}/"):  # counted with the whole of them
                counts.update(part.redactions)
        return counts

    def preview(self) -> Preview:
        """Return what would leave, and where to: the exact bytes. Only this can give consent."""
        context = self.context
        unkept = (f"this draft is kept in memory only: {self.unkept}",) if self.path is None else ()
        return Preview(
            report_id=self.report_id,
            content=self.content,
            sha256=self.sha256,
            host=context.host,
            layer=context.layer,
            retention=retention(context),
            parts=self.parts,
            redactions=self.redactions,
            notes=(*self.notes, *unkept),
            shown_at=context.clock(),
        )

    def without(self, *names: str) -> BugReportDraft:
        """Return a new draft without these parts (names as in the preview); it replaces this one on disk.

        Raises DraftError for a name that is no part.
        """
        report = reopened(self.content)
        for name in names:
            report.take_out(name)
        draft = _made(_named(report), report, self.context).kept()
        self.discard()
        return draft

    def kept(self) -> BugReportDraft:
        """Return the draft as it is kept on disk, file and directory synced; where that fails, in memory."""
        if self.context.state_dir is None:
            return replace(self, path=None, unkept="there is no state directory")
        try:
            path = os.path.join(disk.own_directory(self.context.state_dir, DRAFTS), f"{self.report_id}.json")
            if not (self.path == path and os.path.lexists(path)):
                disk.write(path, self.content)
        except OSError as error:
            return replace(self, path=None, unkept=error.strerror or type(error).__name__)
        return replace(self, path=path, unkept="")

    def discard(self) -> bool:
        """Delete the draft's file; tell whether there was one. The draft itself can still be kept or saved."""
        return self.path is not None and files.remove(self.path)

    def save(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write a local bundle (a zip, 0600) and return its path; nothing is sent.

        `path`: a file that does not exist yet, or a directory; default: `<state>/bundles`. Raises DraftError.
        """
        return bundle.save(self.report_id, self.content, path, self.context.state_dir, self.context.clock())


def draft(  # noqa: PLR0913 - what goes in is the user's choice, part by part
    description: str,
    *,
    context: Context,
    transcript: Transcript | None = None,
    older_sessions: Sequence[Transcript] | None = None,
    environment: bool = True,
    recent_errors: bool = True,
    git: Mapping[str, Any] | None = None,
    attachments: Sequence[str | os.PathLike[str]] = (),
    cut_before: int | None = None,
    without_code: bool = False,
    without_tool_output: bool = False,
) -> BugReportDraft:
    """Make a draft, and keep it on disk before this returns. Nothing is sent.

    `transcript`: the current session, a JSON Lines file's path or messages; `older_sessions`: more of them, the
    oldest first; `cut_before`: the number of the first message to go in. Over 10 MiB compressed or 50 MiB
    expanded, the oldest messages go. Raises BugReportRefused with all reasons where the policy forbids it,
    DraftError where a part cannot be read or the description is blank.
    """
    check_draft(context.policy.bug_reports)
    if not isinstance(cast("object", description), str) or not description.strip():
        raise DraftError("a bug report needs a description")
    choice = Choice(cut_before, without_code, without_tool_output)
    report = Report({})
    sections = {
        DESCRIPTION: description,
        **head(context),
        **_extras(context, environment, recent_errors, git),
    }
    for name, value in sections.items():
        report.sections[name] = cleaned(value, report.remarks)
    report.attachments = read_attachments(attachments, MAX_EXPANDED, report.remarks)
    _read_sessions(report, transcript, older_sessions or (), choice)
    return _made(_named(report), report, context).kept()


def load(path: str, *, context: Context) -> BugReportDraft:
    """Return a draft that was kept on disk. Raises DraftError if it is not a whole draft of this user's."""
    try:
        content = files.read(path)
        report = reopened(content)
        made = _made(str(uuid.UUID(json.loads(report.sections["report_id"].content))), report, context)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DraftError(f"{disk.safe_name(path)!r} is not a draft that can be used") from error
    if made.content != content:
        raise DraftError(f"{disk.safe_name(path)!r} is damaged")
    return replace(made, path=path)


def _extras(context: Context, environment: bool, recent_errors: bool, git: Mapping[str, Any] | None) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    if environment:
        extras["environment"] = surroundings(context)
    if recent_errors:
        extras["recent_errors"] = context.recent_errors()
    if git is not None:
        extras["git"] = dict(git)
    return extras


def _read_sessions(report: Report, current: Transcript | None, older: Sequence[Transcript], choice: Choice) -> None:
    """Read the sessions, the current one first: it has the first claim on the room."""
    if isinstance(older, str | bytes | os.PathLike):
        raise DraftError("older sessions are a list of transcripts")
    room = MAX_EXPANDED
    if current is not None:
        report.conversation = read_session(current, room, choice, report.remarks)
        room -= report.conversation.size
    for transcript in reversed(older):
        session = read_session(transcript, room, replace(choice, cut_before=None), report.remarks)
        report.older.insert(0, session)
        room -= session.size


def _named(report: Report) -> str:
    """Give the report an id of its own, the key by which a server tells it from others."""
    report_id = str(uuid.uuid4())
    report.sections["report_id"] = Piece(dumps(report_id))
    return report_id


def _made(report_id: str, report: Report, context: Context) -> BugReportDraft:
    return BugReportDraft(
        report_id=report_id,
        content=report.fitted(),
        context=context,
        parts=tuple(report.parts()),
        notes=tuple(report.notes()),
    )
