r"""The format of a segment: a header and records, each a line of length, CRC32 and clean JSON.

    0000004a 1c291ca3 {"v":3,"service":"metrics","metadata":{...},...}\n
    000000b2 83dcefb7 {"id":"...","name":"tool_use",...}\n

The header holds what any sender needs of the run, whichever process it runs in. The JSON is ASCII without line ends,
so a damaged line harms only itself. A merged segment begins with the names of the segments that it replaces; then come
their headers, each before its records and with its file's time ("changed").
"""

from __future__ import annotations

import os
from binascii import crc32
from time import time

from .._internal.clock import monotonic
from .._internal.compact_json import compact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol

    ParsedRun = tuple[dict[str, Any], list[bytes | None]]  # a header, and its records

    class Metadata(Protocol):
        """What a run's records have in common."""

        @property
        def provider(self) -> str:
            """The provider's name now: a segment holds records of one provider."""
            ...

        def of(self, service: str) -> Mapping[str, Any] | None:
            """Return the clean metadata; None where metrics have no id to go by."""
            ...


VERSION = 3
MAX_EVENT = 32 << 10  # bytes of one event's JSON
MAX_ERROR = 256 << 10  # bytes of one error's JSON (Sentry's limit: 1 MB)
MAX_AGE = 7 * 86_400.0  # seconds
CLOCK_DIFFERENCE = 86_400.0  # seconds that the two clocks of an older boot's segment may differ
_boot: list[str | None] = []
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_HEADER = b'{"v":'  # begins a header, and no record
_HEAD = 18  # two times eight hexadecimal digits, each with a blank


class DamagedSegment(ValueError):
    """A segment whose header cannot be read."""


class NewerSegment(ValueError):
    """A segment of a version that this release does not know: left alone."""


def line(payload: bytes) -> bytes:
    """Frame one JSON text."""
    return b"%08x %08x %b\n" % (len(payload), crc32(payload), payload)


def header(fields: Mapping[str, Any]) -> bytes:
    """Return a segment's first line. `fields`: `service`, `metadata` and what else a sender needs."""
    return line(compact({"v": VERSION, **fields}))


class RunHeader:
    """Makes a header line when a segment is made: the installation id may be new after an opt-in.

    `clock`: monotonic seconds; `wall`: seconds since the epoch.
    """

    def __init__(
        self,
        metadata: Metadata,
        *,
        revocations: Mapping[str, int],
        ledger: bool,
        clock: Callable[[], float] = monotonic,
        wall: Callable[[], float] = time,
    ) -> None:
        self.metadata = metadata
        self._revocations = revocations
        self._ledger = ledger
        self._boot = boot_id()
        self._clock = clock
        self._wall = wall

    def line(self, service: str) -> bytes | None:
        """Return the first line of a segment; None where the service has no metadata."""
        fields = self.fields(service)
        return None if fields is None else header(fields)

    def fields(self, service: str) -> dict[str, Any] | None:
        """Return the header of a segment; None where the service has no metadata."""
        metadata = self.metadata.of(service)
        if metadata is None:
            return None
        return {
            "service": service,
            "metadata": metadata,
            "revocations": self._revocations.get(service, 0),
            "ledger": self._ledger,
            "boot": self._boot,
            "monotonic": self._clock(),
            "wall": self._wall(),
        }


def expired(
    header: Mapping[str, Any],
    changed: float,
    *,
    clock: Callable[[], float] = monotonic,
    wall: Callable[[], float] = time,
) -> bool:
    """Tell whether a segment is older than 7 days. `changed`: its file's time, seconds since the epoch.

    A segment of this boot is aged by the monotonic clock, an older one only where two clocks agree: one that jumped
    ages nothing.
    """
    made, stamp = header.get("monotonic"), header.get("wall")
    if type(made) is float and header.get("boot") == boot_id() is not None:
        return clock() - made > MAX_AGE
    if type(stamp) is not float or abs(stamp - changed) > CLOCK_DIFFERENCE:
        return False
    return wall() - max(stamp, changed) > MAX_AGE


def boot_id() -> str | None:
    """Return what names this boot of the machine, read once; None where the system does not say."""
    if not _boot:
        _boot.append(_read_boot_id())
    return _boot[0]


def _read_boot_id() -> str | None:
    try:
        descriptor = os.open(_BOOT_ID, os.O_RDONLY)
    except OSError:  # another system
        return None
    try:
        return os.read(descriptor, 64).strip().decode("utf-8", "replace")
    finally:
        os.close(descriptor)


def parse(data: bytes) -> list[ParsedRun]:
    """Return the header and the payloads of each run in a segment, None for a damaged line; a torn tail is cut.

    Raises `DamagedSegment` or `NewerSegment`.
    """
    lines = data.split(b"\n")
    lines.pop()  # empty after a whole last line, else torn
    payloads = [payload_of(line) for line in lines]
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


def payload_of(text: bytes) -> bytes | None:
    """Return the payload of a line without its end, or None if it is torn or damaged."""
    payload = text[_HEAD:]
    try:
        length, checksum = int(text[:8], 16), int(text[9:17], 16)
    except ValueError:  # no digits: damaged
        return None
    return payload if len(payload) == length and crc32(payload) == checksum else None
