"""The one exit: every byte that leaves goes through here, and nothing else imports httpx.

Requests go to httpx's transport interface, not to `httpx.AsyncClient` or `httpx.AsyncHTTPTransport`:
sentry_sdk wraps the first, OpenTelemetry the second, and both would add the host's trace headers. At this
level there are no redirects, cookies, credentials from files, or looks into the environment at all.
"""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import anyio
import httpcore
import httpx

from telemetry_sdk._internal.loopback import is_loopback
from telemetry_sdk._internal.version import VERSION
from telemetry_sdk.exceptions import NetworkFailure

from .failures import failure_word
from .pool import Pool, Route
from .response import Response
from .tls import TrustedCertificates

if TYPE_CHECKING:
    from telemetry_sdk.endpoints import Endpoint

Progress: TypeAlias = Callable[[int, int], None]  # bytes sent, bytes in all

CONNECT = 3.0  # seconds for the name and the connection, and as many again for TLS
BODY_LIMIT = 64 << 10  # bytes of a response: no vendor's is longer, and an endless one ends here
HEADER_LIMIT = 4096  # characters of a kept header
CHUNK = 64 << 10  # bytes of a request between two reports of progress
KEPT = ("content-type", "retry-after", "x-sentry-rate-limits", "date", "etag")
BODY = "telemetry_sdk.body_limit"  # a request's extension: bytes of the response's body that are read


class _Refused(Exception):
    """The endpoint breaks our rules."""


class Egress:
    """Posts bodies to endpoints and keeps the connections; for one event loop.

    `transport` makes what takes the network's place in an application's tests.
    """

    def __init__(self, *, transport: Callable[[], httpx.AsyncBaseTransport] | None = None) -> None:
        self._make = transport
        self._shared: dict[Route, _SharedTransport] = {}

    async def post(
        self,
        endpoint: Endpoint,
        *,
        headers: Mapping[str, str],
        body: bytes,
        deadline: float = 10.0,
        progress: Progress | None = None,
        leave: Callable[[], object] | None = None,
        compress: bool = False,
    ) -> Response:
        """Send one request and return the response.

        `body`: as it is sent, or to be compressed (`compress`); `deadline`: seconds for all of it; `leave`: called
        before the last bytes leave; what it raises ends the request before. Raises
        NetworkFailure with one word when no answer came: dns, connect, connection_refused, issuer (unknown here, of a
        certificate), certificate, tls, proxy, proxy_login (407), protocol, closed, timeout, refused (the endpoint
        breaks our own rules, or a development receiver does not know its token; nothing was sent), failed (anything
        else).
        """
        if compress:  # level 1: 6 gains nothing on these bodies; no time stamp, so that equal bodies stay equal
            body = gzip.compress(body, compresslevel=1, mtime=0)
        parts = {"content-length": str(len(body))} | dict(headers)
        content = _Body(body, progress, leave)
        return await self._send(endpoint, "POST", parts, content, _PartialResponse(BODY_LIMIT), deadline)

    async def get(self, endpoint: Endpoint, *, headers: Mapping[str, str], most: int, deadline: float) -> Response:
        """Fetch a document of at most `most` bytes; what is longer is cut there. Rules and failures as of `post`."""
        return await self._send(endpoint, "GET", headers, _Body(b"", None), _PartialResponse(most), deadline)

    async def _send(
        self,
        endpoint: Endpoint,
        method: str,
        headers: Mapping[str, str],
        body: _Body,
        partial: _PartialResponse,
        deadline: float,
    ) -> Response:
        word = "timeout"
        with anyio.move_on_after(deadline):
            try:
                url = _checked(endpoint)
                route = _route_to(endpoint, url.scheme)
                if endpoint.receiver_token:
                    await self._challenge(route, url, endpoint.receiver_token)
                await self._exchange(route, _request(method, url, headers, body, partial.most), partial)
            except Exception as error:
                word = failure_word(error)
        if partial.answer is None:
            raise NetworkFailure(word)  # outside of the handler: the cause may name hosts, paths, proxies
        return partial.answer

    async def aclose(self) -> None:
        """Close all connections."""
        while self._shared:
            await self._shared.popitem()[1].transport.aclose()

    async def _challenge(self, route: Route, url: httpx.URL, token: str) -> None:
        """Let a development receiver prove that it knows the token, before each body: its port may be another's now."""
        from . import challenge  # hmac and secrets: for development only

        nonce = challenge.new_nonce()
        partial = _PartialResponse(challenge.ANSWER_LIMIT)
        asked = url.copy_with(raw_path=f"{challenge.PATH}?nonce={nonce}".encode())
        await self._exchange(route, _request("GET", asked, {}, _Body(b"", None), partial.most), partial)
        if partial.answer is None or not challenge.is_proof(partial.answer, token, nonce):
            raise _Refused

    async def _exchange(self, route: Route, request: httpx.Request, partial: _PartialResponse) -> None:
        """Use the transport of this route; one that failed is given up, for its pool may have lost count."""
        shared = self._shared.get(route)
        if shared is None:
            shared = self._shared[route] = _SharedTransport(self._make() if self._make else _PoolTransport(route))
        shared.users += 1
        try:
            await partial.exchange(shared.transport, request)
        except BaseException:
            if self._shared.get(route) is shared:
                del self._shared[route]
            raise
        finally:
            shared.users -= 1
            if not shared.users and self._shared.get(route) is not shared:
                with anyio.CancelScope(shield=True):
                    await shared.transport.aclose()


