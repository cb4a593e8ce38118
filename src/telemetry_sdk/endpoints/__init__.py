"""Endpoints: where each service sends, decided once at the start, from trusted layers only."""

from __future__ import annotations

from .resolve import resolve_endpoints
from .values import BearerToken, Endpoint, Endpoints, Proxy

__all__ = ["BearerToken", "Endpoint", "Endpoints", "Proxy", "resolve_endpoints"]
