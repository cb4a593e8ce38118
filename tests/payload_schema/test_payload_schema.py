"""The payload schema lists all that is sent, no more and no less; the check refuses everything else; the docs agree."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from telemetry_sdk.sanitizer import payload_schema as schema
from telemetry_sdk.sanitizer.exposures import GATE
from telemetry_sdk.sanitizer.payload_schema import ERRORS, METRICS, REPORTS, SESSIONS, violation

from . import document

SCENE = """
import json, logging, subprocess, sys
from typing import Literal
import sentry_sdk
from statsig import StatsigEvent, StatsigUser, statsig
import telemetry_sdk

class Listed(telemetry_sdk.Event, name="listed"):
    value: float
    ok: bool
    kind: Literal["a", "b"]

every = [{"passPercentage": 100, "id": "all", "returnValue": {"size": 3}}]
nested = [{"passPercentage": 100, "id": "in", "conditions": [{"type": "pass_gate", "targetValue": "inner"}]}]
specs = json.dumps({"time": 1,
    "feature_gates": [
        {"name": "inner", "enabled": True, "rules": every, "version": 2},
        {"name": "outer", "enabled": True, "rules": nested, "version": 3},
    ],
    "dynamic_configs": [{"name": "limits", "enabled": True, "rules": every}],
    "layer_configs": [{"name": "layer", "enabled": True, "rules": every}],
})
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", environment="production", user_id="0123456789abcdef",
    tags={"area": ["tools"]}, app_modules=["__main__"], statsig_specs=specs)
client.log_event(Listed(value=1, ok=True, kind="a"))
user = StatsigUser("a user")
statsig.check_gate(user, "outer")
statsig.get_config(user, "limits")
statsig.get_layer(user, "layer").get("size", 0)
statsig.manually_log_gate_exposure(user, "inner")
statsig.override_gate("inner", True)

def chained():
    try:
        try:
            raise OSError(13, "no")
        except OSError as cause:
            raise ExceptionGroup("two things failed", [ValueError(), KeyError()]) from cause
    except ExceptionGroup as group:
        return group
for error in (chained(), OSError(2, "bare")):
    client.capture_exception(error, tags={"area": "tools"})
sentry_sdk.get_isolation_scope().start_session()
sentry_sdk.add_breadcrumb(category="http", level="info")
with sentry_sdk.start_transaction(name="t"):
    with sentry_sdk.start_span(op="s"):
        logging.error("only words")
        sentry_sdk.capture_exception(KeyError())
sentry_sdk.get_client().transport.record_lost_event("before_send", data_category="error")
sentry_sdk.get_isolation_scope().end_session()
sentry_sdk.flush(20)
assert client.flush_sync(20), client.stats()
assert client.stats()["failures"] == 0
"""
# Not seen in this scene: what the vendors' packages leave out of it, and a distribution, which nobody can name yet.
UNSEEN = {"dist", "duration", "metadata.overrideConfigName", "contexts.trace.parent_span_id"}


LISTS = {"event": ERRORS, "session": SESSIONS, "client_report": REPORTS}


@pytest.fixture
def wire(program, receiver):
    """What a program that uses everything sends, by type of item; of metrics whole bodies."""
    done = program(SCENE, bare=True)
    assert done.code == 0, done.err
    items = [(item.type, json.loads(item.payload)) for item in receiver.envelope_items()]
    return items, [request.json() for request in receiver.requests("metrics")]


def paths(value, at=""):
    """Yield the path of everything in a payload that holds nothing further: `a.b[].c`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{at}[]")
    else:
        yield at


def listed(payloads, fields):
    """The paths of payloads, each under the name that the list has for it."""
    found = {path for payload in payloads for path in paths(payload)}
    return {path if path in fields else f"{path.partition('.')[0]}.*" for path in found}


def test_the_lists_hold_exactly_what_is_sent(wire):
    items, bodies = wire
    for kind, fields in LISTS.items():
        assert listed([payload for of, payload in items if of == kind], fields) == set(fields) - UNSEEN, kind
    sent = listed([event for body in bodies for event in body["events"]], METRICS)
    sent |= {f"statsigMetadata.{key}" for body in bodies for key in body["statsigMetadata"]}
    assert sent == set(METRICS) - UNSEEN - {"user.customIDs"}


