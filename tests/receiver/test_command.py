"""`telemetry-sdk receive`: prints exports, serves until a signal, exits cleanly."""

from __future__ import annotations

import io
import os
import shlex
import signal
import subprocess
import sys

import httpx
import pytest

from telemetry_sdk.receiver.command import receive


class SignalsItself(io.StringIO):
    """A stdout that sends a signal to this process once the addresses are written."""

    def flush(self):
        signal.raise_signal(signal.SIGTERM)


def test_the_command_prints_addresses_and_restores_signal_handlers(monkeypatch):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    out = SignalsItself()
    monkeypatch.setattr(sys, "stdout", out)
    receive()
    assert out.getvalue().startswith("export TELEMETRY_SDK_RECEIVER=http://127.0.0.1:")
    assert out.getvalue().count("export") == 1
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


ARRIVALS = """\
telemetry-sdk: received metrics: tool_use
telemetry-sdk: refused metrics: 401: Invalid or missing STATSIG-API-KEY
"""
CODE = "import sys; from telemetry_sdk.receiver.command import receive; receive(0, sys.argv[1] or None)"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals between processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("file", ["", "arrived.db"])
def test_the_command_serves_until_a_signal(number, file, tmp_path):
    database = file and str(tmp_path / file)
    command = [sys.executable, "-u", "-c", CODE, database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            lines = [process.stdout.readline() for _ in range(2)]
            name, _, value = shlex.split(lines[0])[1].partition("=")
            page = lines[1].partition("# What arrives: ")[2].strip()
            url, _, token = value.rpartition("/")
            body = {"events": [{"user": {"userID": "u"}, "eventName": "tool_use", "time": 1}]}
            headers = {"statsig-api-key": f"client-{token}"}
            answer = httpx.post(f"{url}/v1/log_event", json=body, headers=headers, trust_env=False)
            httpx.post(f"{url}/v1/log_event", json=body, headers={}, trust_env=False)
            shown = httpx.get(page, trust_env=False)
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()  # of no effect on one that has ended
    assert (answer.status_code, "tool_use" in shown.text) == (202, True)
    assert name == "TELEMETRY_SDK_RECEIVER"
    assert (process.returncode, out, err) == (0, "", ARRIVALS)
