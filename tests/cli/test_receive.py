"""`telemetry-sdk receive`: the receiver on a port of one's choice."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys

import httpx
import pytest

from telemetry_sdk.receiver import running
from tests.commands import COMMAND


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals between processes")
def test_receive_serves_on_the_port_and_stores_what_arrives(environment, world, unused_port):
    database = world / "arrived.db"
    command = [str(COMMAND), "receive", "--port", str(unused_port), "--database", str(database)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            export = shlex.split(process.stdout.readline())[1]
            origin, _, token = export.removeprefix("TELEMETRY_SDK_RECEIVER=").rpartition("/")
            body = {"events": [{"user": {"userID": "u"}, "eventName": "tool_use", "time": 1}]}
            headers = {"statsig-api-key": f"client-{token}"}
            url = f"{origin}/v1/log_event"
            answer = httpx.post(url, json=body, headers=headers, trust_env=False)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()  # of no effect on one that has ended
    assert answer.status_code == 202
    assert f":{unused_port}/" in url
    with sqlite3.connect(database) as kept:
        assert kept.execute("select count(*) from records").fetchone() == (1,)
    kept.close()


def test_receive_on_a_port_in_use_exits_with_one(run):
    with socket.create_server(("127.0.0.1", 0)) as server:
        ran = run("receive", "--port", str(server.getsockname()[1]))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("telemetry-sdk: cannot receive: ")
    assert ran.stderr.count("\n") == 1


AGENT = """
import sys
import telemetry_sdk

class Step(telemetry_sdk.Event, name="step"):
    n: int

client = telemetry_sdk.start(app="acme", version="1", statsig_key="client-real", sentry_dsn="https://k@errors.example/1")
client.log_event(Step(n=1))
client.capture_exception(ValueError())
print("done")
sys.exit(3)
"""


def test_receive_runs_a_command_and_prints_a_line_for_each_arrival(environment, world):
    """The endpoints that the command names get nothing; also what is sent after its end is shown."""
    script = world / "agent.py"
    script.write_text(AGENT)
    command = [str(COMMAND), "receive", "--", sys.executable, str(script)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout) == (3, "done\n"), ran.stderr
    lines = ran.stderr.splitlines()
    assert lines[0].startswith("telemetry-sdk: what arrives: http://127.0.0.1:")
    assert sorted(lines[1:]) == ["telemetry-sdk: received errors: ValueError", "telemetry-sdk: received metrics: step"]


def test_receive_prints_a_line_for_a_refusal(run, world):
    script = world / "agent.py"
    script.write_text(
        "import os, urllib.request, urllib.error\n"
        "base = os.environ['TELEMETRY_SDK_RECEIVER'].rpartition('/')[0]\n"
        "for path in ('/v1/log_event', '/nothing'):\n"
        "    try: urllib.request.urlopen(urllib.request.Request(base + path, b'{}', method='POST'))\n"
        "    except urllib.error.HTTPError: pass\n"
    )
    ran = run("receive", "--", sys.executable, str(script))
    assert ran.returncode == 0
    first, second = ran.stderr.splitlines()[1:]
    assert first.startswith("telemetry-sdk: refused metrics: 401: ")
    assert second == "telemetry-sdk: refused unknown: 404: no such endpoint: /nothing"


def test_receive_with_a_command_that_does_not_exist_exits_with_one(run):
    ran = run("receive", "--", "no-such-command")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "telemetry-sdk: cannot receive: No such file or directory: no-such-command\n" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_receive_with_a_database_that_cannot_be_opened_names_the_file(run, world):
    ran = run("receive", "--database", str(world / "nowhere" / "arrived.db"), "--", "true")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"telemetry-sdk: cannot receive: No such file or directory: {world}/nowhere/arrived.db\n"


def test_keys_stay_the_same_for_the_same_database(world):
    database = str(world / "arrived.db")
    with running(database=database) as first:
        keys = first.token, first.page_key
    with running(database=database) as second, running() as other:
        assert (second.token, second.page_key) == keys
        assert other.token != first.token
