"""The processors between queue and spool, in their order: sample, throttle, `before_send`, sanitizer.

Each passes the record on, or returns the loss reason for which it is dropped. The sanitizer, the last, rebuilds every
record before it reaches the spool; where it raises, the record is dropped.
"""

from __future__ import annotations

from .._internal.clock import monotonic
from .._internal.compact_json import compact
from .._internal.ids import EventIds
from .._internal.raw_records import Exposure, Item, VendorEvent
from ..events import Declaration
from ..losses import (
    BEFORE_SEND,
    BEFORE_SEND_FAILED,
    EMPTY_ITEM,
    SAMPLED,
    SANITIZER_FAILED,
    THROTTLED,
    UNKNOWN_ITEM,
    LossReason,
)
from ..sanitizer.exposures import exposure_record
from ..sanitizer.items import TYPES, clean_item, is_handled, throttle_key
from ..sanitizer.metrics import EventRejected, event_text
from ..sanitizer.snapshots import clean_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from typing import Any

    from .._internal.diagnostics import Diagnostics
    from .._internal.lazy import Lazy
    from .._internal.raw_records import RawEvent, Snapshot
    from ..options import Options
    from ..sanitizer.code.modules import KnownModules

MINUTE = 60.0  # seconds
SAME_ERROR = 5  # a minute
EVENTS = 60_000  # a minute
MAX_KINDS = 1_000  # different errors remembered


class Processors:
    """Runs under the drain's lock.

    `before_send` gets a plain dict and returns it, changed or not, or None to drop the record:
    `{"kind": "event", "name", "value", "metadata"}` or `{"kind": "error", "level", "handled", "tags"}`. An exposure
    of a bound Statsig comes as an event; it can be dropped, not changed.
    `sample` maps an event's name to the share that is kept, 0 to 1.
    """

    def __init__(
        self,
        options: Options,
        modules: Lazy[KnownModules],
        errors: ErrorThrottle,
        events: EventThrottle,
        diagnostics: Diagnostics,
    ) -> None:
        self._modules = modules  # asked for errors only
        self._tags = options.tags
        self._errors = errors
        self._events = events
        self._before_send = options.before_send
        self._sample = options.sample
        self._diagnostics = diagnostics
        self._ids = EventIds()

    def event(self, raw: RawEvent) -> bytes | LossReason:
        """Return the clean record of an event as JSON, or why it is dropped."""
        if self._sample and not self._sampled(raw[1]):
            return SAMPLED
        if not self._events.admit():
            return THROTTLED
        if self._before_send is not None:
            asked = self._asked_event(raw)
            if isinstance(asked, LossReason):
                return asked
            raw = asked
        return clean_event(raw, self._ids.next(), self._diagnostics)

    def error(self, raw: Snapshot | Item) -> dict[str, Any] | LossReason:
        """Return the clean record of an exception or of an item of Sentry's SDK, or why it is dropped."""
        if isinstance(raw, Item):
            return self._item(raw)
        first = raw.exceptions[0]
        where = tuple((code.co_filename, code.co_qualname, line) for code, line, _ in first.frames[-3:])
        repeats = self._errors.admit((id(first.type), where))
        if repeats is None:
            return THROTTLED
        if self._before_send is not None:
            asked = self._asked_error(raw.level, raw.handled, raw.tags)
            if isinstance(asked, LossReason):
                return asked
            raw.level, raw.handled, raw.tags = asked["level"], asked["handled"], asked["tags"]
        return clean_snapshot(raw, self._modules.get(), self._tags, repeats) or SANITIZER_FAILED

    def throttled_errors(self) -> int:
        """Return and forget how many errors the throttle dropped that no later one reported."""
        return self._errors.take_held()

    def _item(self, item: Item) -> dict[str, Any] | LossReason:
        if item.type != "event":
            return self._cleaned(item)
        repeats = self._errors.admit(throttle_key(item))
        if repeats is None:
            return THROTTLED
        changes: dict[str, Any] = {"repeats": repeats}
        if self._before_send is not None:
            asked = self._asked_error(item.payload.get("level"), is_handled(item.payload), item.payload.get("tags"))
            if isinstance(asked, LossReason):
                return asked
            changes.update(asked)
        return self._cleaned(item, changes)

    def _cleaned(self, item: Item, changes: Mapping[str, Any] | None = None) -> dict[str, Any] | LossReason:
        reason = EMPTY_ITEM if item.type in TYPES else UNKNOWN_ITEM
        return clean_item(item, self._modules.get(), self._tags, changes) or reason

    def _asked_error(self, level: object, handled: bool, tags: object) -> dict[str, Any] | LossReason:
        given = dict(tags) if type(tags) is dict else {}
        asked = self._ask({"kind": "error", "level": level, "handled": handled, "tags": given})
        if isinstance(asked, LossReason):
            return asked
        return {
            "level": asked.get("level", ""),
            "handled": asked.get("handled") is not False,
            "tags": asked.get("tags"),
        }

    def _sampled(self, event: object) -> bool:
        named = type(event) in {Declaration, VendorEvent, Exposure}
        name = event if type(event) is str else getattr(event, "name", "") if named else ""
        rate = self._sample.get(name, 1.0) if type(name) is str else 1.0
        if rate >= 1.0:
            return True
        from random import random

        return random() < rate  # noqa: S311 - a share, not a secret

    def _asked_event(self, raw: RawEvent) -> RawEvent | LossReason:
        time, event, value, metadata = raw
        if type(event) is Exposure:
            asked = self._ask({"kind": "event", "name": event.name, "value": None, "metadata": _texts(metadata)})
            return asked if isinstance(asked, LossReason) else raw
        if type(event) is VendorEvent:
            given = {"name": event.name, "value": value, "metadata": metadata or {}}
        elif type(event) is Declaration:
            fields = dict(metadata) if type(metadata) is dict else {}
            given = {"name": event.name, "value": fields.pop("value", None), "metadata": fields}
        else:
            given = {"name": event, "value": value, "metadata": metadata or {}}
        asked = self._ask({"kind": "event", **given})
        if isinstance(asked, LossReason):
            return asked
        name: object = asked.get("name")
        if type(event) is VendorEvent:
            name = VendorEvent(name)
        return time, name, asked.get("value"), asked.get("metadata")

    def _ask(self, record: dict[str, Any]) -> dict[str, Any] | LossReason:
        assert self._before_send is not None  # noqa: S101 - the callers looked
        try:
            answer = self._before_send(record)
        except BaseException as error:  # a SystemExit of the host's hook would end our thread
            self._diagnostics.failed(error)
            return BEFORE_SEND_FAILED
        return answer if type(answer) is dict else BEFORE_SEND


