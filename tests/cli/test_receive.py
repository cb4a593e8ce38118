"""`telemetry-sdk receive`: the receiver on a port of one's choice."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import sqlite3
import subprocess

import httpx
import pytest

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