class _SharedTransport:
    """A transport, and how many requests use it."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self.transport = transport
        self.users = 0


class _PartialResponse:
    """What was read of a response so far: after a deadline or a broken connection the status remains."""

    def __init__(self, most: int) -> None:
        self.most = most  # bytes of the body that are read
        self._response: httpx.Response | None = None
        self._body = bytearray()

    @property
    def answer(self) -> Response | None:
        if self._response is None:
            return None
        return Response(self._response.status_code, dict(_kept(self._response.headers)), bytes(self._body))

    async def exchange(self, transport: httpx.AsyncBaseTransport, request: httpx.Request) -> None:
        response = self._response = await transport.handle_async_request(request)
        try:
            # Never decompressed: half a megabyte of gzip can hold half a gigabyte.
            if response.headers.get("content-encoding", "identity") == "identity":
                await self._read(response)
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response) -> None:
        stream = response.stream
        if not isinstance(stream, httpx.AsyncByteStream):
            return
        chunks = stream.__aiter__()
        try:
            async for chunk in chunks:
                self._body += chunk[: self.most - len(self._body)]
                if len(self._body) >= self.most:
                    return
        finally:
            if isinstance(chunks, AsyncGenerator):  # left in the middle, it would be closed by nobody
                await chunks.aclose()


class _Body(httpx.AsyncByteStream):
    """A request's body in chunks. `progress` is called after each one was written, `leave` before the last one is."""

    def __init__(self, body: bytes, progress: Progress | None, leave: Callable[[], object] | None = None) -> None:
        self._body = body
        self._progress = progress
        self._leave = leave

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), CHUNK):
            if self._leave is not None and start + CHUNK >= len(self._body):
                self._leave()
            yield self._body[start : start + CHUNK]
            if self._progress is not None:
                self._progress(min(start + CHUNK, len(self._body)), len(self._body))


class _PoolTransport(httpx.AsyncBaseTransport):
    """A connection pool behind httpx's interface, made at the first request."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._pool: Pool | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if self._pool is None:
            self._pool = Pool(self._route)
        answer = await self._pool.send(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            ),
            request.extensions[BODY],
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_ResponseStream(answer))

    async def aclose(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()


class _ResponseStream(httpx.AsyncByteStream):
    """A response's body, read as it arrives."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()


def _route_to(endpoint: Endpoint, scheme: str) -> Route:
    """Return the route to an endpoint."""
    trusted = TrustedCertificates(endpoint.ca_file, endpoint.ca_dir, endpoint.extra_ca_file)
    return Route(scheme, endpoint.proxy, trusted, endpoint.client_certificate)


def _checked(endpoint: Endpoint) -> httpx.URL:
    """Return the endpoint's URL if it keeps the rules: the configured host, https, plain only to loopback."""
    url = httpx.URL(endpoint.url)
    plain = url.scheme == "http" and endpoint.proxy is None and is_loopback(url.host)
    named = endpoint.host in {url.host, url.raw_host.decode()}
    if not named or url.userinfo or not (url.scheme == "https" or plain):
        raise _Refused
    return url


def _request(
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str],
    body: _Body,
    most: int,
) -> httpx.Request:
    own = {
        "host": url.netloc.decode(),
        "user-agent": f"telemetry-sdk/{VERSION}",
        "accept-encoding": "identity",
    }
    return httpx.Request(
        method,
        url,
        headers=own | {name.lower(): value for name, value in headers.items()},
        stream=body,
        extensions={"timeout": {"connect": CONNECT, "read": None, "write": None, "pool": None}, BODY: most},
    )


def _kept(headers: httpx.Headers) -> Iterator[tuple[str, str]]:
    for name in KEPT:
        if name in headers:
            yield name, headers[name][:HEADER_LIMIT]


def answered_by(answer: Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]) -> httpx.AsyncBaseTransport:
    """Return what takes the network's place in an application's tests: `answer` gets every request."""
    return httpx.MockTransport(answer)
