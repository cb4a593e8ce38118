"""TLS and proxies as users have them: private CAs, CONNECT with a password, SOCKS5, proxies behind TLS."""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import trustme

from telemetry_sdk.egress.client import Egress
from telemetry_sdk.egress.response import Response
from telemetry_sdk.endpoints import Endpoint
from telemetry_sdk.endpoints.proxies import Proxy
from telemetry_sdk.exceptions import NetworkFailure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "telemetry.example"  # resolves nowhere: whoever connects to it asked the proxy
OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME, "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The names that the system's resolver was asked for."""
    asked: list[object] = []

    def nobody(*args: object) -> object:
        asked.append(args[0])
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    return asked


def endpoint(port: int, *, host: str = "127.0.0.1", **values: Any) -> Endpoint:
    url = f"https://{host}:{port}/v1/log_event"
    return Endpoint(service="metrics", url=url, host=host, port=port, layer="host", **values)


def post(run: Callable[..., Any], to: Endpoint) -> Response | str:
    async def once() -> Response | str:
        egress = Egress()
        try:
            return await egress.post(to, headers={}, body=b"body")
        except NetworkFailure as failure:
            return str(failure)
        finally:
            await egress.aclose()

    return run(once())


def test_a_private_ca_is_honoured(serve, run, tls, ca_file):
    server = serve(OK, tls=tls)
    assert post(run, endpoint(server.port, ca_file=ca_file)) == Response(202, {}, b"{}")


def test_an_unknown_ca_is_refused(serve, run, tls):
    server = serve(OK, tls=tls)
    assert post(run, endpoint(server.port)) == "issuer"
    assert server.requests == []


