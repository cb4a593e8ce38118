"""The page's addresses: the list, one arrival, its body, the announcements, style and script."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from .access import HEADERS, NO_KEY, PageAccess
from .detail_page import sections
from .list_page import KINDS, list_page, moment, today
from .list_query import ListQuery
from .shown_text import shown
from .stream import EventStream

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from ..arrivals import StoredArrival
    from .source import PageSource

STATIC = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}


def page_routes(source: PageSource, key: str) -> list[BaseRoute]:
    """Return the routes of a page under `/page/<key>/`."""
    pages = _Pages(source)
    app = Starlette(
        routes=[
            Route("/", pages.list),
            Route("/arrival/{number:int}", pages.arrival),
            Route("/arrival/{number:int}/body", pages.body),
            Route("/arrival/{number:int}/request", pages.request),
            Route("/stream", EventStream(source)),
            Route("/static/{name}", _static),
        ]
    )
    return [Route("/", _without_key), Mount("/page/{key}", PageAccess(app, key))]


class _Pages:
    """The endpoints. Those that are no coroutines run in threads beside the receiver."""

    def __init__(self, source: PageSource) -> None:
        self._source = source
        loader = jinja2.PackageLoader(__package__ or "")
        self._templates = jinja2.Environment(
            loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        known: dict[str, Any] = {"source": source, "kinds": KINDS, "shown": shown, "moment": moment, "today": today}
        self._templates.globals.update(known)

    def list(self, request: Request) -> Response:
        """Show a page of the list."""
        self._source.refresh()
        view = list_page(self._source, ListQuery.read(request.query_params))
        return self._html("list.html", root="", view=view)

    def arrival(self, request: Request) -> Response:
        """Show one arrival."""
        found = self._find(request)
        query = ListQuery.read(request.query_params)
        wanted = query.filter(refused=bool(found.listed.refused))
        beside = self._source.store.arrivals.beside(found.listed.number, wanted)
        values = {"listed": found.listed, "sections": sections(found), "beside": beside, "query": query}
        return self._html("arrival.html", root="../", **values)

    def body(self, request: Request) -> Response:
        """Return a record's bytes."""
        found = self._find(request)
        return _download(found.body or b"", f"arrival-{found.listed.number}")

    def request(self, request: Request) -> Response:
        """Return the bytes of an arrival's request, compressed as they were received."""
        found = self._find(request)
        return _download(found.wire, f"request-{found.listed.number}")

    def _find(self, request: Request) -> StoredArrival:
        number: int = request.path_params["number"]
        found = self._source.store.arrivals.get(number) if number < 1 << 63 else None
        if found is None:
            raise HTTPException(404, "No such arrival: it may have been deleted since.")
        return found

    def _html(self, name: str, **values: Any) -> Response:
        return HTMLResponse(self._templates.get_template(name).render(values).encode("utf-8", "backslashreplace"))


def _download(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def _without_key(_request: Request) -> Response:
    return PlainTextResponse(NO_KEY, 403, HEADERS)


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404)
    content = resources.files(__package__ or "").joinpath("static", name).read_bytes()
    return Response(content, media_type=STATIC[name])
