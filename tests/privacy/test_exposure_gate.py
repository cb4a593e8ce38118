"""What leaves of an exposure: the vendor's keys, closed, with names from the specs, flags and reasons."""

from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_sdk._internal.shapes import is_token
from telemetry_sdk.encoders import statsig
from telemetry_sdk.sanitizer.exposures import CONFIG, GATE, LAYER, MAX_SECONDARY, Exposure
from telemetry_sdk.sanitizer.metrics import Refused, Spoken, event_record
from telemetry_sdk.sanitizer.sanitizer import Gate
from telemetry_sdk.spool import record_format as framing

from .test_metric_gate import Painted

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
ODD = ["/etc/passwd", "a b", "x" * 65, "", "yes", None, 1, True, [], {}, "\N{LATIN SMALL LETTER E WITH ACUTE}", "-1"]


def failed(error):
    raise error


GATE_OF_ALL = Gate(None, {}, failed)


def judged(name, metadata, *, known=True):
    return GATE_OF_ALL.event((1_795_348_137.5, Exposure(name, known=known), None, metadata), str(uuid.uuid4()))


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_whole_exposure_leaves_with_its_keys_and_no_other(name):
    metadata = {**WHOLE[name], **OPTIONAL}
    record = judged(name, {**metadata, "configSyncTime": 1, "planted": "planted", "user": "planted"})
    assert record["metadata"] == metadata
    again = GATE_OF_ALL.again("metrics", framing.packed(record))
    assert again == record


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_name_that_the_specs_do_not_know_is_counted_without_it(name):
    assert judged(name, None, known=False) == "unknown_exposure"


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(("name", "key"), [(name, key) for name in WHOLE for key in WHOLE[name]])
def test_an_odd_value_of_a_needed_key_drops_the_exposure(name, key, odd):
    fits = key in {"ruleID", "allocatedExperiment"} and odd == ""
    token = key not in {"gateValue", "rulePassed", "isExplicitParameter"} and odd == "yes"
    record = judged(name, {**WHOLE[name], key: odd})
    assert isinstance(record, dict) if fits or token else record == "bad_exposure"


@pytest.mark.parametrize("odd", [odd for odd in ODD if odd != "yes"], ids=repr)
@pytest.mark.parametrize("key", sorted(OPTIONAL))
def test_an_odd_value_of_another_key_is_left_out(key, odd):
    assert judged(GATE, {**WHOLE[GATE], key: odd})["metadata"] == WHOLE[GATE]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.sampled_from(["true", "g", "/planted"])),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(st.text(max_size=8), inside, max_size=3)),
    max_leaves=8,
)
KEYS = st.sampled_from(sorted({key for keys in WHOLE.values() for key in keys} | set(OPTIONAL) | {"planted"}))


@given(st.sampled_from(sorted(WHOLE)), st.dictionaries(KEYS, JSON), JSON, st.booleans())
def test_a_planted_exposure_on_the_disk_is_closed(name, metadata, secondary, whole):
    told = {**metadata, **WHOLE[name]} if whole else metadata
    payload = {"id": str(uuid.uuid4()), "time": 1, "name": name, "value": "planted", "metadata": told}
    record = GATE_OF_ALL.again("metrics", json.dumps({**payload, "secondary": secondary, "more": 1}).encode())
    if record is None:
        return
    assert record.keys() == {"id", "time", "name", "value", "metadata", "secondary"}
    assert record["value"] is None
    assert record["metadata"].keys() <= {*WHOLE[name], *OPTIONAL}
    assert all(value == "" or is_token(value) for value in record["metadata"].values())
    assert GATE_OF_ALL.again("metrics", framing.packed(record)) == record


def test_secondary_exposures_are_bounded_and_of_the_same_shape():
    good = {"gate": "g", "gateValue": "false", "ruleID": "r"}
    rows = [good, {**good, "gate": "/planted"}, "planted", {**good, "planted": "planted"}, *[good] * 100]
    record = judged(GATE, {**WHOLE[GATE], "secondaryExposures": rows})
    assert record["secondary"] == [good] * (MAX_SECONDARY - 2)
    assert len(framing.packed(record)) < framing.MAX_EVENT


def test_on_the_wire_it_is_the_vendors_exposure():
    record = judged(LAYER, WHOLE[LAYER])
    names = ("app", "app_version", "sdk_version", "os", "arch", "python", "provider", "user", "session")
    event = json.loads(statsig.event(record, {**dict.fromkeys(names, "x"), "environment": None}))  # type: ignore[typeddict-item]
    assert (event["eventName"], event["secondaryExposures"]) == (LAYER, [])
    assert event["metadata"] == {**WHOLE[LAYER], "event_uuid": record["id"]}


@given(st.dictionaries(st.sampled_from(["coat", "litres", "count", "wet", "value"]), st.text(max_size=30), max_size=5))
def test_a_text_that_the_package_was_told_leaves_as_a_number_a_flag_or_a_choice_only(texts):
    try:
        record = event_record(Spoken("painted"), None, texts, time_ms=1, event_id="")
    except Refused as refused:
        assert refused.reason == "bad_value"
        return
    told = {**record["metadata"], "value": record["value"]}
    for key, value in told.items():
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
        *[("litres", odd, None) for odd in ("12.50", "nan", "inf", "1e400", "0x1", "1_0", " 1", "+1", "\u0661", "")],
        *[("count", odd, None) for odd in ("3.0", "007", "1e3", "-0", "9" * 20, "true")],
        *[("wet", odd, None) for odd in ("yes", "1", "TRUE", "")],
        ("coat", "3", None),
    ],
)
def test_only_exact_forms_are_read(field, text, leaves):
    try:
        record = event_record(Spoken(Painted.__telemetry__.name), None, {field: text}, time_ms=1, event_id="")
    except Refused:
        assert leaves is None
        return
    assert (record["metadata"][field], type(record["metadata"][field])) == (leaves, type(leaves))


def test_our_own_calls_take_no_text_for_a_number():
    with pytest.raises(Refused):
        event_record("painted", None, {"litres": "12.5"}, time_ms=1, event_id="")
