"""The bug report's wire: one JSON string in one JSON object, a key against doubles, a hash against damage."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGIN, _END = b'{"content": "', b'"}'
_GZIP = 31  # zlib's number for a gzip header, without a time in it
_PIECE = 1 << 16  # bytes
_ESCAPE = re.compile(rb'\\(["\\])')
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


class BodyEncoder:
    """Compresses `{"content": "<the report as a JSON string>"}`, gzip level 1, as the report comes in pieces.

    Canonical JSON holds no raw control characters: quotes and backslashes are all that is escaped. `expanded`: bytes
    before compression.
    """

    def __init__(self) -> None:
        self._zip = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
        self._pieces: list[bytes] = []
        self.expanded = 0
        self._add(_BEGIN)

    def add(self, content: bytes) -> None:
        """Add the next bytes of the report."""
        self._add(content.replace(b"\\", b"\\\\").replace(b'"', b'\\"'))

    def finish(self) -> bytes:
        """Return the request's body."""
        self._add(_END)
        return b"".join((*self._pieces, self._zip.flush()))

    def _add(self, piece: bytes) -> None:
        self.expanded += len(piece)
        self._pieces.append(self._zip.compress(piece))


def content_of(body: bytes) -> Iterator[bytes]:
    """Yield the report in a body that `BodyEncoder` made, in pieces."""
    unzip = zlib.decompressobj(_GZIP)
    text, skipped = b"", len(_BEGIN)
    while not unzip.eof:
        text += unzip.decompress(unzip.unconsumed_tail or body, _PIECE)
        body = b""
        text, skipped = text[skipped:], max(0, skipped - len(text))
        end = max(0, len(text) - len(_END) - 1)
        end -= (end - len(text[:end].rstrip(b"\\"))) % 2  # an escape stays whole
        yield _ESCAPE.sub(rb"\1", text[:end])
        text = text[end:]
    yield _ESCAPE.sub(rb"\1", text[: -len(_END)])


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
