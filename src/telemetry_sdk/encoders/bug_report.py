"""The bug report's wire: one JSON string in one JSON object, a key against doubles, a hash against damage."""

from __future__ import annotations

import json
import re

from .compression import gzipped

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}")  # RFC 9110's header name
_LONGEST_VALUE = 8192  # bytes: what servers take in one header line
_OURS = frozenset(
    (
        *("accept-encoding", "connection", "content-encoding", "content-length", "content-type", "host"),
        *("idempotency-key", "te", "trailer", "transfer-encoding", "upgrade", "x-content-sha256"),
    )
)


class BadCredential(ValueError):
    """A credential that could not stand in a request; the message never shows it."""


def body(content: bytes) -> bytes:
    """Return the request's body, `{"content": "<the report as a JSON string>"}`, gzip level 1."""
    return gzipped(json.dumps({"content": content.decode()}, ensure_ascii=False).encode())


def expanded_size(content: bytes) -> int:
    """Return the bytes of the body before compression: the frame, and one more for each quote or backslash.

    Canonical JSON holds no raw control characters, so nothing else is escaped.
    """
    return len(content) + content.count(b'"') + content.count(b"\\") + len(b'{"content": ""}')


def headers(report_id: str, sha256: str, auth: tuple[str, str] | None) -> dict[str, str]:
    """Return the request's headers.

    `sha256`: hex, of the content's bytes. `auth`: a header's name and value; raises BadCredential if they could
    not stand in a request or would replace a header of ours.
    """
    own = {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "Idempotency-Key": report_id,
        "X-Content-SHA256": sha256,
    }
    if auth is None:
        return own
    name, value = _checked(auth)
    return {**own, name: value}


def _checked(auth: object) -> tuple[str, str]:
    match auth:
        case (str(name), str(value)):
            pass
        case _:
            raise BadCredential("it is not a pair of two strings")
    if not _TOKEN.fullmatch(name) or name.lower() in _OURS:
        raise BadCredential("its name is not one of a credential's header")
    if not value.strip() or len(value) > _LONGEST_VALUE:
        raise BadCredential("its value is empty or too long")
    if not (value.isascii() and value.isprintable()):
        raise BadCredential("its value holds characters that a header cannot hold")
    return name, value.strip()
