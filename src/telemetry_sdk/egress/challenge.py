"""A development receiver's proof that it knows the token: the token is never sent to it before.

The SDK asks `GET /telemetry-sdk/challenge?nonce=<64 hex digits>`; the receiver answers `{"proof": "<hex>"}`, the
HMAC-SHA256 of the nonce with the token as the key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .response import Response

PATH = "/telemetry-sdk/challenge"
ANSWER_LIMIT = 1024  # bytes
_CONTEXT = b"telemetry-sdk development receiver\n"  # no other program's HMAC of a nonce
_DIGITS = 64


def new_nonce() -> str:
    """Return a random nonce."""
    return secrets.token_hex(_DIGITS // 2)


def is_nonce(text: str) -> bool:
    """Whether a text is a nonce."""
    return len(text) == _DIGITS and set(text) <= set(string.hexdigits)


def prove(token: str, nonce: str) -> str:
    """Return the proof that the token is known."""
    return hmac.new(token.encode(), _CONTEXT + nonce.encode(), hashlib.sha256).hexdigest()


def is_proof(response: Response, token: str, nonce: str) -> bool:
    """Whether a response proves that its sender knows the token."""
    given = (response.json() or {}).get("proof")
    return response.status == 200 and isinstance(given, str) and _equal(given, prove(token, nonce))  # noqa: PLR2004


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