def test_another_hosts_certificate_is_refused(serve, run, authority, ca_file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(context)
    server = serve(OK, tls=context)
    assert post(run, endpoint(server.port, ca_file=ca_file)) == "certificate"
    assert server.requests == []


@pytest.mark.parametrize("text", [None, "no certificate in here"])
def test_an_unusable_ca_file_means_nothing_is_sent(serve, run, tls, tmp_path, text):
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    server = serve(OK, tls=tls)
    assert post(run, endpoint(server.port, ca_file=str(path))) == "tls"
    assert server.connections == 0


@pytest.mark.filterwarnings("ignore:.*TLSv1_1 is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*TLSVersion.TLSv1_1:DeprecationWarning")
def test_tls_below_1_2_is_refused(serve, run, tls, ca_file):
    tls.set_ciphers("ALL:@SECLEVEL=0")
    tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1_1
    server = serve(OK, tls=tls)
    assert post(run, endpoint(server.port, ca_file=ca_file)) == "tls"
    assert server.requests == []


def test_the_deadline_stands_over_the_handshake(serve, run, ca_file):
    server = serve(silence, raw=True)

    async def once() -> Response | str:
        egress = Egress()
        try:
            return await egress.post(endpoint(server.port, ca_file=ca_file), headers={}, body=b"", deadline=0.2)
        except NetworkFailure as failure:
            return str(failure)
        finally:
            await egress.aclose()

    assert run(once()) == "timeout"
    assert server.connections == 1


def test_session_keys_are_not_logged(serve, run, tls, ca_file, tmp_path, monkeypatch):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    server = serve(OK, tls=tls)
    assert isinstance(post(run, endpoint(server.port, ca_file=ca_file)), Response)
    assert not (tmp_path / "keys").exists()


def carry(one: socket.socket, another: socket.socket) -> None:
    """Carry bytes both ways until one side ends, in one thread: before Python 3.13 two must not share a TLS socket."""
    other = {one: another, another: one}
    while True:
        held = [end for end in other if isinstance(end, ssl.SSLSocket) and end.pending()]
        ready = held or select.select(list(other), [], [], 10)[0]
        for end in ready:
            data = end.recv(65_536)
            if not data:
                return
            other[end].sendall(data)
        if not ready:
            return


def tunnel(connection: socket.socket, port: int) -> None:
    """Carry bytes between the proxy's client and the real server."""
    with socket.socket() as upstream:
        upstream.connect(("127.0.0.1", port))
        carry(connection, upstream)


def connect_proxy(port: int, password: str | None = None) -> Callable[..., object]:
    """A proxy that knows CONNECT alone, and where NAME really is."""
    wanted = f"basic {base64.b64encode(password.encode()).decode()}".lower() if password else ""

    def talk(server: Any, connection: socket.socket, request: bytes) -> object:
        assert request.startswith(b"CONNECT " + NAME.encode())
        if wanted.encode() not in request.lower():
            connection.sendall(b"HTTP/1.1 407 Who are you?\r\nContent-Length: 0\r\n\r\n")
            return False
        connection.sendall(b"HTTP/1.1 200 Here you are\r\n\r\n")
        tunnel(connection, port)
        return False

    return talk


def socks_proxy(port: int, user: bytes, password: bytes) -> Callable[[socket.socket], None]:
    """RFC 1928 and 1929, as much as one CONNECT needs."""

    def talk(connection: socket.socket) -> None:
        _, count = connection.recv(2)
        assert 2 in connection.recv(count)
        connection.sendall(b"\x05\x02")
        given = connection.recv(512)
        known = given == b"\x01" + bytes([len(user)]) + user + bytes([len(password)]) + password
        connection.sendall(b"\x01\x00" if known else b"\x01\x01")
        if known:
            asked = connection.recv(512)
            assert asked[:4] == b"\x05\x01\x00\x03"  # a domain name: it is resolved behind the proxy
            assert asked[5 : 5 + asked[4]] == NAME.encode()
            connection.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
            tunnel(connection, port)

    return talk


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connect_proxy_with_credentials(serve, run, tls, ca_file, looked_up, scheme):
    server = serve(OK, tls=tls)
    proxy_server = serve(connect_proxy(server.port, "me:s3cret pass"), tls=tls if scheme == "https" else None)
    proxy = Proxy(url=f"{scheme}://127.0.0.1:{proxy_server.port}", credentials=("me", "s3cret pass"))
    assert post(run, endpoint(443, host=NAME, ca_file=ca_file, proxy=proxy)) == Response(202, {}, b"{}")
    assert b"proxy-authorization" not in server.requests[0].lower()
    assert looked_up == []


def test_a_proxy_that_refuses_is_a_failure_and_no_direct_way_is_tried(serve, run, tls, ca_file, looked_up):
    server = serve(OK, tls=tls)
    proxy_server = serve(connect_proxy(server.port, "me:right"))
    proxy = Proxy(url=f"http://127.0.0.1:{proxy_server.port}", credentials=("me", "wrong"))
    assert post(run, endpoint(server.port, host=NAME, ca_file=ca_file, proxy=proxy)) == "proxy_login"
    assert (server.connections, looked_up) == (0, [])


def test_a_proxy_that_is_gone_is_a_failure(serve, run, tls, ca_file, looked_up):
    server = serve(OK, tls=tls)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    for scheme in ("http", "https", "socks5"):
        proxy = Proxy(url=f"{scheme}://127.0.0.1:{port}")
        assert post(run, endpoint(server.port, ca_file=ca_file, proxy=proxy)) == "connection_refused"
    assert (server.connections, looked_up) == (0, [])


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize(("password", "expected"), [("pa ss", Response(202, {}, b"{}")), ("wrong", "proxy")])
def test_a_socks_proxy_with_credentials(serve, run, tls, ca_file, looked_up, scheme, password, expected):
    server = serve(OK, tls=tls)
    proxy_server = serve(socks_proxy(server.port, b"me", b"pa ss"), raw=True)
    proxy = Proxy(url=f"{scheme}://127.0.0.1:{proxy_server.port}", credentials=("me", password))
    assert post(run, endpoint(443, host=NAME, ca_file=ca_file, proxy=proxy)) == expected
    assert looked_up == []


def silence(connection: socket.socket) -> None:
    """Read, and never answer."""
    with contextlib.suppress(OSError):
        while connection.recv(4096):
            pass


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_that_hangs_never_blocks_the_way_for_later(serve, run, tls, ca_file, scheme):
    """More tries than a pool has places, each leaving nothing open; then the proxy is well again."""
    server = serve(OK, tls=tls)
    well = connect_proxy(server.port) if scheme == "http" else socks_proxy(server.port, b"me", b"p")
    tries = 12

    def talk(connection: socket.socket) -> None:
        if proxy_server.connections <= tries:
            silence(connection)
        elif scheme == "http":
            well(None, connection, proxy_server.read(connection))  # type: ignore[call-arg]
        else:
            well(connection)

    proxy_server = serve(talk, raw=True)
    credentials = ("me", "p") if scheme == "socks5" else None
    proxy = Proxy(url=f"{scheme}://127.0.0.1:{proxy_server.port}", credentials=credentials)
    to = endpoint(443, host=NAME, ca_file=ca_file, proxy=proxy)

    async def many() -> list[Response | str]:
        egress = Egress()
        said: list[Response | str] = []
        for number in range(tries + 1):
            try:
                said.append(await egress.post(to, headers={}, body=b"", deadline=0.05 if number < tries else 10))
            except NetworkFailure as failure:
                said.append(str(failure))
        await egress.aclose()
        return said

    assert run(many()) == ["timeout"] * tries + [Response(202, {}, b"{}")]


def test_tls_that_fails_within_a_tunnel_never_blocks_the_way_for_later(serve, run, tls, ca_file):
    server = serve(OK, tls=tls)
    tries = 12

    def talk(connection: socket.socket) -> None:
        request = proxy_server.read(connection)
        assert request.startswith(b"CONNECT")
        connection.sendall(b"HTTP/1.1 200 Here you are\r\n\r\n")
        if proxy_server.connections <= tries:
            assert connection.recv(4096)
            connection.sendall(b"this is no TLS at all\r\n")
            silence(connection)  # until it is closed
        else:
            tunnel(connection, server.port)

    proxy_server = serve(talk, raw=True)
    proxy = Proxy(url=f"http://127.0.0.1:{proxy_server.port}")
    to = endpoint(443, host=NAME, ca_file=ca_file, proxy=proxy)

    async def many() -> list[Response | str]:
        egress = Egress()
        said: list[Response | str] = []
        for _ in range(tries + 1):
            try:
                said.append(await egress.post(to, headers={}, body=b"", deadline=2))
            except NetworkFailure as failure:
                said.append(str(failure))
        await egress.aclose()
        return said

    assert run(many()) == ["tls"] * tries + [Response(202, {}, b"{}")]


def test_a_request_in_flight_survives_anothers_failure(serve, run):
    """Both share a way out; the pool of the failed one is given up, not closed under the other."""

    def talk(server: Any, connection: socket.socket, request: bytes) -> object:
        if b"/fail" in request:
            return False
        arrived.set()
        failed.wait()
        connection.sendall(OK)
        return True

    arrived, failed = threading.Event(), threading.Event()
    server = serve(talk)
    base = f"http://127.0.0.1:{server.port}"
    slow, bad = (
        Endpoint(service="metrics", url=base + path, host="127.0.0.1", port=server.port, layer="host")
        for path in ("/slow", "/fail")
    )

    async def both() -> list[Response]:
        egress = Egress()
        answers: list[Response] = []

        async def patient() -> None:
            answers.append(await egress.post(slow, headers={}, body=b""))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(patient)
            await anyio.wait_all_tasks_blocked()
            arrived.wait(30)
            with pytest.raises(NetworkFailure):
                await egress.post(bad, headers={}, body=b"")
            failed.set()
        answers.append(await egress.post(slow, headers={}, body=b""))
        await egress.aclose()
        return answers

    assert run(both()) == [Response(202, {}, b"{}")] * 2
