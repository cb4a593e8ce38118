r"""The format of a segment: a header and records, each a line of length, CRC32 and clean JSON.

    0000004a 1c291ca3 {"v":2,"service":"metrics","metadata":{...},...}\n
    000000b2 83dcefb7 {"id":"...","name":"tool_use",...}\n

The JSON is ASCII without line ends, so a damaged line harms only itself.
"""

from __future__ import annotations

from binascii import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

VERSION = 2
MAX_EVENT = 32 << 10  # bytes of one event's JSON
MAX_ERROR = 256 << 10  # bytes of one error's JSON (Sentry's limit: 1 MB)
_HEAD = 18  # two times eight hexadecimal digits, each with a blank


class DamagedSegment(ValueError):
    """A segment whose header cannot be read."""


class NewerSegment(ValueError):
    """A segment of a version that this release does not know: left alone."""


def packed(value: object) -> bytes:
    """Return compact ASCII JSON; raises `ValueError` for NaN and the like."""
    from json import dumps

    return dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def line(payload: bytes) -> bytes:
    """Frame one JSON text."""
    return b"%08x %08x %b\n" % (len(payload), crc32(payload), payload)


def header(fields: Mapping[str, Any]) -> bytes:
    """Return a segment's first line. `fields`: `service`, `metadata` and what else a sender needs."""
    return line(packed({"v": VERSION, **fields}))


def parse(data: bytes) -> tuple[dict[str, Any], list[bytes | None]]:
    """Return the header and the payloads of a segment, None for a damaged line; a torn tail is cut.

    Raises `DamagedSegment` or `NewerSegment`.
    """
    from json import loads

    lines = data.split(b"\n")
    lines.pop()  # empty after a whole last line, else torn
    first = _payload(lines[0]) if lines else None
    if first is None:
        raise DamagedSegment("no header")
    try:
        head = loads(first)
    except RecursionError:
        raise DamagedSegment("nested too deep") from None
    if type(head) is not dict:
        raise DamagedSegment("no header")
    if head.get("v") != VERSION:
        raise NewerSegment(f"version {head.get('v')!r}")
    if type(head.get("metadata")) is not dict:
        raise DamagedSegment("no metadata")
    return head, [_payload(text) for text in lines[1:]]


def _payload(text: bytes) -> bytes | None:
    """Return the payload of a line without its end, or None if it is torn or damaged."""
    payload = text[_HEAD:]
    try:
        length, checksum = int(text[:8], 16), int(text[9:17], 16)
    except ValueError:  # no digits: damaged
        return None
    return payload if len(payload) == length and crc32(payload) == checksum else None
