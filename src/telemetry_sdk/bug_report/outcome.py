"""What became of a report, said plainly."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from . import disk
from .canonical import dumps

if TYPE_CHECKING:
    from telemetry_sdk.policy import Reason

    from .draft import BugReportDraft

RECEIPTS = "receipts"
Kind: TypeAlias = Literal["sent", "unconfirmed", "saved", "refused", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is kept of a report that was sent: never its content.

    `feedback_id`: the server's; None if it said only that it has the report. `size`: bytes of the content,
    `sha256` its hash. `sent_at`: seconds since the epoch. `path`: the receipt's own file, None if not kept.
    """

    report_id: str
    feedback_id: str | None
    sha256: str
    size: int
    host: str
    layer: str | None
    sent_at: float
    path: str | None = None

    def kept(self, state_dir: str | None) -> Receipt:
        """Write `<state>/receipts/<id>.json`, 0600; return the receipt with its path, None if that failed."""
        if state_dir is None:
            return self
        try:
            path = os.path.join(disk.own_directory(state_dir, RECEIPTS), f"{self.report_id}.json")
            disk.write(path, dumps({name: value for name, value in asdict(self).items() if name != "path"}))
        except OSError:  # the outcome's message says that no receipt is kept
            return self
        return replace(self, path=path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of an attempt to send.

    `sent`: the server has it. `unconfirmed`: it took it without saying so. `saved`: not sent, the draft waits
    until the user sends it again. `refused`: the policy forbids it, `reasons` say why. `failed`: not sent,
    `message` says what is missing. `path`: where the draft is kept, None if nowhere (any more).
    """

    kind: Kind
    message: str
    feedback_id: str | None = None
    path: str | None = None
    receipt: Receipt | None = None
    reasons: tuple[Reason, ...] = ()


def sent(draft: BugReportDraft, host: str, layer: str | None, feedback_id: str | None) -> Outcome:
    """Keep a receipt, let the draft go, and say so."""
    context = draft.context
    receipt = Receipt(
        report_id=draft.report_id,
        feedback_id=feedback_id,
        sha256=draft.sha256,
        size=len(draft.content),
        host=host,
        layer=layer,
        sent_at=context.clock(),
    ).kept(context.state_dir)
    draft.discard()
    unkept = "" if receipt.path else " No receipt could be kept."
    said = f"Sent as {feedback_id}." if feedback_id else "Sent: the server has this report already."
    return Outcome(kind="sent", message=said + unkept, feedback_id=feedback_id, receipt=receipt)


def not_sent(kind: Kind, message: str, draft: BugReportDraft, reasons: tuple[Reason, ...] = ()) -> Outcome:
    """Say why, and where the draft is."""
    if draft.path is not None:
        place = f"The draft is kept: {draft.path}"
    else:
        place = "The draft is in memory only; save() writes a local bundle."
    return Outcome(kind=kind, message=f"{message} {place}", path=draft.path, reasons=reasons)
