"""Responses that never end: informational ones, heads, bodies. What is read is counted, not timed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.egress.client import Egress
from telemetry_sdk.egress.pool import HEAD_LIMIT, ResponseLimit, ResponseLimitError
from telemetry_sdk.endpoints.proxies import Proxy
from tests.egress.test_egress import OK, failure, posted, to

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 9_000 + b"\r\n\r\n"
BUFFERED = 32 << 20  # bytes that the system's buffers may take without being read


def endless(start: bytes, part: bytes) -> Callable[..., None]:
    """A server whose response begins with `start` and goes on with `part` until the client hangs up."""

    def talk(server: Any, connection: socket.socket, _request: bytes) -> None:
        connection.sendall(start)
        while not server.released.is_set():
            connection.sendall(part)
            server.sent += len(part)

    return talk


@pytest.mark.parametrize("part", [CONTINUE, b"HTTP/1.1 103 Early Hints\nLink: a\n\n", HINTS])
def test_ten_informational_responses_are_read_and_no_more(serve, run, part):
    assert run(posted(to(serve(part * 10 + OK).port))).status == 202
    assert failure(run, to(serve(part * 11 + OK).port)) == "protocol"


def test_the_informational_responses_of_each_request_are_counted(serve, run):
    server = serve(CONTINUE * 10 + OK)
    assert run(posted(to(server.port), times=3)).status == 202
    assert server.connections == 1


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (b"", CONTINUE * 1000),
        (b"", b"HTTP/1.1 102 Processing\r\n" + b"A: b\r\n" * 10_000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 1000),
        (b"HTTP/1.1 200 OK\r\nA: ", b"x" * 65_536),
        (b"HTTP/1.1 100 Continue\r\nA: ", b"x" * 65_536),
    ],
    ids=["100", "long 102", "headers", "header", "header of a 100"],
)
def test_an_endless_head_ends_the_request(serve, run, start, part):
    """Long before the deadline: a server on loopback fills any memory by then."""
    server = serve(endless(start, part))
    assert failure(run, to(server.port), deadline=600) == "protocol"
    assert server.sent < BUFFERED


@pytest.mark.parametrize("part", [b"1\r\nx\r\n" * 1000, b"1;" + b"e" * 60_000 + b"\r\nx\r\n", b"1;" + b"e" * 60_000])
def test_an_endless_chunked_body_ends_at_64_kib_on_the_wire(serve, run, part):
    server = serve(endless(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n", part))
    answer = run(posted(to(server.port), deadline=600))
    assert answer.status == 202
    assert len(answer.body) <= (64 << 10) // 6 + 1
    assert server.sent < BUFFERED


def test_a_proxys_informational_responses_are_counted(serve, run):
    proxy_server = serve(endless(b"", CONTINUE * 1000))
    proxy = Proxy(url=f"http://127.0.0.1:{proxy_server.port}")
    endpoint = to(443, url="https://events.example/", host="events.example", proxy=proxy)
    assert failure(run, endpoint, deadline=600) == "protocol"
    assert proxy_server.sent < BUFFERED


def test_switching_protocols_unasked_is_a_failure(serve, run):
    server = serve(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + OK)
    assert failure(run, to(server.port), deadline=600) == "protocol"


def test_a_longer_document_may_be_fetched(serve, run):
    document = b"x" * 300_000
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + document)

    async def fetch(most: int) -> bytes:
        egress = Egress()
        try:
            return (await egress.get(to(server.port), headers={}, most=most, deadline=600)).body
        finally:
            await egress.aclose()

    assert run(fetch(300_000)) == document
    assert run(fetch(299_999)) == document[:299_999]
    assert run(fetch(10)) == document[:10]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 65_536])
@pytest.mark.parametrize(("informational", "accepted"), [(10, True), (11, False)])
def test_responses_cut_anywhere_count_the_same(size, informational, accepted):
    wire = CONTINUE * informational + OK
    limit = ResponseLimit(body=16)
    last_head = wire.index(OK)
    with pytest.raises(ResponseLimitError):  # 11: within the heads; 10: only after all 16 bytes of the body
        for start in range(0, len(wire) + size, size):
            limit.next_read(65_536)
            limit.add(wire[start : start + size])
            assert accepted or start < last_head
    assert accepted is (start >= len(wire))


@pytest.mark.parametrize("size", [1000, 65_536])
def test_all_heads_together_have_one_limit(size):
    limit = ResponseLimit(body=0)
    wire = HINTS * 9 + b"HTTP/1.1 200 OK\r\nA: " + b"x" * HEAD_LIMIT
    with pytest.raises(ResponseLimitError):
        for start in range(0, len(wire), size):
            limit.add(wire[start : start + size])
            assert start < HEAD_LIMIT + size


def test_short_heads_after_a_long_one_that_was_cut_are_counted():
    limit = ResponseLimit(body=0)
    limit.add(HINTS[:8_000])
    with pytest.raises(ResponseLimitError):
        limit.add(HINTS[8_000:] + CONTINUE * 10)