def clean_event(raw: RawEvent, event_id: str, diagnostics: Diagnostics) -> bytes | LossReason:
    """Return the clean record of an event or an exposure as JSON, or why there is none; log what does not fit."""
    time, event, value, metadata = raw
    try:
        if type(event) is Exposure:
            return compact(exposure_record(event, metadata, time_ms=int(time * 1000), event_id=event_id))
        return event_text(event, value, metadata, time_ms=int(time * 1000), event_id=event_id)
    except EventRejected as rejected:
        diagnostics.log_once(f"event rejected: {rejected}")
        return rejected.reason


def _texts(metadata: object) -> dict[str, str]:
    """Return an exposure's own fields, as a copy."""
    return {key: value for key, value in metadata.items() if type(value) is str} if type(metadata) is dict else {}


class ErrorThrottle:
    """Lets an error pass, or counts it; the next that passes carries the count as its `repeats`."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._seen: dict[Hashable, list[float]] = {}  # key -> start of the minute, passed, held back
        self._forgotten = 0

    def admit(self, key: Hashable) -> int | None:
        """Return how many like it were held back since the last one, or None: hold this one back too."""
        now = self._clock()
        entry = self._seen.get(key)
        if entry is None:
            if len(self._seen) >= MAX_KINDS:
                self._forgotten += int(self._seen.pop(next(iter(self._seen)))[2])
            entry = self._seen[key] = [now, 0, 0]
        if now - entry[0] >= MINUTE:
            entry[0], entry[1] = now, 0
        if entry[1] >= SAME_ERROR:
            entry[2] += 1
            return None
        entry[1] += 1
        held, entry[2] = int(entry[2]), 0
        return held

    def take_held(self) -> int:
        """Return and forget how many were held back that no later one has carried."""
        held = sum(int(entry[2]) for entry in self._seen.values()) + self._forgotten
        self._seen.clear()
        self._forgotten = 0
        return held


class EventThrottle:
    """A bucket of one minute's events that fills evenly; `per_minute` None: no throttle."""

    def __init__(self, per_minute: int | None = EVENTS, clock: Callable[[], float] = monotonic) -> None:
        self._rate = per_minute
        self._clock = clock
        self._left = float(per_minute or 0)
        self._at = clock()

    def admit(self) -> bool:
        """Tell whether one more event fits."""
        if self._rate is None:
            return True
        now = self._clock()
        self._left = min(self._rate, self._left + (now - self._at) * self._rate / MINUTE)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
