"""The one exit against real servers that hang, drip, flood, redirect and lie."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
import respx

from telemetry_sdk._internal.in_flight import InFlight, RequestWithheld
from telemetry_sdk.egress.client import Egress
from telemetry_sdk.endpoints import Endpoint
from telemetry_sdk.endpoints.proxies import Proxy
from telemetry_sdk.exceptions import NetworkFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.egress.response import Response

OK = b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"success":true}'


def to(port: int, **changes: Any) -> Endpoint:
    """An endpoint on loopback."""
    values = {
        "service": "metrics",
        "url": f"http://127.0.0.1:{port}/v1/log_event",
        "host": "127.0.0.1",
        "port": port,
        "layer": "host",
        "key": "client-key",
    }
    return Endpoint(**{**values, **changes})


async def posted(endpoint: Endpoint, *, times: int = 1, **options: Any) -> Response:
    egress = Egress()
    try:
        for _ in range(times):
            answer = await egress.post(endpoint, **{"headers": {"x-own": "yes"}, "body": b"body", **options})
    finally:
        await egress.aclose()
    return answer


def failure(run: Callable[..., Any], endpoint: Endpoint, **options: Any) -> str:
    with pytest.raises(NetworkFailure) as caught:
        run(posted(endpoint, **options))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # a cause's text can hold hosts and paths
    return str(caught.value)


def test_what_is_on_the_wire(serve, run):
    server = serve(OK)
    answer = run(posted(to(server.port)))
    assert (answer.status, answer.json(), answer.is_html) == (202, {"success": True}, False)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    request_line, *headers = head.decode().split("\r\n")
    assert request_line == "POST /v1/log_event HTTP/1.1"
    assert body == b"body"
    named = {name.lower(): value for name, _, value in (header.partition(": ") for header in headers)}
    agent = named.pop("user-agent")
    assert agent.startswith("telemetry-sdk/")
    assert named == {
        "host": f"127.0.0.1:{server.port}",
        "accept-encoding": "identity",
        "content-length": "4",
        "x-own": "yes",
    }


def test_a_connection_is_kept(serve, run):
    server = serve(OK)
    run(posted(to(server.port), times=3))
    assert (len(server.requests), server.connections) == (3, 1)


def test_progress_is_told_after_each_chunk(serve, run):
    server = serve(OK)
    told: list[tuple[int, int]] = []
    body = bytes(range(256)) * 600
    run(posted(to(server.port), body=body, progress=lambda sent, total: told.append((sent, total))))
    assert told == [(65_536, 153_600), (131_072, 153_600), (153_600, 153_600)]
    assert server.requests[0].endswith(b"\r\n\r\n" + body)


def test_a_request_that_may_not_leave_arrives_in_part_and_the_next_one_whole(serve, run):
    server = serve(OK)
    whole = bytes(range(256)) * 600  # three chunks

    async def post_twice() -> Response:
        egress = Egress()
        withheld = InFlight()
        withheld.withhold()
        with pytest.raises(RequestWithheld):
            await egress.post(to(server.port), headers={}, body=whole, leave=withheld.leave)
        try:
            return await egress.post(to(server.port), headers={}, body=whole, leave=InFlight().leave)
        finally:
            await egress.aclose()

    assert run(post_twice()).status == 202
    assert [request.endswith(whole) for request in server.requests] == [True]
    assert server.connections == 2


def test_only_known_headers_are_kept_and_bounded(serve, run):
    long = b"9" * 50_000
    server = serve(
        b"HTTP/1.1 429 No\r\nSet-Cookie: a=b\r\nServer: x\r\nDate: today\r\nRETRY-AFTER: 7\r\n"
        b"X-Sentry-Rate-Limits: " + long + b"\r\nContent-Length: 0\r\n\r\n"
    )
    answer = run(posted(to(server.port)))
    assert answer.headers == {"retry-after": "7", "date": "today", "x-sentry-rate-limits": "9" * 4096}
    assert answer.status == 429


def hang(server, connection, request):
    server.released.wait()


def drip_headers(server, connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not server.released.wait(0.02):
        connection.sendall(b"X-More: x\r\n")


def drip_body(server, connection, request):
    connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n")
    while not server.released.wait(0.02):
        connection.sendall(b"x")


def close(server, connection, request):
    return False


def half(server, connection, request):
    connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf")
    return False


def endless(server, connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not server.released.is_set():
        connection.sendall(b"x" * 65_536)
        server.sent += 65_536


@pytest.mark.parametrize("talk", [hang, drip_headers])
def test_a_deadline_stands_over_all(serve, run, talk):
    assert failure(run, to(serve(talk).port), deadline=0.3) == "timeout"


def test_a_server_that_takes_no_bytes_meets_the_deadline(run):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        endpoint = to(deaf.getsockname()[1])
        assert failure(run, endpoint, body=b"x" * (32 << 20), deadline=0.5) == "timeout"


@pytest.mark.parametrize(("talk", "start"), [(drip_body, b"x"), (half, b"half")])
def test_a_status_is_an_answer_though_the_body_never_ends(serve, run, talk, start):
    answer = run(posted(to(serve(talk).port), deadline=0.5))
    assert answer.status == 202
    assert answer.body.startswith(start)
    assert answer.json() is None


def test_an_endless_body_ends_at_64_kib(serve, run):
    server = serve(endless)
    answer = run(posted(to(server.port)))
    assert (answer.status, len(answer.body)) == (200, 65_536)
    assert server.sent < 32 << 20  # what the system's buffers take, and no more


def test_a_compressed_answer_is_never_expanded(serve, run):
    bomb = gzip.compress(bytes(50 << 20))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    answer = run(posted(to(serve(head + bomb).port)))
    assert (answer.status, answer.body) == (200, b"")


def test_a_redirect_is_not_followed(serve, run):
    trap = serve(OK)
    server = serve(b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % trap.port)
    assert run(posted(to(server.port))).status == 307
    assert trap.connections == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe nonsense\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500_000 + b"\r\n\r\n",
    ],
)
def test_garbage_is_a_failure(serve, run, garbage):
    assert failure(run, to(serve(garbage).port)) == "protocol"


@pytest.mark.parametrize(
    "page",
    [
        b"Content-Type: Text/HTML; charset=utf-8\r\nContent-Length: 2\r\n\r\nhi",
        b"Content-Type: application/json\r\nContent-Length: 20\r\n\r\n\r\n<!DOCTYPE html><p>x",
    ],
)
def test_a_captive_portals_page_is_known(serve, run, page):
    assert run(posted(to(serve(b"HTTP/1.1 200 OK\r\n" + page).port))).is_html


def test_who_closes_or_refuses(serve, run):
    assert failure(run, to(serve(close).port)) == "protocol"
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert failure(run, to(port)) == "connection_refused"


def test_a_name_that_does_not_resolve(run, monkeypatch):
    def no_such_name(*args: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "/etc/secret says no")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    assert failure(run, to(443, url="https://nowhere.example/x", host="nowhere.example")) == "dns"


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://telemetry.example/x", "host": "telemetry.example"},
        {"url": "http://10.0.0.1/x", "host": "10.0.0.1"},
        {"url": "http://0.0.0.0/x", "host": "0.0.0.0"},
        {"url": "http://localhost.example/x", "host": "localhost.example"},
        {"url": "http://[::ffff:127.0.0.1]/x", "host": "::ffff:127.0.0.1"},
        {"url": "https://other.example/x", "host": "telemetry.example"},
        {"url": "https://user:pass@telemetry.example/x", "host": "telemetry.example"},
        {"url": "ftp://telemetry.example/x", "host": "telemetry.example"},
        {"url": "https://tele\x00metry.example/x", "host": "telemetry.example"},
        {"proxy": Proxy(url="http://127.0.0.1:9")},
    ],
)
def test_an_endpoint_that_breaks_the_rules_is_refused(serve, run, monkeypatch, changes):
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: asked.append(args))
    server = serve(OK)
    assert failure(run, to(server.port, **changes)) == "refused"
    assert (asked, server.connections) == ([], 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost"])
def test_plain_http_to_loopback_needs_no_tls(serve, run, host, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: pytest.fail("looked up"))
    with socket.create_server((host, 0)) as listening:
        endpoint = to(listening.getsockname()[1], url=f"http://{host}:{listening.getsockname()[1]}/", host=host)
        assert failure(run, endpoint, deadline=0.3) == "timeout"  # it connected, to a server that is silent
        listening.settimeout(5)
        listening.accept()[0].close()


async def test_cancelling_passes_through():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        egress = Egress()
        with anyio.move_on_after(0.1) as scope:
            await egress.post(to(silent.getsockname()[1]), headers={}, body=b"")
        await egress.aclose()
    assert scope.cancelled_caught


def test_respx_sees_every_request(run):
    with respx.mock(base_url="https://events.example") as router:
        route = router.post("/v1/log_event").respond(429, headers={"Retry-After": "9"}, text="no")
        answer = run(posted(to(443, url="https://events.example/v1/log_event", host="events.example")))
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "9", b"no")
    assert route.calls.last.request.content == b"body"
    assert route.calls.last.request.headers["x-own"] == "yes"


def test_a_router_can_take_the_networks_place(run):
    router = respx.MockRouter(assert_all_called=True)
    route = router.post("https://events.example/").respond(202, json={"success": True})
    egress = Egress(transport=lambda: httpx.MockTransport(router.async_handler))
    endpoint = to(443, url="https://events.example/", host="events.example")
    answer = run(egress.post(endpoint, headers={}, body=b"abc", progress=None))
    assert answer.json() == {"success": True}
    assert route.calls.last.request.content == b"abc"


def test_our_requests_are_not_in_the_hosts_logs(serve, run, caplog):
    caplog.set_level(logging.DEBUG)
    run(posted(to(serve(OK).port)))
    assert caplog.records == []

    async def hosts_own() -> None:
        async with httpx.AsyncClient() as client:
            await client.get(f"http://127.0.0.1:{serve(OK).port}/")

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, hosts_own()).result()
    assert {"httpcore.connection", "httpcore.http11", "httpx"} <= {record.name for record in caplog.records}


INSTRUMENTED = """
import asyncio, sys, httpx, sentry_sdk
from sentry_sdk.integrations.httpx import HttpxIntegration
sent = []
sentry_sdk.init(dsn="http://k@127.0.0.1:9/1", traces_sample_rate=1.0, transport=sent.append,
                integrations=[HttpxIntegration()], trace_propagation_targets=[".*"])
