"""Who may see the page: whoever has its address, which holds a key. Sets the headers of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

from ..service import is_one_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_KEY = "The page's address holds a key: use the whole address that the command printed.\n"
POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "connect", "img")),
        *("base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"),
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class PageAccess:
    """Passes a request on if the key in its path is the page's; only reading is possible."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 without the key, 405 for a method that could change something."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        app = self._app
        if not is_one_of(scope["path_params"].get("key", ""), [self._key]):
            app = PlainTextResponse(NO_KEY, 403)
        elif scope["method"] not in {"GET", "HEAD"}:
            app = PlainTextResponse("The page is read only.\n", 405)
        await app(scope, receive, send_with_headers)
