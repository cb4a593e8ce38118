"""The context of errors: of a system's version digits and dots only."""

from __future__ import annotations

from typing import Any

import pytest

from telemetry_sdk.encoders import sentry
from telemetry_sdk.privacy import clean_sentry_item
from telemetry_sdk.sanitizer.payload_schema import violation
from telemetry_sdk.sanitizer.run_metadata import errors_context, platform

RELEASES = [
    ("6.9.1-jane-doe-thinkpad", "6.9.1"),
    ("5.15.153.1-microsoft-standard-WSL2", "5.15.153.1"),
    ("23.5.0", "23.5.0"),
    ("6.1.0.", "6.1.0"),
    ("6..1", None),
    ("jane-doe", None),
    (".", None),
    ("", None),
    (None, None),
    ("1" * 65, "1" * 64),
]


@pytest.mark.parametrize(("release", "version"), RELEASES)
def test_an_operating_systems_version_keeps_digits_and_dots_only(release, version):
    context: Any = errors_context({**platform(), "sdk_version": "1", "os_version": release})
    assert context["os_version"] == (version or "unknown")
    event = {"exception": {"values": [{"type": "KeyError"}]}, "contexts": {"os": {"version": release}}}
    cleaned = clean_sentry_item("event", event)
    assert cleaned["contexts"]["os"]["version"] == (version or "unknown")
    assert clean_sentry_item("event", cleaned) == cleaned


def test_the_running_systems_version_is_digits_and_dots():
    assert set(platform()["os_version"]) <= set("0123456789.") or platform()["os_version"] == "unknown"


def test_a_systems_version_with_a_name_is_not_in_the_payload_schema():
    record: Any = {"id": "0" * 32, "time": 1.5, "level": "error", "exceptions": [], "tags": {}, "repeats": 0}
    context: Any = errors_context({**platform(), "sdk_version": "1"})
    assert violation("event", sentry.event(record, context)) is None
    named: Any = {**context, "os_version": "6.9.1-jane-doe-thinkpad"}
    assert violation("event", sentry.event(record, named)) == "contexts.os.version"
