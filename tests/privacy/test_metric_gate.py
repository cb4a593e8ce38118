"""What leaves of a metric event: declared names, declared keys, values of the declared type."""

from __future__ import annotations

import enum
import json
import uuid
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

import telemetry_sdk
from telemetry_sdk._internal.shapes import is_token
from telemetry_sdk.sanitizer.context import metrics_context
from telemetry_sdk.sanitizer.metrics import Refused, clean, event_record
from telemetry_sdk.spool import record_format as framing


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
    return event_record(event, value, metadata, time_ms=1_795_348_137_541, event_id=str(uuid.uuid4()))


@given(st.dictionaries(KEYS, ANYTHING, max_size=7), st.booleans())
def test_only_what_was_declared_leaves(fields, by_class):
    try:
        record = recorded(Painted(**fields)) if by_class else recorded("painted", None, fields)
    except Refused as refused:
        assert refused.reason in {"undeclared_field", "missing_field", "bad_value"}
        return
    metadata = record["metadata"]
    assert metadata.keys() <= {"colour", "coat", "litres", "count", "wet"}
    assert metadata.get("colour", "red") in {"red", 2}
    assert metadata.get("coat", "thin") in {"thin", "thick", 3}
    assert type(metadata.get("litres", 1.0)) in {int, float}
    assert type(metadata.get("count", 1)) is int
    assert clean(json.loads(framing.packed(record))) == record, "idempotent, through the disk"


@given(st.recursive(ANYTHING, lambda inner: st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=10))
def test_any_record_from_disk_is_rebuilt_or_refused(value):
    for name in ("painted", "declared_nowhere"):
        base = {"id": str(uuid.uuid4()), "time": 5, "name": name, "value": None, "metadata": {}}
        for key in base:
            got = clean({**base, key: value, "planted": value})
            if got is not None:
                assert got.keys() == base.keys()
                for kept in got["metadata"].values():
                    assert type(kept) in {bool, int, float} or is_token(kept)
                assert clean(got) == got
    assert clean(value) is None


@given(st.dictionaries(st.sampled_from(["user", "session", "app", "os", "host", "environment"]), ANYTHING))
def test_a_context_is_versions_and_random_ids_only(fields):
    context = metrics_context({"user": str(uuid.uuid4()), "session": str(uuid.uuid4()), **fields})
    if context is not None:
        assert "host" not in context
        for value in context.values():
            assert value is None or (len(value) <= 64 and not set(value) & set("/\\ \n\t'\""))
