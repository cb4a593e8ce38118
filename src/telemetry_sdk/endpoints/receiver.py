"""A development receiver: one loopback URL that takes the place of all endpoints, with credentials of its own."""

from __future__ import annotations

from telemetry_sdk._internal.layers import ENVIRONMENT, RECEIVER

from .endpoint import BUG_REPORT_TOKEN, BUG_REPORT_URL, SENTRY_DSN, STATSIG_KEY, STATSIG_URL, EndpointSource
from .urls import BadURLError, RefusedError, parse_endpoint

_TOKEN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_TOKEN_LIMIT = 128
EXPECTED = "it must be http://127.0.0.1:PORT/TOKEN"


def receiver_source(url: str) -> tuple[EndpointSource, str]:
    """Return the receiver's endpoints as a layer of their own, and its token. Raises `RefusedError`."""
    try:
        found = parse_endpoint(url)
    except BadURLError as error:
        raise RefusedError(RECEIVER, f"the URL of the development receiver {error}; {EXPECTED}") from None
    token = found.path[1:]
    if not found.loopback or not 0 < len(token) <= _TOKEN_LIMIT or not _TOKEN.issuperset(token):
        raise RefusedError(RECEIVER, f"the URL of the development receiver is not on loopback with a token; {EXPECTED}")
    scheme, _, location = found.origin.partition("://")
    values: dict[str, object] = {
        STATSIG_KEY: f"client-{token}",
        STATSIG_URL: f"{found.origin}/v1",
        SENTRY_DSN: f"{scheme}://{token}@{location}/1",
        BUG_REPORT_URL: f"{found.origin}/v1/bug-reports",
        BUG_REPORT_TOKEN: token,
    }
    return EndpointSource(layer=ENVIRONMENT, source=RECEIVER, values=values), token
