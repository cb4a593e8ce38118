"""The outcome of sending a report, and the receipt."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from . import report_files
from .canonical_json import dumps

if TYPE_CHECKING:
    from telemetry_sdk.policy import Reason

    from .drafts import BugReportDraft
    from .response_handling import Cause

RECEIPTS = "receipts"
_FINAL = frozenset(("policy", "zero_data_retention", "endpoint_gone", "too_large", "rejected"))  # to be sent in vain
OutcomeKind: TypeAlias = Literal["sent", "unconfirmed", "saved", "refused", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The record of a report that was sent, without its content.

    `feedback_id`: the server's id. `size`: bytes of the content,
    `sha256` its hash in hex. `sent_at`: seconds since the epoch. `path`: the receipt's file, None if not stored.
    """

    report_id: str
    feedback_id: str | None
    sha256: str
    size: int
    host: str
    layer: str | None
    sent_at: float
    path: str | None = None

    def stored(self, state_dir: str | None) -> Receipt:
        """Write `<state>/receipts/<id>.json` (0600) and return the receipt with its path, None if that failed."""
        if state_dir is None:
            return self
        try:
            path = os.path.join(report_files.private_subdirectory(state_dir, RECEIPTS), f"{self.report_id}.json")
            kept = {name: value for name, value in asdict(self).items() if name != "path"}
            report_files.write_atomically(path, (dumps(kept),))
        except OSError:  # the outcome's message says so
            return self
        return replace(self, path=path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of sending a report.

    `sent`: the server has it. `unconfirmed`: the server accepted it without an id. `saved`: not sent, the draft is
    stored until the user sends it again. `refused`: the policy forbids it, see `reasons`. `failed`: not sent,
    `message` says why in words for the user, `cause` in one word. `path`: the
    draft's file, None if it has none (any more).
    """

    kind: OutcomeKind
    message: str
    cause: Cause = ""
    feedback_id: str | None = None
    path: str | None = None
    receipt: Receipt | None = None
    reasons: tuple[Reason, ...] = ()


def sent(draft: BugReportDraft, host: str, layer: str | None, feedback_id: str | None) -> Outcome:
    """Store the receipt, delete the draft, and return the outcome."""
    context = draft.context
    receipt = Receipt(
        report_id=draft.report_id,
        feedback_id=feedback_id,
        sha256=draft.sha256,
        size=draft.size,
        host=host,
        layer=layer,
        sent_at=context.clock(),
    ).stored(context.state_dir)
    draft.delete()
    no_receipt = "" if receipt.path else " No receipt could be stored."
    return Outcome(kind="sent", message=f"Sent as {feedback_id}.{no_receipt}", feedback_id=feedback_id, receipt=receipt)


def not_sent(
    kind: OutcomeKind, message: str, draft: BugReportDraft, cause: Cause, reasons: tuple[Reason, ...] = ()
) -> Outcome:
    """Return the outcome of a report that was not sent, with where the draft is and what to do with it."""
    command = draft.context.command
    if draft.path is not None:
        again = f"send it again with: {command} send {draft.short_id}"
        if cause in _FINAL:
            again = f"save it as a file with: {command} save {draft.short_id}"
        where = f"The draft is kept in {draft.path}; {again}"
    else:
        where = "The draft is in memory only: it is lost when the program ends."
    return Outcome(kind=kind, message=f"{message} {where}", cause=cause, path=draft.path, reasons=reasons)
