"""A development receiver proves that it knows the token before each body; an impostor gets nothing."""

from __future__ import annotations

import json
import threading

import pytest

from telemetry_sdk.egress import challenge
from telemetry_sdk.egress.client import Egress
from telemetry_sdk.endpoints import Endpoint
from telemetry_sdk.exceptions import NetworkFailure


def endpoint(port: int, token: str) -> Endpoint:
    url = f"http://127.0.0.1:{port}/v1/log_event"
    return Endpoint(service="metrics", url=url, host="127.0.0.1", port=port, layer="e", receiver_token=token)


async def post(to: Endpoint, times: int = 1) -> str:
    egress = Egress()
    try:
        for _ in range(times):
            await egress.post(to, headers={"statsig-api-key": "client-token"}, body=b"the body")
    except NetworkFailure as failure:
        return str(failure)
    finally:
        await egress.aclose()
    return "sent"


def answer(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


OLD = challenge.prove("token", challenge.new_nonce())


@pytest.mark.parametrize(
    "response",
    [
        answer(200, b"{}"),
        answer(200, b"[]"),
        answer(200, b""),
        answer(200, b'{"proof": null}'),
        answer(200, b'{"proof": ""}'),
        answer(200, json.dumps({"proof": "\ud800"}).encode()),
        answer(200, json.dumps({"proof": OLD}).encode()),
        answer(404, b'{"detail": "no such endpoint"}'),
        answer(307, b""),
        answer(200, b"x" * 100_000),
    ],
)
def test_an_impostor_gets_neither_token_nor_body(serve, run, response):
    server = serve(response)
    assert run(post(endpoint(server.port, "token"))) == "refused"
    [request] = server.requests
    assert request.startswith(b"GET /telemetry-sdk/challenge?nonce=")
    assert b"token" not in request
    assert b"the body" not in request


def test_an_impostor_who_only_proves_with_an_error_status_gets_nothing(serve, run):
    def talk(_server, connection, request):
        nonce = request.partition(b"nonce=")[2].partition(b" ")[0].decode()
        connection.sendall(answer(500, json.dumps({"proof": challenge.prove("token", nonce)}).encode()))

    server = serve(talk)
    assert run(post(endpoint(server.port, "token"))) == "refused"
    assert len(server.requests) == 1


def test_each_body_follows_a_challenge_of_its_own(serve, run):
    """Another program may have taken the port since the last one."""
    proven = threading.Event()

    def talk(_server, connection, request):
        nonce = request.partition(b"nonce=")[2].partition(b" ")[0].decode()
        body = {"proof": challenge.prove("other" if proven.is_set() else "token", nonce)} if nonce else {}
        if not nonce:
            proven.set()
        connection.sendall(answer(200, json.dumps(body).encode()))

    server = serve(talk)
    assert run(post(endpoint(server.port, "token"), times=2)) == "refused"
    assert [request.partition(b" ")[0] for request in server.requests] == [b"GET", b"POST", b"GET"]


def test_the_deadline_stands_over_the_challenge(serve, run):
    async def once(to: Endpoint) -> str:
        egress = Egress()
        try:
            await egress.post(to, headers={}, body=b"", deadline=0.2)
        except NetworkFailure as failure:
            return str(failure)
        finally:
            await egress.aclose()
        return "sent"

    server = serve(lambda server, _connection, _request: server.released.wait())
    assert run(once(endpoint(server.port, "token"))) == "timeout"
    assert [request.partition(b" ")[0] for request in server.requests] == [b"GET"]
