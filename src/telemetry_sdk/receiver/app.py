"""The ASGI application: reads a request, passes it to its service, stores it, answers it."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from telemetry_sdk.egress import challenge

from . import body
from .errors import Refusal
from .faults import ClosedError, Faults, PlannedAnswer
from .page.routes import page_routes
from .page.source import ReceiverPage
from .service import AcceptedRequest, IncomingRequest, Service
from .store import RawRequest, ReceiverStore, now
from .web_requests import WebPageFilter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from .arrival_log import ArrivalLog
    from .receiver import Receiver


class RequestHandler:
    """Handles the requests of one service."""

    def __init__(self, service: Service, store: ReceiverStore, faults: Faults, log: ArrivalLog) -> None:
        self._log = log
        self._service = service
        self._store = store
        self._faults = faults

    async def receive(self, request: Request) -> Response:
        """Answer a request; an authorized one is stored as received, any other without its body."""
        refusal = self._unauthorized(request)
        try:
            if refusal is None or self._store.keep_refused:
                wire, whole = await body.read(request.stream(), self._service.wire)
            else:
                wire, whole = b"", await body.discard(request.stream(), self._service.wire)
        except ClientDisconnect:
            return Response(status_code=400)  # the client is gone
        add = self._store.add_request if refusal is None else self._store.add_unauthorized
        number = add(_raw(request, self._service.name, wire))
        try:
            response = await self._answer(number, request, wire, refusal, whole=whole)
        except ClosedError:
            return Response(status_code=503)  # the client is gone
        self._store.answered(number, response.status_code)
        return response

    def _unauthorized(self, request: Request) -> Refusal | None:
        try:
            self._service.authorize(_incoming(request))
        except Refusal as refusal:
            return refusal
        return None

    async def _answer(
        self, number: int, request: Request, wire: bytes, refusal: Refusal | None, *, whole: bool
    ) -> Response:
        name = self._service.name
        await self._faults.before_storing(name)
        if planned := self._faults.next_answer(name):
            return _planned(planned)
        accepted = refusal or self._accept(request, wire, whole=whole)
        if isinstance(accepted, Refusal):
            self._store.refused(number, name, f"POST {request.url.path}", accepted.detail)
            self._log.refused(name, accepted.status, accepted.detail)
            closing = {} if whole else {"Connection": "close"}
            return _json(accepted.status, self._service.explain(accepted), closing)
        known = self._store.add(name, number, accepted.records)
        self._log.arrived(name, accepted.records)
        await self._faults.before_answering(name)
        return _json(_status(accepted, known), accepted.answer)

    def _accept(self, request: Request, wire: bytes, *, whole: bool) -> AcceptedRequest | Refusal:
        service = self._service
        if not whole:
            return Refusal(413, f"the body is larger than {service.wire} bytes")
        try:
            plain = body.expand(wire, request.headers.get("content-encoding", ""), service.expanded)
            return service.accept(_incoming(request, plain))
        except Refusal as refusal:
            return refusal


def build(
    services: Mapping[str, Service], store: ReceiverStore, faults: Faults, receiver: Receiver, log: ArrivalLog
) -> ASGIApp:
    """Build the application; `services` maps paths to services."""
    routes: list[BaseRoute] = [
        Route(path, RequestHandler(service, store, faults, log).receive, methods=["POST"])
        for path, service in services.items()
    ]
    routes += page_routes(ReceiverPage(store), receiver.page_key)
    routes.append(Route(challenge.PATH, _challenged(receiver.token), methods=["GET"]))
    handlers = {HTTPException: _unknown(store, log)}
    return WebPageFilter(Starlette(routes=routes, exception_handlers=handlers), receiver.port)


def _unknown(store: ReceiverStore, log: ArrivalLog) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        number = store.add_unauthorized(_raw(request, "unknown", b""))
        store.refused(number, "unknown", f"{request.method} {request.url.path}", "no such endpoint")
        store.answered(number, status)
        log.refused("unknown", status, f"no such endpoint: {request.url.path}")
        return _json(status, {"detail": "no such endpoint"}, {"Connection": "close"})

    return answer


def _challenged(token: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        nonce = request.query_params.get("nonce", "")
        if not challenge.is_nonce(nonce):
            return _json(400, {"detail": "nonce must be 64 hexadecimal digits"})
        return _json(200, {"proof": challenge.prove(token, nonce)})

    return answer


def _incoming(request: Request, plain: bytes = b"") -> IncomingRequest:
    return IncomingRequest(dict(request.headers), dict(request.query_params), request.path_params, plain)


def _raw(request: Request, service: str, wire: bytes) -> RawRequest:
    url = request.url
    return RawRequest(service, request.method, url.path, url.query, dict(request.headers), wire, now())


def _status(accepted: AcceptedRequest, known: int) -> int:
    all_known = bool(accepted.records) and known == len(accepted.records)
    return accepted.status_if_known if all_known and accepted.status_if_known else accepted.status


def _planned(planned: PlannedAnswer) -> Response:
    return _dated(Response(planned.body, planned.status, dict(planned.headers)))


def _json(status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return _dated(JSONResponse(content, status, headers))


def _dated(response: Response) -> Response:
    """Add a Date header; a planned answer may have its own."""
    response.headers.setdefault("Date", formatdate(usegmt=True))
    return response
