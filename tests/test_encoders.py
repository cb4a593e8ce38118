"""The vendors' wires: clean records in, nothing but them and constants out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk.encoders import sentry, statsig
from telemetry_sdk.sanitizer.payload_schema import violation

CONTEXT: statsig.EventMetadata = {
    "user": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
    "session": "11111111-8b86-4011-b42d-00c04fc964ff",
    "app": "acme-agent",
    "app_version": "1.4.2",
    "sdk_version": "0.1.0",
    "os": "linux",
    "arch": "x86_64",
    "python": "3.11.7",
    "provider": "first_party",
    "environment": "production",
}
USER = statsig.user(CONTEXT)
SESSION = CONTEXT["session"]
METRIC: statsig.EventRecord = {
    "id": "22222222-8b86-4011-b42d-00c04fc964ff",
    "time": 1_795_348_137_541,
    "name": "tool_use",
    "value": 9.99,
    "metadata": {"tool": "bash", "ok": True, "count": 3, "duration_ms": 1.5},
}


def test_a_statsig_body_holds_its_events_and_the_requests_metadata():
    encoded = compact({"user": USER, **statsig.event(METRIC, SESSION)})
    body = statsig.body([encoded] * 2, statsig.request_metadata(CONTEXT))
    event = {
        "user": {
            "userID": CONTEXT["user"],
            "custom": {
                "app": "acme-agent",
                "app_version": "1.4.2",
                "sdk_version": "0.1.0",
                "os": "linux",
                "arch": "x86_64",
                "python": "3.11.7",
                "provider": "first_party",
            },
            "customIDs": {},
            "statsigEnvironment": {"tier": "production"},
        },
        "eventName": "tool_use",
        "value": 9.99,
        "metadata": {
            "event_uuid": METRIC["id"],
            "session_id": SESSION,
            "tool": "bash",
            "ok": True,
            "count": 3,
            "duration_ms": 1.5,
        },
        "time": 1_795_348_137_541,
    }
    assert json.loads(body) == {
        "events": [event, event],
        "statsigMetadata": {
            "sdkType": "telemetry-sdk-python",
            "sdkVersion": "0.1.0",
            "languageVersion": "3.11.7",
            "sessionID": CONTEXT["session"],
        },
    }
    assert b'": ' not in body
    assert b", " not in body


def test_a_missing_value_or_environment_is_left_out():
    event = statsig.event({**METRIC, "value": None}, SESSION)
    assert "value" not in event
    assert "statsigEnvironment" not in statsig.user({**CONTEXT, "environment": None})


def test_statsig_headers():
    assert statsig.headers("client-k", count=7, now_ms=99, session="s", version="0.1.0", retry=2) == {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "statsig-api-key": "client-k",
        "statsig-client-time": "99",
        "statsig-server-session-id": "s",
        "statsig-sdk-type": "telemetry-sdk-python",
        "statsig-sdk-version": "0.1.0",
        "statsig-event-count": "7",
        "statsig-retry": "2",
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_without_a_json_form_is_not_encoded(value):
    with pytest.raises(ValueError, match="JSON"):
        compact(statsig.event({**METRIC, "value": value}, SESSION))


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,63}", fullmatch=True)
TOKENS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}", fullmatch=True)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)


@given(metadata=st.dictionaries(NAMES, st.booleans() | NUMBERS | TOKENS, max_size=100), value=st.none() | NUMBERS)
def test_any_clean_event_is_within_statsigs_limits_and_the_payload_schema(metadata, value):
    event = statsig.event({**METRIC, "value": value, "metadata": metadata}, SESSION)
    assert violation("statsig_event", event) is None
    assert json.loads(compact(event), parse_constant=pytest.fail) == event
    assert len(compact(event["metadata"])) <= 4096
    assert list(event["metadata"])[:2] == ["event_uuid", "session_id"]


@pytest.mark.parametrize("count", range(25, 40))
def test_the_longest_fields_are_within_statsigs_limit(count):
    metadata = {f"{number:0>64}": "v" * 64 for number in range(count)}
    sent = statsig.event({**METRIC, "metadata": metadata}, SESSION)["metadata"]
    assert len(json.dumps(sent, separators=(",", ":"))) <= 4096
    assert len(sent) == 2 + min(count, 29)


@pytest.mark.parametrize("size", range(1, 65))
def test_many_fields_are_cut_at_a_field(size):
    metadata = {f"key_{number}": "v" * size for number in range(400)}
    sent = statsig.event({**METRIC, "metadata": metadata}, SESSION)["metadata"]
    assert list(sent) == ["event_uuid", "session_id", *list(metadata)[: len(sent) - 2]]
    length = len(json.dumps(sent, separators=(",", ":")))
    assert 4096 - size - 14 < length <= 4096


MODULE_FRAME: Any = {"function": "main", "module": "acme.cli", "lineno": 3, "in_app": True}
FOREIGN_FRAME: Any = {"function": "<redacted>", "module": None, "lineno": None, "in_app": False}
ERROR_CONTEXT: sentry.ErrorMetadata = {
    "sdk_version": "0.1.0",
    "os": "Linux",
    "os_version": "6.1.0",
    "arch": "x86_64",
    "python_version": "3.11.7",
    "release": "acme-agent@1.4.2",
    "dist": None,
    "environment": "production",
}


def error(**changes) -> sentry.ErrorRecord:
    exception: Any = {
        "type": "FileNotFoundError",
        "module": "builtins",
        "value": "ENOENT",
        "mechanism": {
            "type": "generic",
            "handled": True,
            "exception_id": 0,
            "errno": {"number": 2, "name": "ENOENT"},
        },
        "frames": [MODULE_FRAME, FOREIGN_FRAME],
    }
    record: sentry.ErrorRecord = {
        "id": "0123456789abcdef0123456789abcdef",
        "time": 1_795_348_137.5,
        "level": "error",
        "handled": True,
        "exceptions": [exception],
        "tags": {},
        "repeats": 0,
    }
    return {**record, **changes}  # type: ignore[typeddict-item]


def test_a_sentry_event():
    assert sentry.event(error(tags={"provider": "first_party"}, repeats=4), ERROR_CONTEXT) == {
        "event_id": "0123456789abcdef0123456789abcdef",
        "timestamp": 1_795_348_137.5,
        "platform": "python",
        "level": "error",
        "sdk": {"name": "telemetry-sdk.python", "version": "0.1.0", "settings": {"infer_ip": "never"}},
        "contexts": {
            "os": {"type": "os", "name": "Linux", "version": "6.1.0"},
            "runtime": {"type": "runtime", "name": "CPython", "version": "3.11.7"},
            "device": {"type": "device", "arch": "x86_64"},
            "telemetry_sdk": {"repeats": 4},
        },
        "exception": {
            "values": [
                {
                    "type": "FileNotFoundError",
                    "module": "builtins",
                    "value": "ENOENT",
                    "mechanism": {
                        "type": "generic",
                        "handled": True,
                        "exception_id": 0,
                        "meta": {"errno": {"number": 2, "name": "ENOENT"}},
                    },
                    "stacktrace": {
                        "frames": [
                            {
                                "function": "main",
                                "module": "acme.cli",
                                "lineno": 3,
                                "in_app": True,
                                "filename": "acme.cli",
                            },
                            {"function": "<redacted>", "in_app": False},
                        ],
                    },
                },
            ],
        },
        "tags": {"provider": "first_party"},
        "fingerprint": ["{{ default }}", "acme.cli", "main"],
        "release": "acme-agent@1.4.2",
        "environment": "production",
    }


def test_a_sentry_envelope():
    lines = sentry.envelope(*sentry.item(error(), ERROR_CONTEXT), sent_at="2026-11-22T00:00:00.000Z").split(b"\n")
    header, item, payload, end = lines
    assert json.loads(header) == {
        "event_id": "0123456789abcdef0123456789abcdef",
        "sent_at": "2026-11-22T00:00:00.000Z",
    }
    assert json.loads(item) == {"type": "event", "length": len(payload)}
    assert json.loads(payload) == sentry.event(error(), ERROR_CONTEXT)
    assert end == b""


def test_sentry_headers():
    assert sentry.headers("public", "0.1.0") == {
        "content-type": "application/x-sentry-envelope",
        "content-encoding": "gzip",
        "x-sentry-auth": "Sentry sentry_key=public, sentry_version=7, sentry_client=telemetry-sdk.python/0.1.0",
    }


def test_without_a_stack_trace_errors_group_by_type_and_errno():
    (exception,) = error()["exceptions"]
    bare = {**exception, "frames": []}
    assert sentry.event(error(exceptions=[bare]), ERROR_CONTEXT)["fingerprint"] == ["FileNotFoundError", "ENOENT"]


LIBRARY_FRAME: Any = {"function": "Decoder.decode", "module": "json.decoder", "lineno": 9, "in_app": False}


@pytest.mark.parametrize(
    ("frames", "place"),
    [
        ([[MODULE_FRAME, LIBRARY_FRAME, FOREIGN_FRAME]], ["{{ default }}", "acme.cli", "main"]),
        ([[FOREIGN_FRAME, LIBRARY_FRAME]], ["{{ default }}", "json.decoder", "Decoder.decode"]),
        ([[FOREIGN_FRAME]], None),
        ([[MODULE_FRAME], [LIBRARY_FRAME]], ["{{ default }}", "json.decoder", "Decoder.decode"]),
        ([[MODULE_FRAME], []], ["{{ default }}", "acme.cli", "main"]),
    ],
)
def test_with_a_stack_trace_errors_group_by_the_servers_rule_module_and_function(frames, place):
    (exception,) = error()["exceptions"]
    event = sentry.event(error(exceptions=[{**exception, "frames": given} for given in frames]), ERROR_CONTEXT)
    assert event.get("fingerprint") == place


def test_a_user_is_sent_only_if_the_host_gave_one():
    assert "user" not in sentry.event(error(), {**ERROR_CONTEXT, "user_id": None})
    assert sentry.event(error(), {**ERROR_CONTEXT, "user_id": "ab12"})["user"] == {"id": "ab12"}
    metrics_too = {**CONTEXT, **ERROR_CONTEXT}  # one context serves both; the installation id is for metrics
    assert CONTEXT["user"] not in json.dumps(sentry.event(error(), metrics_too))  # type: ignore[arg-type]