def test_everything_sent_is_in_the_schema(wire):
    items, bodies = wire
    assert [violation(kind, payload) for kind, payload in items] == [None] * len(items)
    for body in bodies:
        assert violation("statsig_metadata", body["statsigMetadata"]) is None
        assert [violation("statsig_event", event) for event in body["events"]] == [None] * len(body["events"])


SAMPLES = {
    schema.EVENT_ID: "0123456789abcdef" * 2,
    schema.SPAN_ID: "0123456789abcdef",
    schema.USER_ID: "6f9619ff-8b86-4011-b42d-00c04fc964ff",
    schema.UUID: "6f9619ff-8b86-4011-b42d-00c04fc964ff",
    schema.SESSION: "6f9619ff-8b86-4011-b42d-00c04fc964ff",
    schema.SECONDS: 1_795_348_137.5,
    schema.MILLISECONDS: 1_795_348_137_541,
    schema.MOMENT: "2026-11-27T10:00:00.000000Z",
    schema.COUNT: 3,
    schema.NUMBER: -2.5,
    schema.FLAG: False,
    schema.NAME: "work.<locals>.<lambda>",
    schema.MODULE: "json.decoder",
    schema.GROUP: "{{ default }}",
    schema.VERSION: "1.4.2+local",
    schema.NUMERIC: "6.9.1",
    schema.TOKEN: "production",
    schema.CHOICE: "first_party",
    schema.SYMBOL: "ENOENT",
    schema.SOURCE: "exceptions[3]",
    schema.TEMPLATE: "could not open <…> for <…>",
    schema.NOTHING: {},
    schema.SCALAR: "bash",
}
EXPOSED = {"gateValue": "true", "rulePassed": "true", "isExplicitParameter": "true", "isManualExposure": "true"}


def sample(path, kind):
    if kind.choices is not None:
        return min(kind.choices)
    exposed = EXPOSED.get(path.rpartition(".")[2], "7")
    return SAMPLES.get(kind, exposed)


def cases():
    """Yield (kind of payload, path, kind of value, what the payload holds besides) for every listed field."""
    for name, fields in LISTS.items():
        yield from ((name, path, kind, {}) for path, (kind, _) in fields.items())
    for path, (kind, _) in METRICS.items():
        request, _, rest = path.partition(".")
        if request == "statsigMetadata":
            yield "statsig_metadata", rest, kind, {}
        else:
            exposed = request == "secondaryExposures[]" or (
                request == "metadata" and rest not in {"*", "event_uuid", "session_id"}
            )
            yield "statsig_event", path, kind, {"eventName": GATE} if exposed else {}


CASES = list(cases())
EVERY_FIELD = pytest.mark.parametrize(
    ("name", "path", "kind", "besides"), CASES, ids=[f"{name}:{path}" for name, path, _, _ in CASES]
)


def payload_with(path, value):
    """Return the least payload that holds a value at a path."""
    for part in reversed(path.replace("*", "declared").split(".")):
        key, brackets, _ = part.partition("[]")
        value = {key: [value] if brackets else value}
    return value


@EVERY_FIELD
def test_a_sample_of_every_field_is_in_the_schema(name, path, kind, besides):
    assert violation(name, {**besides, **payload_with(path, sample(path, kind))}) is None


BAD = [
    *(None, float("nan"), float("inf"), -float("inf"), 10**400, -(10**400), b"planted", object()),
    *("x" * 5_000, "/home/planted/x.py", "C:\\planted\\x.py", "see ~/planted", "", "two\nlines"),
    *([], ["planted"], {"planted": 1}, {}, True, 1, 1.5, "planted words"),
]
ALLOWED = {
    schema.TEMPLATE: ("two\nlines", "planted words"),
    schema.NOTHING: ({},),
    schema.FLAG: (True,),
    schema.SCALAR: (True, 1, 1.5),
    schema.COUNT: (1,),
    schema.MILLISECONDS: (1,),
    schema.NUMBER: (1, 1.5),
    schema.SECONDS: (1.5,),
}
MAY_BE_EMPTY = {"ruleID", "allocatedExperiment"}


