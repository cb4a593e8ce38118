"""The sender's loop: own look-ups, no executor, and silent loggers, without a server."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading

import pytest

from telemetry_sdk._internal import event_loop
from telemetry_sdk._internal.event_loop import LOOKUPS, new_loop

FOUND = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))


@pytest.fixture
def run():
    """Run coroutines on one loop of the sender's."""
    loop = new_loop()
    yield loop.run_until_complete
    loop.close()


def look_up(host, port=443, **options):
    return asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, **options)


@pytest.fixture
def resolver(monkeypatch):
    """Stand for the system's resolver: it answers when `released` is set."""

    class Resolver:
        def __init__(self):
            self.released = threading.Event()
            self.asked = []

        def __call__(self, host, *_):
            self.asked.append(host)
            assert self.released.wait(30)
            if host == "none.example":
                raise socket.gaierror(socket.EAI_NONAME, "planted")
            return [FOUND]

    made = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    yield made
    made.released.set()


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        (b"127.0.0.1", ["127.0.0.1"]),
        ("::1", ["::1"]),
        ("localhost", ["::1", "127.0.0.1"]),
    ],
)
def test_a_literal_and_localhost_need_no_look_up(run, resolver, host, found):
    async def work():
        return [address[4][0] for address in await look_up(host)]

    assert run(work()) == found
    assert resolver.asked == []


def test_a_name_is_looked_up_once_for_all_who_wait(run, resolver):
    async def work():
        tasks = [asyncio.ensure_future(look_up("events.example", port)) for port in (1, 2, 3)]
        await asyncio.sleep(0)
        resolver.released.set()
        return await asyncio.gather(*tasks)

    answers = run(work())
    assert [answer[0][4] for answer in answers] == [("192.0.2.1", 1), ("192.0.2.1", 2), ("192.0.2.1", 3)]
    assert resolver.asked == ["events.example"]


def test_a_look_up_that_hangs_is_left_and_others_are_bounded(run, resolver):
    async def work():
        tasks = [asyncio.ensure_future(look_up(f"{n}.example")) for n in range(LOOKUPS)]
        await asyncio.sleep(0)
        with pytest.raises(socket.gaierror, match="too many"):
            await look_up("more.example")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run(work())


def test_a_name_that_does_not_exist_is_a_gaierror(run, resolver):
    async def work():
        await look_up("none.example")

    resolver.released.set()
    with pytest.raises(socket.gaierror, match="no such name"):
        run(work())


def test_there_is_no_executor_no_reverse_look_up_and_no_named_port(run):
    async def work():
        loop = asyncio.get_running_loop()
        with pytest.raises(RuntimeError, match="no default executor"):
            await loop.run_in_executor(None, print)
        with pytest.raises(RuntimeError, match="no default executor"):
            loop.set_default_executor(None)
        with pytest.raises(socket.gaierror):
            await loop.getnameinfo(("127.0.0.1", 1))
        with pytest.raises(socket.gaierror, match="port"):
            await look_up("events.example", "https")

    run(work())


def test_a_task_that_fails_unseen_and_a_debug_run_log_nothing(caplog, monkeypatch):
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    caplog.set_level(logging.DEBUG)
    loop = new_loop()
    try:
        assert not loop.get_debug()
        loop.call_exception_handler({"message": "planted"})
        logging.getLogger("httpcore.connection").debug("planted: ours")
    finally:
        loop.close()
    logging.getLogger("httpcore.connection").debug("the host's")
    assert [record.message for record in caplog.records] == ["the host's"]
    assert threading.get_ident() not in event_loop._QUIET
