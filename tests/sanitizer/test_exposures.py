"""Exposures: the vendor's own keys, with names from the specs, flags and reasons."""

from __future__ import annotations

import uuid
from json import loads
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.raw_records import Exposure, VendorEvent
from telemetry_sdk._internal.shapes import is_token
from telemetry_sdk.encoders import statsig
from telemetry_sdk.pipeline.processors import clean_event
from telemetry_sdk.sanitizer.exposures import CONFIG, GATE, LAYER, MAX_SECONDARY
from telemetry_sdk.sanitizer.metrics import EventRejected, event_record
from telemetry_sdk.sanitizer.payload_schema import violation
from telemetry_sdk.spool import record_format as framing

from .test_metric_events import Painted

WHOLE = {
    GATE: {"gate": "g", "gateValue": "true", "ruleID": "r"},
    CONFIG: {"config": "c", "ruleID": "", "rulePassed": "false"},
    LAYER: {
        "config": "l",
        "ruleID": "r",
        "allocatedExperiment": "",
        "parameterName": "p",
        "isExplicitParameter": "false",
    },
}
OPTIONAL = {"configVersion": "7", "isManualExposure": "true", "overrideConfigName": "o", "reason": "Network:Error"}
BAD = ["/etc/passwd", "a b", "x" * 65, "", "yes", None, 1, True, [], {}, "\N{LATIN SMALL LETTER E WITH ACUTE}", "-1"]


NAMES = ("app", "app_version", "sdk_version", "os", "arch", "python", "provider")
METADATA: Any = {**dict.fromkeys(NAMES, "x"), "user": str(uuid.uuid4()), "session": "", "environment": None}
USER = statsig.user(METADATA)
SESSION = str(uuid.uuid4())


def cleaned(name, metadata, *, known=True):
    raw = 1_795_348_137.5, Exposure(name, known=known), None, metadata
    made = clean_event(raw, str(uuid.uuid4()), Diagnostics())
    return loads(made) if isinstance(made, bytes) else made


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_whole_exposure_keeps_the_vendors_keys_and_no_other(name):
    metadata = {**WHOLE[name], **OPTIONAL}
    record = cleaned(name, {**metadata, "configSyncTime": 1, "planted": "planted", "user": "planted"})
    assert record["metadata"] == metadata


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_an_exposure_whose_name_is_not_in_the_specs_is_dropped_as_unknown(name):
    assert cleaned(name, None, known=False) == "unknown_exposure"


@pytest.mark.parametrize("bad", BAD, ids=repr)
@pytest.mark.parametrize(("name", "key"), [(name, key) for name in WHOLE for key in WHOLE[name]])
def test_a_bad_value_of_a_required_key_drops_the_exposure(name, key, bad):
    fits = key in {"ruleID", "allocatedExperiment"} and bad == ""
    token = key not in {"gateValue", "rulePassed", "isExplicitParameter"} and bad == "yes"
    record = cleaned(name, {**WHOLE[name], key: bad})
    assert isinstance(record, dict) if fits or token else record == "bad_exposure"


@pytest.mark.parametrize("bad", [bad for bad in BAD if bad != "yes"], ids=repr)
@pytest.mark.parametrize("key", sorted(OPTIONAL))
def test_a_bad_value_of_an_optional_key_is_left_out(key, bad):
    assert cleaned(GATE, {**WHOLE[GATE], key: bad})["metadata"] == WHOLE[GATE]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.sampled_from(["true", "g", "/planted"])),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(st.text(max_size=8), inside, max_size=3)),
    max_leaves=8,
)
KEYS = st.sampled_from(sorted({key for keys in WHOLE.values() for key in keys} | set(OPTIONAL) | {"planted"}))


@given(st.sampled_from(sorted(WHOLE)), st.dictionaries(KEYS, JSON), JSON, st.booleans())
def test_an_exposure_keeps_the_vendors_keys_with_short_tokens_only(name, metadata, secondary, whole):
    given_metadata = {**metadata, **WHOLE[name]} if whole else metadata
    record = cleaned(name, {**given_metadata, "secondaryExposures": secondary})
    if record == "bad_exposure":
        assert not whole
        return
    assert record.keys() == {"id", "time", "name", "value", "metadata", "secondary"}
    assert record["value"] is None
    assert record["metadata"].keys() <= {*WHOLE[name], *OPTIONAL}
    assert all(value == "" or is_token(value) for value in record["metadata"].values())
    assert violation("statsig_event", statsig.event(record, SESSION)) is None


def test_secondary_exposures_are_bounded_and_have_the_same_shape():
    good = {"gate": "g", "gateValue": "false", "ruleID": "r"}
    rows = [good, {**good, "gate": "/planted"}, "planted", {**good, "planted": "planted"}, *[good] * 100]
    record = cleaned(GATE, {**WHOLE[GATE], "secondaryExposures": rows})
    assert record["secondary"] == [good] * (MAX_SECONDARY - 2)
    assert len(compact(record)) < framing.MAX_EVENT


def test_an_encoded_exposure_is_the_vendors_exposure():
    record = cleaned(LAYER, WHOLE[LAYER])
    event = statsig.event(record, SESSION)
    assert (event["eventName"], event["secondaryExposures"]) == (LAYER, [])
    assert event["metadata"] == {**WHOLE[LAYER], "event_uuid": record["id"], "session_id": SESSION}


@given(st.dictionaries(st.sampled_from(["coat", "litres", "count", "wet", "value"]), st.text(max_size=30), max_size=5))
def test_strings_given_to_the_vendors_package_become_numbers_flags_or_choices_only(texts):
    try:
        record = event_record(VendorEvent("painted"), None, texts, time_ms=1, event_id="")
    except EventRejected as rejected:
        assert rejected.reason == "bad_value"
        return
    sent = {**record["metadata"], "value": record["value"]}
    for key, value in sent.items():
        assert type(value) in {bool, int, float, type(None)} or value in {"thin", "thick"}
        assert value is None or key not in texts or str(value) in {texts[key], texts[key].capitalize()}


@pytest.mark.parametrize(
    ("field", "text", "leaves"),
    [
        ("litres", "12.5", 12.5),
        ("litres", "3", 3),
        ("litres", "-0.5", -0.5),
        ("litres", "1e+22", 1e22),
        ("count", "3", 3),
        ("wet", "true", True),
        ("wet", "False", False),
        ("coat", "thin", "thin"),
        *[("litres", bad, None) for bad in ("12.50", "nan", "inf", "1e400", "0x1", "1_0", " 1", "+1", "\u0661", "")],
        *[("count", bad, None) for bad in ("3.0", "007", "1e3", "-0", "9" * 20, "true")],
        *[("wet", bad, None) for bad in ("yes", "1", "TRUE", "")],
        ("coat", "3", None),
    ],
)
def test_a_number_is_parsed_only_as_python_or_json_write_it(field, text, leaves):
    try:
        record = event_record(VendorEvent(Painted.__telemetry__.name), None, {field: text}, time_ms=1, event_id="")
    except EventRejected:
        assert leaves is None
        return
    assert (record["metadata"][field], type(record["metadata"][field])) == (leaves, type(leaves))


def test_log_event_itself_takes_no_string_for_a_number():
    with pytest.raises(EventRejected):
        event_record("painted", None, {"litres": "12.5"}, time_ms=1, event_id="")