@EVERY_FIELD
def test_a_bad_value_is_refused_at_every_field(name, path, kind, besides):
    for bad in BAD:
        allowed = any(type(bad) is type(good) and bad == good for good in ALLOWED.get(kind, ()))
        allowed |= bad == "" and path.rpartition(".")[2] in MAY_BE_EMPTY
        found = violation(name, {**besides, **payload_with(path, bad)})
        if allowed:
            assert found is None, bad
        else:
            assert str(found).startswith(path.partition(".")[0].removesuffix("[]")), bad


@EVERY_FIELD
def test_an_unknown_key_is_refused_beside_every_field(name, path, kind, besides):
    payload = {**besides, **payload_with(path, sample(path, kind))}
    at = payload
    for part in path.split("."):
        key = (
            "/home/planted" if part in {"*", "event_uuid", "session_id"} else "planted"
        )  # declared elsewhere: by their shape
        at[key] = 1
        assert str(violation(name, payload)).endswith(key), part
        del at[key]
        assert violation(name, payload) is None
        at = at[part.replace("*", "declared").removesuffix("[]")]
        at = at[0] if part.endswith("[]") else at


@EVERY_FIELD
def test_a_long_list_is_refused_at_every_field(name, path, kind, besides):
    payload = {**besides, **payload_with(path, sample(path, kind))}
    at = payload
    for part in path.split("."):
        key = part.replace("*", "declared").removesuffix("[]")
        if part.endswith("[]"):
            at[key] = at[key] * 201
            assert violation(name, payload) is not None
            at[key] = at[key][:1]
        at = at[key][0] if part.endswith("[]") else at[key]
    assert violation(name, payload) is None


@EVERY_FIELD
def test_a_field_that_changes_after_an_accepted_payload_is_refused(name, path, kind, besides):
    """The check remembers what it accepted."""
    payload = {**besides, **payload_with(path, sample(path, kind))}
    assert violation(name, payload) is None
    at = payload
    *parents, last = path.replace("*", "declared").split(".")
    for part in parents:
        at = at[part.removesuffix("[]")]
        at = at[0] if part.endswith("[]") else at
    at[last.removesuffix("[]")] = "/home/planted"
    assert violation(name, payload) is not None


@pytest.mark.parametrize("name", ["transaction", "attachment", "statsig_request", ""])
def test_any_other_kind_of_payload_is_refused(name):
    assert violation(name, {}) == name


def test_many_tags_and_fields_are_refused():
    many = {f"key_{number}": "x" for number in range(201)}
    assert violation("event", {"tags": many}) == "tags"
    assert violation("statsig_event", {"metadata": many}) == "metadata"
    assert violation("event", {"tags": {key: many[key] for key in list(many)[:100]}}) is None


def test_checking_loads_nothing_of_the_application_nor_of_the_redaction():
    source = """
import sys
from telemetry_sdk.sanitizer.payload_schema import violation
assert violation("event", {"exception": {"values": [{"value": "could not open <…>"}]}}) is None
ours = {name.removeprefix("telemetry_sdk.") for name in sys.modules if name.startswith("telemetry_sdk.")}
heavy = ("redaction", "capture", "client", "options", "runtime", "sanitizer.code.modules", "sanitizer.code.sources")
print([name for name in ours if name.startswith(heavy)])
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_events_command_prints_the_same_lists(program):
    done = program(
        "import sys; sys.argv[1:] = ['events', '--json']; from telemetry_sdk.cli import main; main()", bare=True
    )
    printed = json.loads(done.out)
    for name, fields in (("metrics", METRICS), ("errors", ERRORS), ("sessions", SESSIONS), ("client_reports", REPORTS)):
        assert list(printed[name]) == list(fields)
        for path, (kind, meaning) in fields.items():
            choices = None if kind.choices is None else sorted(kind.choices)
            assert printed[name][path] == {"type": kind.name, "choices": choices, "meaning": meaning}


def test_the_page_has_the_same_tables():
    page = document.PAGE.read_text(encoding="utf-8")
    assert page == document.rendered(page), "run .venv/bin/python -m tests.payload_schema and look at the change"
    assert set(re.findall(r"<!-- ([a-z ]+), from the payload schema -->", page)) == set(document.TABLES)
