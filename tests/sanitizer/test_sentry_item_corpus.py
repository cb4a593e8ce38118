"""Items of the real SDK with planted words everywhere: none survives, known names do. Another seed in each run.

A seed that failed is run again with `TELEMETRY_SDK_TEST_SEED=...`.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import random
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_sdk._internal.raw_records import Item
from telemetry_sdk.encoders import sentry
from telemetry_sdk.privacy import clean_sentry_item
from telemetry_sdk.sanitizer.code.remote_modules import RemoteModules
from telemetry_sdk.sanitizer.items import clean_item
from telemetry_sdk.sanitizer.payload_schema import violation
from telemetry_sdk.sanitizer.run_metadata import errors_context, platform

from ..conftest import clean_environment

CORPUS = Path(__file__).parents[1] / "corpus"
COUNT = 700
LEAVING = {"event", "session", "client_report"}
KNOWN_KEYS = {
    *("event_id", "timestamp", "platform", "level", "sdk", "contexts", "exception", "threads", "breadcrumbs", "tags"),
    *("fingerprint", "environment"),
}


def by_path(name):
    spec = importlib.util.spec_from_file_location(f"corpus_{name}", CORPUS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    seed = int(os.environ.get("TELEMETRY_SDK_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"TELEMETRY_SDK_TEST_SEED={seed}")
    directory = tmp_path_factory.mktemp("corpus")
    made = by_path("sentry_items").made(seed, COUNT, directory, clean_environment(directory))
    sys.path.append(str(directory))  # the application's files are found where they would be imported from
    yield made
    sys.path.remove(str(directory))


def cleaned(corpus, *app_modules):
    return [(kind, clean_sentry_item(kind, payload, app_modules=app_modules)) for kind, payload in corpus.items]


@pytest.mark.large
@pytest.mark.parametrize("application", [None, "acme_corpus", "acme_away"])
def test_nothing_planted_survives(corpus, application):
    """Whatever is known of the application: nothing, its files, its name alone."""
    items = json.loads(json.dumps(corpus.items).replace("acme_corpus", application or "acme_corpus"))
    app_modules = [application] if application else []
    left = json.dumps([clean_sentry_item(kind, payload, app_modules=app_modules) for kind, payload in items])
    assert application is None or application in left, "the application's own names are kept"
    assert words(left) & set(corpus.planted) == set()
    assert len(words(json.dumps(items)) & set(corpus.planted)) > 1_000, "the control: the raw items hold them"


def words(text):
    """Return all that looks like a planted word, in whatever case: one search for all of them."""
    return set(re.findall(r"zq[a-z]{8}", text.lower()))


def test_only_three_item_types_are_kept(corpus):
    kept = {kind for kind, item in cleaned(corpus, "acme_corpus") if item is not None}
    assert kept == LEAVING
    assert {kind for kind, _ in corpus.items} >= LEAVING | {"attachment", "transaction", "check_in", "feedback", "log"}
    for kind, item in cleaned(corpus, "acme_corpus"):
        assert kind != "event" or item is None or set(item) <= KNOWN_KEYS


def frames(event):
    for value in (*event.get("exception", {}).get("values", ()), *event.get("threads", {}).get("values", ())):
        yield from value.get("stacktrace", {}).get("frames", ())


def is_known(frame, place):
    """Tell, by where its file lies, whether a frame is the library's or the application's own.

    Code that was made at run time may say that it lies there; its name is a planted one.
    """
    path = frame.get("abs_path") or ""
    if words(frame.get("function") or ""):
        return False
    library = os.path.dirname(os.path.realpath(os.__file__)) + os.sep
    tail = frame["module"].replace(".", os.sep) if frame.get("module") else "?"
    ours = path.startswith((library, str(place) + os.sep)) and "site-packages" not in path
    return ours and path.endswith((f"{tail}.py", os.path.join(tail, "__init__.py")))


def test_frames_of_known_modules_are_kept(corpus):
    """At least 99 % of the frames of known modules keep module, function and line."""
    known = kept = 0
    for (kind, payload), (_, item) in zip(corpus.items, cleaned(corpus, "acme_corpus"), strict=True):
        if kind != "event" or item is None:
            continue
        left = [(frame.get("module"), frame["function"], frame.get("lineno")) for frame in frames(item)]
        for frame in frames(payload):
            if is_known(frame, corpus.place) and frame["module"] != "logging":
                known += 1
                kept += (frame["module"], frame["function"], frame["lineno"]) in left
    print(f"{kept} of {known} frames")
    assert known > 500
    assert kept >= 0.99 * known


def groups(corpus):
    """Yield how Sentry would group an event before and after: by type, and module and function of its frames.

    Frames of the application count where there are some. A type that may not leave is one, whichever it was.
    """
    for (kind, payload), (_, item) in zip(corpus.items, cleaned(corpus, "acme_corpus"), strict=True):
        if kind != "event" or item is None:
            continue
        left = item.get("exception", {}).get("values", [{}])
        types = [value.get("type") for value in left]
        given = [v.get("type") for v in payload.get("exception", {}).get("values", [{}])]
        yield (
            place(given, types, frames(payload), lambda frame: is_known(frame, corpus.place)),
            place(types, types, frames(item), lambda frame: frame.get("module")),
        )


def place(types, left, stack, known):
    kinds = tuple(name if kept != "<redacted>" else kept for name, kept in zip(types, left, strict=True))
    own = [(frame["module"], frame["function"]) for frame in stack if known(frame) and frame["module"] != "logging"]
    return kinds, tuple([where for where in own if where[0].startswith("acme_corpus")] or own)


def test_cleaned_events_group_as_the_raw_ones_do(corpus):
    pairs = set(groups(corpus))
    raw, left = {before for before, _ in pairs}, {after for _, after in pairs}
    print(f"{len(left)} of {len(raw)} groups")
    joined = {after: [b for b, a in pairs if a == after] for after in left}
    assert len(raw) > 20
    assert [befores for befores in joined.values() if len(befores) > 1] == []


def test_messages_of_the_applications_own_code_become_templates(corpus):
    values = [
        value.get("value")
        for kind, item in cleaned(corpus, "acme_corpus")
        if kind == "event" and item is not None
        for value in item.get("exception", {}).get("values", ())
    ]
    assert {"tool <…> failed", "nothing could be parsed of <…>", "too deep: <…>"} <= set(values)


def test_cleaning_again_changes_nothing(corpus):
    """The path of a frame is gone then, but its names still stand in the file of the known module."""
    for kind, item in cleaned(corpus, "acme_corpus"):
        if item is not None:
            assert clean_sentry_item(kind, copy.deepcopy(item), app_modules=["acme_corpus"]) == item


def test_the_payload_is_not_changed(corpus):
    kind, payload = next((kind, payload) for kind, payload in corpus.items if kind == "event")
    before = copy.deepcopy(payload)
    clean_sentry_item(kind, payload)
    assert payload == before


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just("pl4nted") | st.just("/pl4nted/x.py"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["values", "frames", "type"]), inner, max_size=3)
    ),
    max_leaves=8,
)
EVENT = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        (
            *(
                "exception",
                "threads",
                "breadcrumbs",
                "tags",
                "contexts",
                "level",
                "timestamp",
                "event_id",
                "environment",
            ),
            *("release", "user", "message", "logentry", "sid", "status", "started", "discarded_events", "duration"),
        ),
        ANY,
    ),
)


@given(st.sampled_from([*LEAVING, "transaction", "", "pl4nted"]), EVENT)
def test_no_payload_breaks_it_and_nothing_planted_survives(kind, payload):
    left = clean_sentry_item(kind, payload, app_modules=["acme_corpus"])
    assert "pl4nted" not in json.dumps(left)
    assert left is None or kind in LEAVING
    assert left is None or clean_sentry_item(kind, copy.deepcopy(left), app_modules=["acme_corpus"]) == left


@given(st.sampled_from(sorted(LEAVING)), EVENT)
def test_every_cleaned_item_is_in_the_payload_schema(kind, payload):
    record = clean_item(Item(kind, payload), RemoteModules(["acme_corpus"]), {})
    if record is not None:
        context: Any = errors_context({**platform(), "sdk_version": "1"})
        assert violation(*sentry.item(json.loads(json.dumps(record)), context)) is None


@pytest.mark.parametrize("payload", [None, [], "text", 3, {"exception": {"values": [{"stacktrace": []}]}}])
def test_a_payload_that_is_no_dict_is_dropped(payload):
    for kind in (*LEAVING, None, 3):
        assert clean_sentry_item(kind, payload) is None or isinstance(payload, dict)  # type: ignore[arg-type]


def test_notes_below_a_message_do_not_cost_its_template(corpus):
    """PEP 678: the SDK joins an exception's notes to its message."""
    raised = [
        (payload, value)
        for kind, payload in corpus.items
        if kind == "event"
        for value in payload.get("exception", {}).get("values", ())
        if str(value.get("value")).startswith("tool ")
    ]
    payload, value = raised[0]
    whole = json.loads(json.dumps({**payload, "exception": {"values": [value]}}))
    whole["exception"]["values"][0]["value"] = value["value"].partition("\n")[0] + "\nzqnotenote\n/zqnotenote"
    item = clean_sentry_item("event", whole, app_modules=["acme_corpus"])
    assert item["exception"]["values"][0]["value"] == "tool <…> failed"
    assert "zqnotenote" not in json.dumps(item)
