"""What happens to a record between queue and spool: sample, throttle, the host's `before_send`, the gate.

Each step returns the record or the name of the reason why it ends here.
"""

from __future__ import annotations

from ..privacy.exposures import Exposure
from ..privacy.metrics import Spoken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..privacy.gate import Gate, RawEvent
    from ..privacy.snapshot import Snapshot
    from .throttle import ErrorThrottle, EventThrottle

    BeforeSend = Callable[[dict[str, Any]], dict[str, Any] | None]


class Intake:
    """The steps, in their order. Runs under the drain's lock.

    `before_send` gets a plain dict and returns it, changed or not, or None to drop the record:
    `{"kind": "event", "name", "value", "metadata"}` or `{"kind": "error", "level", "handled", "tags"}`. An exposure
    of a bound Statsig comes as an event; it can be dropped, not changed.
    `sample` maps an event's name to the share that is kept, 0 to 1.
    """

    def __init__(
        self,
        gate: Gate,
        errors: ErrorThrottle,
        events: EventThrottle,
        *,
        before_send: BeforeSend | None = None,
        sample: Mapping[str, float] | None = None,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._gate = gate
        self._errors = errors
        self._events = events
        self._before_send = before_send
        self._sample = sample or {}
        self._failed = failed

    def event(self, raw: RawEvent, event_id: str) -> dict[str, Any] | str:
        """Return the clean record of an event, or why it ends here."""
        if not self._events.admit():
            return "throttled"
        if self._sample and not self._sampled(raw[1]):
            return "sampled"
        if self._before_send is not None:
            asked = self._asked_event(raw)
            if isinstance(asked, str):
                return asked
            raw = asked
        return self._gate.event(raw, event_id)

    def error(self, snapshot: Snapshot) -> dict[str, Any] | str:
        """Return the clean record of an exception, or why it ends here."""
        first = snapshot.links[0]
        place = tuple((code.co_filename, code.co_qualname, line) for code, line, _ in first.frames[-3:])
        repeats = self._errors.admit((id(first.type), place))
        if repeats is None:
            return "throttled"
        if self._before_send is not None:
            given = {"level": snapshot.level, "handled": snapshot.handled, "tags": dict(snapshot.tags or {})}
            asked = self._ask({"kind": "error", **given})
            if isinstance(asked, str):
                return asked
            snapshot.level, snapshot.handled = asked.get("level", ""), asked.get("handled") is not False
            snapshot.tags = asked.get("tags")
        return self._gate.error(snapshot, repeats)

    def _sampled(self, event: object) -> bool:
        named = event if isinstance(event, (Spoken, Exposure)) else getattr(type(event), "__telemetry__", None)
        name = event if type(event) is str else getattr(named, "name", "")
        rate = self._sample.get(name, 1.0) if type(name) is str else 1.0
        if rate >= 1.0:
            return True
        from random import random

        return random() < rate  # noqa: S311 - a share, not a secret

    def _asked_event(self, raw: RawEvent) -> RawEvent | str:
        time, event, value, metadata = raw
        declaration = getattr(type(event), "__telemetry__", None)
        if isinstance(event, Exposure):
            asked = self._ask({"kind": "event", "name": event.name, "value": None, "metadata": _texts(metadata)})
            return asked if isinstance(asked, str) else raw  # may be dropped, not changed: its names are the specs'
        if isinstance(event, Spoken):
            given = {"name": event.name, "value": value, "metadata": metadata or {}}
        elif declaration is None:
            given = {"name": event, "value": value, "metadata": metadata or {}}
        else:
            fields = dict(event.__dict__)
            given = {"name": declaration.name, "value": fields.pop("value", None), "metadata": fields}
        asked = self._ask({"kind": "event", **given})
        if isinstance(asked, str):
            return asked
        name: object = asked.get("name")
        if isinstance(event, Spoken):
            name = Spoken(name)
        return time, name, asked.get("value"), asked.get("metadata")

    def _ask(self, record: dict[str, Any]) -> dict[str, Any] | str:
        assert self._before_send is not None  # noqa: S101 - the callers looked
        try:
            answer = self._before_send(record)
        except BaseException as error:  # a SystemExit of the host's hook would end our thread
            self._failed(error)
            return "before_send_failed"
        return answer if type(answer) is dict else "before_send"


def _texts(metadata: object) -> dict[str, str]:
    """Return an exposure's own fields, as a copy."""
    return {key: value for key, value in metadata.items() if type(value) is str} if type(metadata) is dict else {}
