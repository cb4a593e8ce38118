"""Endpoints: the destination of each service, resolved at the start from trusted layers only."""

from __future__ import annotations

from .endpoint import BearerToken, Endpoint, Endpoints
from .resolve import resolve_endpoints, specs_endpoint
from .urls import RefusedError

__all__ = [
    "BearerToken",
    "Endpoint",
    "Endpoints",
    "RefusedError",
    "resolve_endpoints",
    "specs_endpoint",
]
