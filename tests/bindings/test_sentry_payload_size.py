"""What Sentry's SDK hands over is copied within a budget, however its parts are shared."""

from __future__ import annotations

from typing import Any

from sentry_sdk.envelope import Envelope, Item, PayloadRef

from telemetry_sdk.integrations.sentry import QueueTransport


class Items:
    """Takes items as the recorder does."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []

    def item(self, _kind: str, payload: dict[str, Any]) -> None:
        self.payloads.append(payload)


def test_an_event_whose_parts_are_shared_is_copied_in_bounded_time():
    """Lists of 200 lists, 8 levels deep: 2.5 * 10^18 values."""
    value: Any = "x"
    for _ in range(8):
        value = [value] * 200
    event = {"event_id": "ab" * 16, "exception": {"values": [{"type": "KeyError", "stacktrace": value}]}}
    envelope = Envelope()
    envelope.add_item(Item(payload=PayloadRef(json=event), type="event"))
    items = Items()
    transport = QueueTransport({"dsn": "https://ab@o1.ingest.sentry.io/1"}, items)  # type: ignore[arg-type]
    transport.capture_envelope(envelope)
    (found,) = items.payloads
    assert found["event_id"] == "ab" * 16
    assert found["exception"]["values"][0]["type"] == "KeyError"
