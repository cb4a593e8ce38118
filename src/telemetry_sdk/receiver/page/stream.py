"""Server-sent events: announces to an open page that something arrived."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ..arrivals import ArrivalFilter

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from .source import PageSource

MEDIA_TYPE = "text/event-stream"
POLL = 0.25  # seconds between two looks at the store
SILENCE = 60  # looks without a change, after which a comment keeps the connection
MOST_NAMES = 3  # in one announcement


class EventStream:
    """An endpoint that sends `data: {"number", "names", "refused"}` for each change, until the page is closed.

    It starts no task: the server waits at its end for those that it does not know.
    """

    def __init__(self, source: PageSource) -> None:
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["method"] == "HEAD":
            await Response(media_type=MEDIA_TYPE)(scope, receive, send)
            return
        headers = [(b"content-type", MEDIA_TYPE.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        version, totals = self._source.store.database.version, _totals(self._source)
        text, silent = ": connected\n\n", 0
        while True:
            if text:
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            if await _is_closed(receive):
                return
            await run_in_threadpool(self._source.refresh)
            text, silent, before = "", silent + 1, totals
            if self._source.store.database.version != version:
                version, totals = self._source.store.database.version, _totals(self._source)
            if totals != before:
                text, silent = f"data: {json.dumps(_announcement(self._source, before, totals))}\n\n", 0
            elif silent >= SILENCE:
                text, silent = ": nothing new\n\n", 0


async def _is_closed(receive: Receive) -> bool:
    """Wait for a moment; tell whether the page was closed meanwhile."""
    with anyio.move_on_after(POLL):
        while (await receive())["type"] != "http.disconnect":
            pass
        return True
    return False


def _totals(source: PageSource) -> tuple[int, int]:
    """Count what was accepted, and what was refused."""
    arrivals = source.store.arrivals
    return arrivals.count(ArrivalFilter()), arrivals.count(ArrivalFilter(refused=True))


def _announcement(source: PageSource, before: tuple[int, int], totals: tuple[int, int]) -> dict[str, object]:
    accepted, refused = (max(0, new - old) for old, new in zip(before, totals, strict=True))
    newest = source.store.arrivals.newest(ArrivalFilter(), min(accepted, MOST_NAMES))
    return {"number": accepted, "names": [arrival.name for arrival in newest], "refused": refused}
