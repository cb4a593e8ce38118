"""Composes a draft from the parts that the user chose."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from telemetry_sdk.exceptions import DraftError

from .attachments import read_attachments
from .availability import check_draft
from .canonical_json import cleaned
from .conversation import read_conversation
from .drafts import new_draft
from .message_filters import MessageFilter
from .report import DESCRIPTION, MAX_EXPANDED, Report
from .report_sections import environment_section, required_sections

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from .context import ReportContext
    from .drafts import BugReportDraft
    from .transcripts.source import Transcript

_MOST_NUMBERS = 10_000  # of messages that are left out one by one


def draft(  # noqa: PLR0913 - one argument for each part that the user may choose
    description: str,
    *,
    context: ReportContext,
    transcript: Transcript | None = None,
    older_sessions: Sequence[Transcript] | None = None,
    environment: bool = True,
    recent_errors: bool = True,
    git: Mapping[str, Any] | None = None,
    attachments: Sequence[str | os.PathLike[str]] = (),
    cut_before: int | None = None,
    cut_after: int | None = None,
    leave_out: Sequence[int] = (),
    without_code: bool = False,
    without_tool_output: bool = False,
) -> BugReportDraft:
    """Compose a draft and store it on disk. Nothing is sent.

    `transcript`: the current session, the path of a JSON Lines file or messages; `older_sessions`: earlier ones,
    oldest first; `cut_before`: the number of the first message to include. Beyond 10 MiB compressed or 50 MiB
    expanded, the oldest messages are dropped. Raises BugReportRefused with all reasons where the policy forbids it,
    DraftError where a part cannot be read or the description is blank.
    """
    check_draft(context.policy.bug_reports)
    if not isinstance(cast("object", description), str) or not description.strip():
        raise DraftError("a bug report needs a description")
    message_filter = MessageFilter(cut_before, cut_after, _numbers(leave_out), without_code, without_tool_output)
    report = Report({})
    sections = {
        DESCRIPTION: description,
        **required_sections(context),
        **_optional_sections(context, environment, recent_errors, git),
    }
    for name, value in sections.items():
        report.sections[name] = cleaned(value, report.note_counts)
    report.attachments = read_attachments(attachments, MAX_EXPANDED, report.note_counts)
    _read_conversations(report, transcript, older_sessions or (), message_filter, context)
    return new_draft(report, context).stored()


def _numbers(leave_out: object) -> tuple[Any, ...]:
    """Return the numbers as a tuple, also a lone one; the filter refuses what is no number."""
    numbers = tuple(islice(leave_out, _MOST_NUMBERS + 1)) if isinstance(leave_out, Iterable) else (leave_out,)
    if len(numbers) > _MOST_NUMBERS:
        raise DraftError(f"leave_out names more than {_MOST_NUMBERS} messages: use cut_before and cut_after")
    return numbers


def _optional_sections(
    context: ReportContext, environment: bool, recent_errors: bool, git: Mapping[str, Any] | None
) -> dict[str, Any]:
    sections: dict[str, Any] = {}
    if environment:
        sections["environment"] = environment_section(context)
    if recent_errors:
        sections["recent_errors"] = context.recent_errors()
    if git is not None:
        sections["git"] = git
    return sections


def _read_conversations(
    report: Report,
    current: Transcript | None,
    older: Sequence[Transcript],
    message_filter: MessageFilter,
    context: ReportContext,
) -> None:
    """Read the conversations: the current one takes from the byte limit first, then the newest older one."""
    if not isinstance(cast("object", older), list | tuple):
        raise DraftError("older_sessions must be a list of transcripts")
    remaining = MAX_EXPANDED
    if current is not None:
        report.conversation = read_conversation(
            current, remaining, message_filter, report.blobs, report.note_counts, context
        )
        remaining -= report.conversation.size
    for transcript in reversed(older):
        uncut = message_filter.uncut()
        conversation = read_conversation(transcript, remaining, uncut, report.blobs, report.note_counts, context)
        report.older.insert(0, conversation)
        remaining -= conversation.size
