"""Starting, stopping, many clients, a database file, a missing extra."""

from __future__ import annotations

import gc
import os
import socket
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from telemetry_sdk import receiver as receiver_package


def test_a_stopped_receiver_leaves_no_thread_or_socket():
    before = threading.enumerate()
    with receiver_package.running() as receiver:
        connection = socket.create_connection(("127.0.0.1", receiver.port), timeout=20)
    with connection, suppress(ConnectionResetError):
        assert connection.recv(1) == b""
    gc.collect()  # an unclosed socket, loop or database would warn here, and a warning is an error
    assert threading.enumerate() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", receiver.port))


def test_the_receiver_stops_when_the_block_raises():
    before = threading.enumerate()
    with pytest.raises(KeyError), receiver_package.running():
        raise KeyError
    assert threading.enumerate() == before


def test_a_port_in_use_raises_for_the_caller():
    before = threading.enumerate()
    with (
        receiver_package.running() as receiver,
        pytest.raises(OSError),
        receiver_package.running(port=receiver.port),
    ):
        pass
    assert threading.enumerate() == before


def test_keys_are_new_at_each_start_and_never_in_the_repr():
    with receiver_package.running() as one, receiver_package.running() as two:
        names = ("statsig_key", "sentry_key", "bug_report_token", "page_key")
        for name in names:
            assert getattr(one, name) != getattr(two, name)
            assert getattr(one, name) not in repr(one)
        assert one.statsig_key.startswith("client-")
        assert one.sentry_dsn == f"http://{one.sentry_key}@127.0.0.1:{one.port}/1"


def test_extra_keys_are_accepted_for_metrics(http, tmp_path):
    with receiver_package.running(accept_keys=["secret-one"]) as receiver:
        statuses = [
            http.post(f"{receiver.statsig_url}/log_event", json={"events": []}, headers={"statsig-api-key": key})
            for key in ("secret-one", "secret-two", receiver.statsig_key)
        ]
    assert [answer.status_code for answer in statuses] == [202, 401, 202]


def test_many_clients_at_once_lose_nothing(receiver, send):
    def post(number):
        with httpx.Client(trust_env=False, timeout=30) as client:
            body = {"events": [send.metric(metadata={"event_uuid": f"{number}-{n}"}) for n in range(50)]}
            headers = {"statsig-api-key": receiver.statsig_key}
            return [client.post(f"{receiver.statsig_url}/log_event", json=body, headers=headers) for _ in range(2)]

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for pair in pool.map(post, range(16)) for answer in pair]
    assert {answer.status_code for answer in answers} == {202}
    assert len({event["metadata"]["event_uuid"] for event in receiver.metrics()}) == 800
    assert len(receiver.metrics()) == receiver.duplicates()["metrics"] == 800


def test_a_database_file_is_private_and_outlives_the_receiver(tmp_path):
    path = tmp_path / "arrived.db"
    body = {"events": [{"user": {"userID": "u"}, "eventName": "e", "time": 1, "metadata": {"event_uuid": "x"}}]}

    def post(receiver):
        headers = {"statsig-api-key": receiver.statsig_key}
        httpx.post(f"{receiver.statsig_url}/log_event", json=body, headers=headers, trust_env=False)

    with receiver_package.running(database=str(path)) as receiver:
        post(receiver)
    with receiver_package.running(database=str(path)) as receiver:
        assert receiver.metrics() == body["events"]
        assert receiver.wait_for(metrics=1, requests=1, timeout=0)
        post(receiver)
        assert receiver.duplicates()["metrics"] == 1
        assert receiver.wait_for(requests=2, timeout=0)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "jinja2"])
def test_the_missing_extra_is_named(missing):
    code = f"""
import sys
sys.modules[{missing!r}] = None
from telemetry_sdk import receiver
try:
    with receiver.running():
        pass
except ModuleNotFoundError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "the receiver needs its extra: pip install 'telemetry-sdk[receiver]'\n"


def test_importing_the_receiver_imports_no_server():
    code = "import sys, telemetry_sdk.receiver; print({'starlette', 'uvicorn', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
