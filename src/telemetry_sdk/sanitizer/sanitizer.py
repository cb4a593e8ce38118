"""The gate: the one place through which records pass, before the spool and again before they are sent.

Raw in, clean out, or the name of a reason. If the gate itself fails, the record is dropped: fail closed.
"""

from __future__ import annotations

from ..losses import EMPTY_ITEM, SANITIZER_FAILED, UNKNOWN_ITEM, LossReason
from . import context as contexts
from . import exposures, metrics
from .errors import ErrorGate
from .records import from_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..capture.snapshot import Snapshot
    from .code.modules import KnownModules
    from .items import Item

    RawEvent = tuple[float, object, object, object]


class Gate:
    """Cleans what this application records, and judges again what is read from its spool.

    `modules` None: nothing is known of the application (the spool is sent by a program of its own); names are
    then judged by their shape. `failed` hears of the gate's own failures.
    """

    def __init__(
        self,
        modules: KnownModules | None,
        tags: Mapping[str, frozenset[str]],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._modules = modules
        self._errors = ErrorGate(tags, modules)
        self._failed = failed

    def event(self, raw: RawEvent, event_id: str) -> dict[str, Any] | LossReason:
        """Return the clean record of a metric event, or why there is none."""
        time, event, value, metadata = raw
        try:
            if type(event) is exposures.Exposure:
                return exposures.record(event, metadata, time_ms=int(time * 1000), event_id=event_id)
            return metrics.event_record(event, value, metadata, time_ms=int(time * 1000), event_id=event_id)
        except metrics.Refused as refused:
            return refused.reason
        except Exception as error:
            self._failed(error)
            return SANITIZER_FAILED

    def error(self, snapshot: Snapshot, repeats: int = 0) -> dict[str, Any] | LossReason:
        """Return the clean record of an exception, or why there is none."""
        if self._modules is None:
            return SANITIZER_FAILED
        try:
            record = from_snapshot(snapshot, self._modules)
            record["repeats"] = repeats
            return self._errors.clean(record) or SANITIZER_FAILED
        except Exception as error:
            self._failed(error)
            return SANITIZER_FAILED

    def item(self, item: Item, changes: Mapping[str, Any] | None = None) -> dict[str, Any] | LossReason:
        """Return the clean record of an item of Sentry's SDK, or why there is none. `changes` stand over its own."""
        from .items import from_item

        if self._modules is None:
            return SANITIZER_FAILED
        try:
            record = from_item(item, self._modules)
            if record is None:
                return UNKNOWN_ITEM
            return self._errors.clean({**record, **(changes or {})}) or EMPTY_ITEM
        except Exception as error:
            self._failed(error)
            return SANITIZER_FAILED

    def again(self, kind: str, payload: bytes) -> dict[str, Any] | None:
        """Rebuild a record from the spool's JSON, or return None: files are not trusted."""
        from json import loads

        try:
            record = loads(payload)
            if kind != "metrics":
                return self._errors.clean(record)
            return exposures.clean(record) if exposures.is_exposure(record) else metrics.clean(record)
        except (ValueError, RecursionError):
            return None
        except Exception as error:
            self._failed(error)
            return None

    def published(self, item_type: str, payload: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return an encoded item if all of it is on the published list. Raises `ValueError`: then it does not leave."""
        from ..redaction import redact_secrets
        from .payload_schema import outside

        for value in (payload.get("exception") or {}).get("values", ()):
            if "value" in value and redact_secrets(value["value"]) != value["value"]:
                del value["value"]  # the second net: a secret that stands in the application's own code
        path = outside(item_type, payload)
        if path is not None:
            raise ValueError(f"not on the published list: {path}")
        return item_type, payload

    def context(self, kind: str, context: object) -> dict[str, Any] | None:
        """Rebuild the context of a file of records, or return None."""
        return contexts.metrics_context(context) if kind == "metrics" else contexts.errors_context(context)
