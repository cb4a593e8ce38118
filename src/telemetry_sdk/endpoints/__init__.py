"""Endpoints: the destination of each service, resolved at the start from trusted layers only."""

from __future__ import annotations

from .resolve import resolve_endpoints, specs_endpoint
from .values import (
    BearerToken,
    ClientCertificate,
    Endpoint,
    Endpoints,
    Proxy,
    RefusedError,
)

__all__ = [
    "BearerToken",
    "ClientCertificate",
    "Endpoint",
    "Endpoints",
    "Proxy",
    "RefusedError",
    "resolve_endpoints",
    "specs_endpoint",
]