original = httpx.AsyncHTTPTransport.handle_async_request
async def traced(self, request):  # as OpenTelemetry wraps it
    request.headers["traceparent"] = "00-1-2-01"
    return await original(self, request)
httpx.AsyncHTTPTransport.handle_async_request = traced

from telemetry_sdk.egress.client import Egress
from telemetry_sdk._internal.event_loop import new_loop
from telemetry_sdk.endpoints import Endpoint

url = sys.argv[1]
async def main():
    with sentry_sdk.start_transaction(name="t"):
        async with httpx.AsyncClient() as client:
            await client.post(url + "host", content=b"x")
        endpoint = Endpoint(service="metrics", url=url + "ours", host="127.0.0.1", port=1, layer="host")
        egress = Egress()
        await egress.post(endpoint, headers={}, body=b"x")
        await egress.aclose()
    return [*sentry_sdk.get_isolation_scope()._breadcrumbs, *sentry_sdk.get_current_scope()._breadcrumbs]
breadcrumbs = new_loop().run_until_complete(main())
assert [crumb["data"]["url"] for crumb in breadcrumbs if crumb["type"] == "http"] == [url + "host"], breadcrumbs
"""


def test_the_hosts_instrumentation_does_not_reach_us(serve):
    server = serve(OK)
    command = [sys.executable, "-c", INSTRUMENTED, f"http://127.0.0.1:{server.port}/"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    hosts, ours = (request.lower() for request in server.requests)
    traces = (b"sentry-trace:", b"baggage:", b"traceparent:")
    assert [trace in hosts for trace in traces] == [True, True, True]
    assert [trace in ours for trace in traces] == [False, False, False]
