"""The sanitizer: rebuilds every record before it reaches the spool. If it fails, the record is dropped."""

from __future__ import annotations

from ..losses import EMPTY_ITEM, SANITIZER_FAILED, UNKNOWN_ITEM, LossReason
from . import exposures, metrics
from .inputs import Exposure
from .items import TYPES, clean_item
from .snapshots import clean_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .code.modules import KnownModules
    from .error_record import Tags
    from .inputs import Item, RawEvent, Snapshot


class Sanitizer:
    """Cleans what an application records. Every method returns the clean record, or why there is none.

    `tags`: registered keys with their values. `failed` is called with the sanitizer's own failures.
    """

    def __init__(self, modules: KnownModules, tags: Tags, failed: Callable[[BaseException], None]) -> None:
        self._modules = modules
        self._tags = tags
        self._failed = failed

    def event(self, raw: RawEvent, event_id: str) -> dict[str, Any] | LossReason:
        """Clean a metric event or an exposure."""
        time, event, value, metadata = raw
        try:
            if type(event) is Exposure:
                return exposures.exposure_record(event, metadata, time_ms=int(time * 1000), event_id=event_id)
            return metrics.event_record(event, value, metadata, time_ms=int(time * 1000), event_id=event_id)
        except metrics.EventRejected as rejected:
            return rejected.reason
        except Exception as error:
            self._failed(error)
            return SANITIZER_FAILED

    def error(self, snapshot: Snapshot, repeats: int = 0) -> dict[str, Any] | LossReason:
        """Clean an exception; `repeats`: how many like it the throttle held back."""
        try:
            return clean_snapshot(snapshot, self._modules, self._tags, repeats) or SANITIZER_FAILED
        except Exception as error:
            self._failed(error)
            return SANITIZER_FAILED

    def item(self, item: Item, changes: Mapping[str, Any] | None = None) -> dict[str, Any] | LossReason:
        """Clean an item of Sentry's SDK; `changes` replace an error's own fields."""
        try:
            record = clean_item(item, self._modules, self._tags, changes)
            reason = EMPTY_ITEM if item.type in TYPES else UNKNOWN_ITEM
        except Exception as error:
            self._failed(error)
            return SANITIZER_FAILED
        return record or reason
