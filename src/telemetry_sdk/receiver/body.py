"""Reads, decompresses and parses request bodies, each within a limit."""

from __future__ import annotations

import json
import zlib
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from .errors import Refusal
from .validation import require_object

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

_GZIP = 16 + zlib.MAX_WBITS
_SLICE = 64 * 1024


async def read(chunks: AsyncIterable[bytes], cap: int) -> tuple[bytes, bool]:
    """Read at most `cap` bytes; the second value is False if there were more."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > cap:
            return bytes(body[:cap]), False
    return bytes(body), True


async def discard(chunks: AsyncIterable[bytes], cap: int) -> bool:
    """Read at most `cap` bytes and keep none; False if there were more."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > cap:
            return False
    return True


def expand(wire: bytes, encoding: str, cap: int) -> bytes:
    """Decompress a body, never holding more than `cap` bytes.

    Raises Refusal: 413 over the cap, 400 if damaged or truncated, 415 for an unsupported encoding.
    """
    match encoding.strip().lower():
        case "" | "identity":
            if len(wire) > cap:
                _too_large(cap)
            return wire
        case "gzip":
            return _gunzip(wire, cap)
        case "br":
            return _unbrotli(wire, cap)
        case other:
            raise Refusal(415, f"unsupported content encoding: {other[:32]!r}")


def _gunzip(wire: bytes, cap: int) -> bytes:
    body = bytearray()
    rest = wire
    while rest or not body:
        member = zlib.decompressobj(_GZIP)
        try:
            body += member.decompress(rest, cap + 1 - len(body))
        except zlib.error as error:
            raise Refusal(400, f"broken gzip: {error}") from None
        if len(body) > cap:
            _too_large(cap)
        if not member.eof:
            raise Refusal(400, "broken gzip: cut short")
        rest = member.unused_data
        if not rest:
            break
    return bytes(body)


def _unbrotli(wire: bytes, cap: int) -> bytes:
    """Decompress Brotli, which `sentry_sdk` prefers where the package is installed."""
    try:
        brotli: Any = import_module("brotli")
    except ModuleNotFoundError:
        raise Refusal(415, "unsupported content encoding: 'br'") from None
    stream = brotli.Decompressor()
    body = bytearray()
    rest = wire
    try:
        while not stream.is_finished():
            piece = stream.process(rest, output_buffer_limit=_SLICE)
            if not piece and not rest and stream.can_accept_more_data():
                raise Refusal(400, "broken brotli: cut short")
            rest = b""
            body += piece
            if len(body) > cap:
                _too_large(cap)
    except brotli.error:
        raise Refusal(400, "broken brotli") from None
    return bytes(body)


def _too_large(cap: int) -> NoReturn:
    raise Refusal(413, f"the body is larger than {cap} bytes")


def parse_json(text: bytes, what: str = "body") -> Any:
    """Parse strict JSON: UTF-8, no NaN or Infinity, bounded depth. Raises Refusal 400."""
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"{what} is not JSON: {str(error)[:200] or type(error).__name__}") from None


def parse_object(text: bytes, what: str = "body") -> dict[str, Any]:
    """Parse strict JSON that must be an object. Raises Refusal 400."""
    return require_object(parse_json(text, what), what)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
