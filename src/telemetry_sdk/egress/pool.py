"""A pool of connections for one way out: directly, or through one proxy. Used by egress alone."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast

import anyio
import httpcore

from . import tls

if TYPE_CHECKING:
    from telemetry_sdk.endpoints import Proxy

IDLE = 90.0  # seconds that a connection is kept: three beats of the metrics

_opened: ContextVar[list[httpcore.AsyncNetworkStream]] = ContextVar("telemetry_sdk_opened")


class Pool:
    """Connections of one scheme, proxy and CA file. Plain http makes no TLS context, which costs 25 ms."""

    def __init__(self, scheme: str, proxy: Proxy | None, ca_file: str | None) -> None:
        secure = scheme == "https" or (proxy is not None and proxy.url.startswith("https:"))
        options: dict[str, Any] = {
            "ssl_context": tls.context(ca_file) if secure else None,
            "keepalive_expiry": IDLE,
            "network_backend": _TrackedNetwork(),
        }
        self._pool = httpcore.AsyncConnectionPool(**options) if proxy is None else _proxied(proxy, options)

    async def send(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request; a connection that was opened in vain is closed.

        httpcore loses those that fail or are cancelled between the connection and the first request: in a
        SOCKS handshake, in TLS within a tunnel.
        """
        opened: list[httpcore.AsyncNetworkStream] = []
        _opened.set(opened)
        try:
            return await self._pool.handle_async_request(request)
        except BaseException:
            with anyio.CancelScope(shield=True):
                for stream in opened:
                    await stream.aclose()
            raise

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class _TrackedNetwork(httpcore.AsyncNetworkBackend):
    """Connects, and remembers for the request under way what was connected."""

    def __init__(self) -> None:
        self._network = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        stream = await self._network.connect_tcp(*args, **options)
        _opened.get().append(stream)
        return stream


def _proxied(proxy: Proxy, options: dict[str, Any]) -> httpcore.AsyncConnectionPool:
    """Make a pool behind a proxy, which alone resolves the destination's name, also for socks5."""
    auth = None
    if proxy.credentials is not None:
        user, password = proxy.credentials
        auth = (user.encode(), password.encode())
    if proxy.url.startswith("socks"):
        return httpcore.AsyncSOCKSProxy(proxy.url, proxy_auth=auth, **options)
    behind_tls = options["ssl_context"] if proxy.url.startswith("https:") else None
    return httpcore.AsyncHTTPProxy(proxy.url, proxy_auth=auth, proxy_ssl_context=behind_tls, **options)
