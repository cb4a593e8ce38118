"""A pool of connections for one route, which reads each response within its limit. Used by egress alone."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import anyio
import httpcore

from . import tls

if TYPE_CHECKING:
    from telemetry_sdk.endpoints.certificates import ClientCertificate
    from telemetry_sdk.endpoints.proxies import Proxy

    from .tls import TrustedCertificates

INFORMATIONAL = 10
HEAD_LIMIT = 100 << 10  # bytes of all heads of a response, informational ones included; h11 takes as many for one

_END = re.compile(rb"\n\r?\n")  # as h11 finds the end of a head
_INFORMATIONAL = re.compile(rb"HTTP/\d\.\d 1(?!01)")  # 101 is final

IDLE = 90.0  # seconds that a connection is kept: three beats of the metrics


@dataclass(frozen=True, slots=True)
class Route:
    """Proxy and certificates on the way to an endpoint; equal routes share connections.

    `client_certificate` is offered to the endpoint; an https proxy has its own.
    """

    scheme: str
    proxy: Proxy | None
    trusted: TrustedCertificates
    client_certificate: ClientCertificate | None


@dataclass(slots=True)
class _CurrentRequest:
    """The request under way: how much of the response's body is read, and the connections opened for it."""

    body_limit: int
    opened: list[httpcore.AsyncNetworkStream] = field(default_factory=list["httpcore.AsyncNetworkStream"])


_current: ContextVar[_CurrentRequest] = ContextVar("telemetry_sdk_current_request")


class Pool:
    """Connections of one route. Plain http makes no TLS context, which costs 25 ms.

    Raises ssl.SSLError for a certificate that cannot be read.
    """

    def __init__(self, route: Route) -> None:
        secure = route.scheme == "https"
        options: dict[str, Any] = {
            "ssl_context": tls.context(route.trusted, route.client_certificate) if secure else None,
            "keepalive_expiry": IDLE,
            "network_backend": _LimitedNetwork(),
        }
        proxy = route.proxy
        self._pool = httpcore.AsyncConnectionPool(**options) if proxy is None else _proxied(proxy, route, options)

    async def send(self, request: httpcore.Request, body_limit: int) -> httpcore.Response:
        """Send a request and read at most `body_limit` bytes of the response's body.

        A connection that was opened in vain is closed: httpcore loses those that fail or are cancelled between the
        connection and the first request, in a SOCKS handshake or in TLS within a tunnel.
        """
        current = _CurrentRequest(body_limit)
        _current.set(current)
        try:
            return await self._pool.handle_async_request(request)
        except BaseException:
            with anyio.CancelScope(shield=True):
                for stream in current.opened:
                    await stream.aclose()
            raise

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class _LimitedNetwork(httpcore.AsyncNetworkBackend):
    """Connects, and notes each connection for the request under way."""

    def __init__(self) -> None:
        self._network = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        stream = _LimitedStream(await self._network.connect_tcp(*args, **options))
        _current.get().opened.append(stream)
        return stream


class _LimitedStream(httpcore.AsyncNetworkStream):
    """A connection, from which each response is read within its limit."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._limit = ResponseLimit(0)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await self._stream.read(self._limit.next_read(max_bytes), timeout)
        self._limit.add(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write; a request is written as a whole before its response is read."""
        self._limit = ResponseLimit(_current.get().body_limit)
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        return _LimitedStream(await self._stream.start_tls(*args, **options))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class ResponseLimitError(Exception):
    """A response is longer than is read, or begins with too many informational ones."""


class ResponseLimit:
    """Counts one response as it is read: httpcore skips informational (1xx) responses without end.

    `body`: bytes of the body on the wire, chunk headers included.
    """

    def __init__(self, body: int) -> None:
        self._body_left = body
        self._head_left = HEAD_LIMIT
        self._informational_left = INFORMATIONAL
        self._head = bytearray()
        self._searched = 0
        self._in_body = False

    def next_read(self, wanted: int) -> int:
        """Return how many bytes may be read next, at most `wanted`. Raises `ResponseLimitError`."""
        if self._in_body:
            wanted = min(wanted, self._body_left)
        if wanted <= 0:
            raise ResponseLimitError
        return wanted

    def add(self, data: bytes) -> None:
        """Count what was read. Raises `ResponseLimitError`."""
        if self._in_body:
            self._body_left -= len(data)
        else:
            self._head += data
            self._count_heads()

    def _count_heads(self) -> None:
        while end := _END.search(self._head, self._searched):
            self._in_body = not _INFORMATIONAL.match(self._head)
            self._informational_left -= not self._in_body
            self._head_left -= end.end()
            del self._head[: end.end()]
            self._searched = 0
            if self._in_body:
                self._body_left -= len(self._head)
                self._head.clear()
                return
            if self._informational_left < 0:
                raise ResponseLimitError
        self._searched = max(0, len(self._head) - 2)  # the end may be cut between two reads
        if len(self._head) > self._head_left:
            raise ResponseLimitError


def _proxied(proxy: Proxy, route: Route, options: dict[str, Any]) -> httpcore.AsyncConnectionPool:
    """Make a pool behind a proxy, which alone resolves the destination's name, also for socks5."""
    auth = None
    if proxy.credentials is not None:
        user, password = proxy.credentials
        auth = (user.encode(), password.encode())
    if proxy.url.startswith("socks"):
        return httpcore.AsyncSOCKSProxy(proxy.url, proxy_auth=auth, **options)
    if proxy.url.startswith("https:"):
        options["proxy_ssl_context"] = tls.context(route.trusted, proxy.client_certificate)
    return httpcore.AsyncHTTPProxy(proxy.url, proxy_auth=auth, **options)
