"""Loss reasons, each with its sentence.

`scripts/loss_table.py` writes them into docs/delivery.md. A reason is a `LossReason`, never a plain string: the type
checker rejects one that is not listed here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

REASONS: dict[str, LossReason] = {}


class LossReason(str):  # noqa: SLOT000 - equal to its name, and a key of JSON
    """Why a record does not reach its server. `sentence` explains it to a user."""

    sentence: str

    def __new__(cls, name: str, sentence: str) -> Self:
        """Register a reason."""
        self = REASONS[name] = super().__new__(cls, name)
        self.sentence = sentence
        return self


UNDECLARED_EVENT = LossReason(
    "undeclared_event", "No event of this name is declared: declare a subclass of `telemetry_sdk.Event`."
)
UNDECLARED_FIELD = LossReason("undeclared_field", "The event does not declare this field: declare it, or leave it out.")
MISSING_FIELD = LossReason("missing_field", "A declared field without a default has no value.")
BAD_VALUE = LossReason("bad_value", "A value does not have its field's type.")
BAD_METADATA = LossReason("bad_metadata", "The metadata is not a dict with str keys.")
UNKNOWN_EXPOSURE = LossReason("unknown_exposure", "The gate or config is not in the specs.")
BAD_EXPOSURE = LossReason("bad_exposure", "A name or rule of the exposure is not a short token.")
UNKNOWN_ITEM = LossReason("unknown_item", "Items of this type are never sent.")
EMPTY_ITEM = LossReason("empty_item", "Nothing in the item may be sent.")
SAMPLED = LossReason("sampled", "`sample` left the event out.")
THROTTLED = LossReason(
    "throttled", "The error repeats too often, or the process records more than `max_events_per_minute`."
)
BEFORE_SEND = LossReason("before_send", "`before_send` dropped the record.")
BEFORE_SEND_FAILED = LossReason("before_send_failed", "`before_send` raised.")
SANITIZER_FAILED = LossReason("sanitizer_failed", "The sanitizer failed; nothing unsanitized is sent.")
NOT_IN_SCHEMA = LossReason("not_in_schema", "The encoded payload does not match the payload schema.")
ENCODER_FAILED = LossReason("encoder_failed", "The encoder failed.")
TOO_LARGE = LossReason("too_large", "The record exceeds its size limit, ours or the server's.")
QUEUE_FULL = LossReason("queue_full", "The queue was full; the oldest record was dropped. Record less often.")
MEMORY_FULL = LossReason(
    "memory_full", "No disk can be used, and the memory spool is full: TELEMETRY_SDK_STATE_DIR names a directory."
)
SPOOL_FULL = LossReason("spool_full", "The spool reached its cap; the oldest metrics were dropped.")
DISK_FULL = LossReason("disk_full", "The disk is full: free some space.")
SPOOL_FAILED = LossReason("spool_failed", "The spool could not write: `telemetry-sdk status` says why.")
NO_INSTALLATION_ID = LossReason(
    "no_installation_id",
    "Metrics need an installation id, and none could be kept: make the state directory writable, or give `user_id`.",
)
EXPIRED = LossReason("expired", "The record waited for longer than 7 days.")
CORRUPT = LossReason("corrupt", "The record was damaged on disk.")
OPTED_OUT = LossReason("opted_out", "The service was turned off before the record was sent.")
PURGED = LossReason("purged", "`telemetry-sdk purge` deleted the record.")
NO_NOTICE = LossReason("no_notice", "The program ended before the first-run notice was shown.")
LOCAL_MODE = LossReason("local_mode", "TELEMETRY_SDK_MODE=local: the record is in the ledger only.")
CLOSED = LossReason(
    "closed",
    "Recorded after `close()`, or its time ended before the record was on disk, or, in memory only, sent: raise "
    "`exit_timeout`, or flush before.",
)
SERVER_STATUS = "status_"  # followed by the HTTP status


def server_refused(status: int) -> LossReason:
    """Return the reason for a server's final refusal, such as `status_400`."""
    name = f"{SERVER_STATUS}{status}"
    return REASONS.get(name) or LossReason(name, f"The server answered with status {status}, finally.")
