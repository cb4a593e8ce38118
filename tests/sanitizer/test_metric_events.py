"""Metric events: declared names, declared keys, values of the declared type."""

from __future__ import annotations

import enum
import uuid
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import telemetry_sdk
from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk.encoders import statsig
from telemetry_sdk.events import with_fields
from telemetry_sdk.sanitizer.metrics import EventRejected, event_record, event_text
from telemetry_sdk.sanitizer.payload_schema import violation
from telemetry_sdk.sanitizer.run_metadata import metrics_context


class Colour(enum.Enum):
    RED = "red"
    BLUE = 2


class Painted(telemetry_sdk.Event, name="painted"):
    colour: Colour
    coat: Literal["thin", "thick", 3]
    litres: float
    count: int = 1
    wet: bool | None = None
    value: float | None = None


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.text(), max_size=2),
    st.sampled_from([Colour.RED, Colour.BLUE, "red", 2, "thin", 3, True, object(), uuid.uuid4()]),
)
KEYS = st.sampled_from(["colour", "coat", "litres", "count", "wet", "value", "planted", "/etc/passwd"])


def recorded(event, value=None, metadata=None):
    """Return the clean record, of which the text that is spooled is the JSON."""
    named, fields = with_fields(event, metadata)
    common: Any = {"time_ms": 1_795_348_137_541, "event_id": str(uuid.uuid4())}
    record = event_record(named, value, fields, **common)
    assert event_text(named, value, fields, **common) == compact(record)
    return record


@given(st.dictionaries(KEYS, ANYTHING, max_size=7), st.booleans())
def test_an_event_keeps_declared_keys_with_values_of_their_types_only(fields, by_class):
    try:
        record = recorded(Painted(**fields)) if by_class else recorded("painted", None, fields)
    except EventRejected as rejected:
        assert rejected.reason in {"undeclared_field", "missing_field", "bad_value"}
        return
    metadata = record["metadata"]
    assert metadata.keys() <= {"colour", "coat", "litres", "count", "wet"}
    assert metadata.get("colour", "red") in {"red", 2}
    assert metadata.get("coat", "thin") in {"thin", "thick", 3}
    assert type(metadata.get("litres", 1.0)) in {int, float}
    assert type(metadata.get("count", 1)) is int


@given(st.dictionaries(st.sampled_from(["user", "session", "app", "os", "host", "environment"]), ANYTHING))
def test_the_context_of_metrics_holds_versions_and_random_ids_only(fields):
    context = metrics_context({"user": str(uuid.uuid4()), "session": str(uuid.uuid4()), **fields})
    if context is not None:
        assert "host" not in context
        for value in context.values():
            assert value is None or (len(value) <= 64 and not set(value) & set("/\\ \n\t'\""))


class Valued(telemetry_sdk.Event, name="valued"):
    value: Literal["high", 2, True]


@pytest.mark.parametrize("value", ["high", 2, True])
def test_a_declared_choice_as_the_events_value_is_in_the_payload_schema(value):
    record = recorded(Valued(value=value))
    assert record["value"] == value
    assert violation("statsig_event", statsig.event(record, str(uuid.uuid4()))) is None


@pytest.mark.parametrize("field", ["event_uuid", "session_id"])
def test_a_field_named_as_one_that_every_event_has_cannot_be_declared(field):
    with pytest.raises(TypeError, match=field):
        type("Own", (telemetry_sdk.Event,), {"__annotations__": {field: int}}, name="own")


def test_a_choice_that_json_readers_round_cannot_be_declared():
    with pytest.raises(TypeError, match="larger than"):
        type("Large", (telemetry_sdk.Event,), {"__annotations__": {"n": Literal[9007199254740993]}}, name="large")
