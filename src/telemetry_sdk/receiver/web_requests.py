"""What a browser may send here: requests of this server's own pages, under this machine's own names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PAGE = "/page/"


class WebPageFilter:
    """Rejects what a web page sends: a foreign Host header, as after DNS rebinding (421), a foreign Origin (403).

    Only under `PAGE` an Origin may stand at all, this server's own.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost", "[::1]")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it without reading its body."""
        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        origins = {value.lower() for name, value in scope["headers"] if name == b"origin"}
        app: ASGIApp = self._app
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            app = _refused(421, "this receiver answers on loopback only")
        elif origins and not (scope["path"].startswith(PAGE) and origins == {b"http://" + hosts[0]}):
            app = _refused(403, "this receiver takes nothing from web pages")
        await app(scope, receive, send)


def _refused(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, {"Connection": "close"})
