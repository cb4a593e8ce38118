"""Coverage-guided fuzzing of what reads files and headers: spool, settings, back-off, rate limits, answers.

    $ .tools/bin/uv pip install --python .venv/bin/python atheris     # not locked: it has wheels for few Pythons
    $ .venv/bin/python tests/fuzz/fuzz_readers.py -max_total_time=120

What the fuzzer finds is written to a file `crash-…`.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["telemetry_sdk"]):
    from telemetry_sdk._internal.layers import USER
    from telemetry_sdk.egress.response import Response
    from telemetry_sdk.policy.settings_file import BROKEN, READ, parse_settings, read_settings
    from telemetry_sdk.sender.backoff import Backoff
    from telemetry_sdk.sender.rate_limits import DAY, rate_limits, retry_after
    from telemetry_sdk.sender.response_policy import decide
    from telemetry_sdk.spool import record_format, segment_name

SETTINGS = Path(tempfile.mkdtemp()) / "settings.json"
MUTE = DAY + 1.0  # seconds; no answer and no file may mute longer
NOW = 1_795_348_137.0


def read_spool(data: bytes) -> None:
    """Read a segment as it is, and as one with a whole header and a whole record before it."""
    with contextlib.suppress(ValueError):
        record_format.parse(data)
    head = record_format.header({"service": "metrics", "metadata": {}})
    runs = record_format.parse(head + record_format.line(b"{}") + data.replace(b"\n", b" "))
    assert [payload for _, payloads in runs for payload in payloads] == [b"{}"], "a torn tail is cut"
    name = segment_name.parse(data.decode("utf-8", "replace"))
    assert name is None or 0 <= name.settled <= name.count


def read_policy(data: bytes) -> None:
    """Read a settings file, from the disk and as a text."""
    SETTINGS.write_bytes(data)
    assert read_settings(USER, os.fspath(SETTINGS)).state in {READ, BROKEN}
    assert parse_settings(USER, "a test", data.decode("utf-8", "replace")).state in {READ, BROKEN}


def read_headers(data: bytes) -> None:
    """Read the headers and the body of an answer."""
    first, _, rest = data.decode("latin-1").partition("\n")
    waits = rate_limits(first, lambda: 0.5)
    wait = retry_after({"retry-after": first, "date": rest}, now=NOW, rand=lambda: 0.5)
    assert all(0 <= one <= DAY for one in [*waits.values(), wait or 0.0])
    headers = {"retry-after": first, "x-sentry-rate-limits": rest, "content-type": first}
    for status in (200, 302, 401, 413, 429, 503):
        for vendor in ("sentry", "statsig"):
            answer = Response(status, headers, data)
            decision = decide(vendor, answer, single=True, now=NOW, rand=lambda: 0.5)
            assert 0 <= decision.delay <= MUTE


def read_state(data: bytes) -> None:
    """Read the back-off that another process left."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    backoff = Backoff.from_json(value, now=1_000.0, wall=NOW)
    assert 0 <= backoff.wait(1_000.0, "error") <= MUTE
    assert not math.isnan(backoff.not_before)


READERS = (read_spool, read_policy, read_headers, read_state)


def read(data: bytes) -> None:
    """Read the data with the reader that its first byte names."""
    if data:
        READERS[data[0] % len(READERS)](data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
