r"""The format of a segment: a header and records, each a line of length, CRC32 and clean JSON.

    0000004a 1c291ca3 {"v":3,"service":"metrics","metadata":{...},...}\n
    000000b2 83dcefb7 {"id":"...","name":"tool_use",...}\n

The JSON is ASCII without line ends, so a damaged line harms only itself. A merged segment begins with the names of the
segments that it replaces; then come their headers, each before its records.
"""

from __future__ import annotations

from binascii import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    ParsedRun = tuple[dict[str, Any], list[bytes | None]]  # a header, and its records

VERSION = 3
MAX_EVENT = 32 << 10  # bytes of one event's JSON
MAX_ERROR = 256 << 10  # bytes of one error's JSON (Sentry's limit: 1 MB)
_HEADER = b'{"v":'  # begins a header, and no record
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


def parse(data: bytes) -> list[ParsedRun]:
    """Return the header and the payloads of each run in a segment, None for a damaged line; a torn tail is cut.

    Raises `DamagedSegment` or `NewerSegment`.
    """
    lines = data.split(b"\n")
    lines.pop()  # empty after a whole last line, else torn
    payloads = [_payload(line) for line in lines]
    first = _header(payloads[0] if payloads else None)
    merged = "merged" in first
    runs = [] if merged else [(first, payloads[1:])]
    known = True
    for payload in payloads[1:] if merged else ():
        if payload is not None and payload.startswith(_HEADER):
            runs.append((_header(payload), []))
            known = True
        elif runs:
            known = known and payload is not None  # the damaged line may have been a header
            runs[-1][1].append(payload if known else None)
    if not all(type(head.get("metadata")) is dict for head, _ in runs):
        raise DamagedSegment("no metadata")
    return runs


def count(data: bytes) -> int:
    """Return how many records a segment holds; raises as `parse` does."""
    return sum(len(payloads) for _, payloads in parse(data))


def _header(payload: bytes | None) -> dict[str, Any]:
    from json import loads

    if payload is None:
        raise DamagedSegment("no header")
    try:
        head = loads(payload)
    except RecursionError:
        raise DamagedSegment("nested too deep") from None
    if type(head) is not dict:
        raise DamagedSegment("no header")
    if head.get("v") != VERSION:
        raise NewerSegment(f"version {head.get('v')!r}")
    return head


def _payload(text: bytes) -> bytes | None:
    """Return the payload of a line without its end, or None if it is torn or damaged."""
    payload = text[_HEAD:]
    try:
        length, checksum = int(text[:8], 16), int(text[9:17], 16)
    except ValueError:  # no digits: damaged
        return None
    return payload if len(payload) == length and crc32(payload) == checksum else None
