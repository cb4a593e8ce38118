r"""The spool's file format: a header and records, each a line of length, CRC32 and clean JSON.

    0000004a 1c291ca3 {"v":1,"kind":"metrics","context":{...}}\n
    000000b2 83dcefb7 {"id":"...","name":"tool_use",...}\n

JSON is ASCII without line ends, so a torn or damaged line harms itself only.
"""

from __future__ import annotations

from binascii import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

VERSION = 1
MAX_EVENT = 32 << 10  # bytes of one event's JSON
MAX_ERROR = 256 << 10  # bytes of one error's JSON (Sentry's limit: 1 MB)
_HEAD = 18  # two times eight hexadecimal digits, each with a blank


class Damaged(ValueError):
    """A file whose header cannot be read."""


class NewerVersion(ValueError):
    """A file of a version that this release does not know: left alone."""


def packed(value: object) -> bytes:
    """Return compact ASCII JSON; raises `ValueError` for NaN and the like."""
    from json import dumps

    return dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def line(payload: bytes) -> bytes:
    """Frame one JSON text."""
    return b"%08x %08x %b\n" % (len(payload), crc32(payload), payload)


def header(kind: str, context: Mapping[str, Any]) -> bytes:
    """Return a file's first line."""
    return line(packed({"v": VERSION, "kind": kind, "context": context}))


def unframed(text: bytes) -> bytes | None:
    """Return the payload of a line without its end, or None if it is torn or damaged."""
    payload = text[_HEAD:]
    try:
        length, checksum = int(text[:8], 16), int(text[9:17], 16)
    except ValueError:  # no digits: damaged
        return None
    return payload if len(payload) == length and crc32(payload) == checksum else None


def parse(data: bytes) -> tuple[dict[str, Any], list[bytes], int]:
    """Return (header, payloads, damaged lines) of a file; a torn tail is cut and not counted.

    Raises `Damaged` or `NewerVersion`.
    """
    from json import loads

    lines = data.split(b"\n")
    torn = lines.pop()  # empty after a whole last line
    first = unframed(lines[0]) if lines else None
    if first is None:
        raise Damaged("torn before its header" if torn or not lines else "no header")
    try:
        head = loads(first)
    except RecursionError:
        raise Damaged("nested too deep") from None
    if type(head) is not dict or type(head.get("context")) is not dict:
        raise Damaged("no header")
    if head.get("v") != VERSION:
        raise NewerVersion(f"version {head.get('v')!r}")
    payloads = [unframed(text) for text in lines[1:]]
    whole = [payload for payload in payloads if payload is not None]
    return head, whole, len(payloads) - len(whole)
