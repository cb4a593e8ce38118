"""The sanitizer: rebuilds every record before it reaches the spool. Where it raises, the record is dropped."""

from __future__ import annotations

from .._internal.raw_records import Exposure
from ..losses import EMPTY_ITEM, SANITIZER_FAILED, UNKNOWN_ITEM, LossReason
from . import exposures, metrics
from .items import TYPES, clean_item
from .snapshots import clean_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .._internal.lazy import Lazy
    from .._internal.raw_records import Item, RawEvent, Snapshot
    from .code.modules import KnownModules
    from .error_record import Tags


class Sanitizer:
    """Cleans what an application records. Every method returns the clean record, or why there is none.

    `modules`: asked for errors only; `tags`: registered keys with their values.
    """

    def __init__(self, modules: Lazy[KnownModules], tags: Tags) -> None:
        self._modules = modules
        self._tags = tags

    def event(self, raw: RawEvent, event_id: str) -> dict[str, Any] | LossReason:
        """Clean a metric event or an exposure."""
        time, event, value, metadata = raw
        try:
            if type(event) is Exposure:
                return exposures.exposure_record(event, metadata, time_ms=int(time * 1000), event_id=event_id)
            return metrics.event_record(event, value, metadata, time_ms=int(time * 1000), event_id=event_id)
        except metrics.EventRejected as rejected:
            return rejected.reason

    def error(self, snapshot: Snapshot, repeats: int = 0) -> dict[str, Any] | LossReason:
        """Clean an exception; `repeats`: how many like it the throttle dropped."""
        return clean_snapshot(snapshot, self._modules.get(), self._tags, repeats) or SANITIZER_FAILED

    def item(self, item: Item, changes: Mapping[str, Any] | None = None) -> dict[str, Any] | LossReason:
        """Clean an item of Sentry's SDK; `changes` replace an error's own fields."""
        reason = EMPTY_ITEM if item.type in TYPES else UNKNOWN_ITEM
        return clean_item(item, self._modules.get(), self._tags, changes) or reason
