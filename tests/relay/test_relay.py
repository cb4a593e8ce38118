"""Sentry's own Relay has nothing to correct in any kind of event.

`checked_by_relay` in tests/conftest.py checks every event that reaches a receiver in any test; here is each kind.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_sdk._internal.raw_records import MAX_EXCEPTIONS, MAX_FRAMES
from telemetry_sdk.encoders import sentry
from telemetry_sdk.sanitizer.error_record import LEVELS
from telemetry_sdk.sanitizer.payload_schema import violation
from telemetry_sdk.sanitizer.run_metadata import errors_context, platform
from tests.relay import normalizer

pytestmark = pytest.mark.skipif(not normalizer.AVAILABLE, reason="sentry-relay has no wheel for Windows")


class Known(Exception):
    pass


def deep(n):
    if n:
        deep(n - 1)
    raise Known


def caused():
    try:
        deep(1)
    except Known as error:
        raise OSError(2, "planted") from error


def grouped():
    try:
        caused()
    except OSError as error:
        raise ExceptionGroup("planted", [error, ExceptionGroup("inner", [Known(), KeyError()])]) from None


def during():
    try:
        deep(1)
    except Known:
        json.loads("{planted")


def foreign():
    exec("def planted():\n    raise type('planted', (Exception,), {})\nplanted()", {})


def many():
    error = Known()
    for _ in range(2 * MAX_EXCEPTIONS):
        following = Known()
        following.__cause__ = error
        error = following
    raise error


KINDS = {
    "plain": lambda: deep(1),
    "deeper than is kept": lambda: deep(3 * MAX_FRAMES),
    "cause": caused,
    "context": during,
    "group": grouped,
    "unknown code": foreign,
    "longer than is kept": many,
}


@pytest.mark.parametrize("handled", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_relay_accepts_every_kind_of_error(start, receiver, kind, handled):
    client = start(
        app_modules=[__name__],
        environment="production",
        user_id="6f9619ff-8b86-4011-b42d-00c04fc964ff",
        tags={"channel": ("beta", "stable")},
    )
    with pytest.raises(Exception) as caught:
        KINDS[kind]()
    level = "error" if handled else "fatal"
    assert client.capture_exception(caught.value, level=level, handled=handled, tags={"channel": "beta"})
    assert client.flush_sync(30)
    [event] = receiver.errors()
    assert normalizer.corrections(event) == []
    assert (event["tags"], event["environment"]) == ({"channel": "beta"}, "production")


@pytest.mark.parametrize("level", LEVELS)
def test_relay_accepts_every_level_without_frames(start, receiver, level):
    client = start()
    assert client.capture_exception(PermissionError(13, "planted"), level=level)
    assert client.flush_sync(30)
    [event] = receiver.errors()
    assert event["level"] == level
    assert normalizer.corrections(event) == []


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z_0-9]{0,127}(\.[A-Za-z_][A-Za-z_0-9]{0,127})?", fullmatch=True)
FRAMES = st.fixed_dictionaries(
    {"function": NAMES, "module": NAMES, "lineno": st.integers(1, 10**7) | st.none(), "in_app": st.booleans()}
)
EXCEPTIONS = st.fixed_dictionaries(
    {
        "type": NAMES,
        "module": NAMES,
        "value": st.none(),
        "mechanism": st.just({"type": "generic", "handled": True, "exception_id": 0}),
        "frames": st.lists(FRAMES, max_size=5),
    }
)


@given(st.lists(EXCEPTIONS, min_size=1, max_size=5), st.integers(0, 2**53 - 1), st.sampled_from(LEVELS))
def test_relay_accepts_every_event_of_the_payload_schema(exceptions, repeats, level):
    record: Any = {
        "id": "a" * 32,
        "time": 1_795_348_137.5,
        "level": level,
        "repeats": repeats,
        "exceptions": exceptions,
        "tags": {},
    }
    context: Any = errors_context({**platform(), "sdk_version": "1"})
    event = sentry.event(record, context)
    assert violation("event", event) is None
    event["timestamp"] = None  # a time of long ago gets a remark
    assert normalizer.corrections({name: value for name, value in event.items() if value is not None}) == []


GOOD = {"event_id": "a" * 32, "platform": "python", "exception": {"values": [{"type": "E"}]}}
BAD: dict[str, dict[str, Any]] = {
    "a field that does not exist": {"bogus": 1},
    "a level that does not exist": {"level": "awful"},
    "a slash in the release": {"release": "a/b"},
    "a tag of two lines": {"tags": {"channel": "two\nlines"}},
    "a blank in a tag's key": {"tags": {"the channel": "beta"}},
    "a tag of a number": {"tags": {"channel": 1}},
    "a type that is no string": {"exception": {"values": [{"type": 7}]}},
    "a negative line": {"exception": {"values": [{"type": "E", "stacktrace": {"frames": [{"lineno": -1}]}}]}},
    "no frames in a stack trace": {"exception": {"values": [{"type": "E", "stacktrace": {"frames": []}}]}},
    "a time of long ago": {"timestamp": 1.0},
    "a time that is more exact than is kept": {"timestamp": 1795517839.1268158},
    "a name that is too long": {"exception": {"values": [{"type": "E" * 10_000}]}},
}


@pytest.mark.parametrize("fault", BAD)
def test_relay_rejects_a_bad_event(fault):
    assert normalizer.corrections(GOOD) == []
    assert normalizer.corrections({**GOOD, **BAD[fault]})


def test_a_bad_event_that_reaches_a_receiver_fails_its_test(tmp_path):
    payload = json.dumps({**GOOD, "timestamp": "2026-11-20T10:00:00Z", "bogus": 1})
    (tmp_path / "test_bad.py").write_text(f"""
import urllib.request
def test_bad(receiver):
    body = '{{}}\\n{{"type":"event"}}\\n' + {payload!r}
    head = {{"X-Sentry-Auth": "Sentry sentry_key=" + receiver.sentry_key}}
    urllib.request.urlopen(urllib.request.Request(f"{{receiver.url}}/api/1/envelope/", body.encode(), head)).close()
    receiver.clear()
""")
    root = Path(__file__).parents[2]
    command = (sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-c", str(root / "pyproject.toml"))
    done = subprocess.run([*command, str(tmp_path)], cwd=root, capture_output=True, text=True, check=False)
    assert "1 passed, 1 error" in done.stdout
    assert "event.bogus: 1 became None" in done.stdout
