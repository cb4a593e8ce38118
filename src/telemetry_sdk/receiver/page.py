"""The page that shows what arrived: everything escaped, no script, no external resource."""

from __future__ import annotations

import json
import secrets
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from .service import is_one_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from .store import ReceivedRecord, ReceiverStore

_NEWEST = 200  # rows of a table
_LONGEST = 64 * 1024  # characters shown of one body
_TITLES = {"metrics": "Metrics", "errors": "Errors", "bug_reports": "Bug reports"}


def page(store: ReceiverStore, key: str) -> Callable[[Request], Awaitable[Response]]:
    """Build the page's endpoint; `key` must be in the query."""
    template = _template()

    async def answer(request: Request) -> Response:
        if not is_one_of(request.query_params.get("key", ""), [key]):
            return PlainTextResponse("the page's address holds a key", 403)
        nonce = secrets.token_urlsafe(16)
        html = template.render(nonce=nonce, tables=_tables(store), duplicates=store.duplicates())
        return HTMLResponse(html.encode("utf-8", "replace"), headers=_headers(nonce))

    return answer


def _template() -> jinja2.Template:
    text = resources.files(__package__ or "").joinpath("page.html").read_text("utf-8")
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(text)


def _headers(nonce: str) -> Mapping[str, str]:
    rules = ("default-src 'none'", f"style-src 'nonce-{nonce}'", "base-uri 'none'", "form-action 'none'")
    return {
        "Content-Security-Policy": "; ".join((*rules, "frame-ancestors 'none'")),
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _tables(store: ReceiverStore) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "service": service,
            "rows": [_row(record) for record in store.records(service, newest=_NEWEST)],
        }
        for service, title in _TITLES.items()
    ]


def _row(record: ReceivedRecord) -> dict[str, str]:
    text = record.body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError:
        value = None  # an attachment, for example
    readable = text if value is None else json.dumps(value, indent=2, ensure_ascii=False)
    return {
        "kind": record.kind,
        "summary": _summary(value, len(record.body))[:200],
        "body": readable[:_LONGEST],
    }


def _summary(value: Any, size: int) -> str:
    match value:
        case {"eventName": name, **rest}:
            return f"{name} {json.dumps(rest.get('metadata') or {}, ensure_ascii=False)}"
        case {"exception": {"values": [*_, {"type": kind, **rest}]}}:
            return f"{kind}: {rest.get('value') or ''}"
        case {"description": str(description)}:
            return description
        case _:
            return f"{size} bytes"
