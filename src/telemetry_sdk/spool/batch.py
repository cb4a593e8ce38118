"""A batch: records of one service on their way to its server, and the segments they come from."""

from __future__ import annotations

from .._internal.services import METRICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SAME = ("metadata", "revocations", "ledger")  # of all segments of a batch
BATCH_EVENTS = 1_000  # events of one request and of one segment, as in the vendor's SDK


class Segment:
    """Clean records of one run. `payloads`: JSON texts, None for a damaged one; `name`: the spool's own.

    `header`: `metadata` (what an encoder needs), `revocations` (of the service at the run's start), `ledger`.
    `tries`: how often a server has failed on it.
    """

    __slots__ = ("header", "name", "payloads", "tries")

    def __init__(self, name: Any, header: Mapping[str, Any], payloads: list[bytes | None], tries: int) -> None:
        self.name = name
        self.header = header
        self.payloads = payloads
        self.tries = tries


class Batch:
    """Whole segments of one service, taken by a sender and not settled yet.

    `header`: what they have in common (see `Segment`); `payloads`: all records in their order.
    """

    def __init__(self, service: str, segments: list[Segment]) -> None:
        self.service = service
        self.segments = segments
        self.header = segments[0].header
        self.payloads = [payload for segment in segments for payload in segment.payloads]


class BatchBuilder:
    """Collects segments while they fit into one request: one error, or events of one metadata."""

    def __init__(self, service: str, limit: int) -> None:
        self._service = service
        self._limit = limit
        self._segments: list[Segment] = []
        self._count = 0

    def fits(self, header: Mapping[str, Any], count: int) -> bool:
        """Tell whether a segment can be part of the batch; the first always can."""
        if not self._segments:
            return True
        first = self._segments[0].header
        same = all(header.get(key) == first.get(key) for key in SAME)
        return same and self._count + count <= self._limit

    def add(self, segment: Segment) -> None:
        """Add a segment."""
        self._segments.append(segment)
        self._count += len(segment.payloads)

    @property
    def full(self) -> bool:
        """Whether nothing more fits."""
        return self._count >= self._limit or (self._service != METRICS and self._count > 0)

    def batch(self) -> Batch | None:
        """Return the batch; None if it is empty."""
        return Batch(self._service, self._segments) if self._segments else None
