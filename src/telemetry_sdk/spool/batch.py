"""A batch: records of one service on their way to its server, and the segments they come from."""

from __future__ import annotations

from .._internal.services import METRICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, TypeVar

    T = TypeVar("T")

BATCH_EVENTS = 1_000  # events of one request and of one segment, as in the vendor's SDK
SHARED = ("user", "sdk_version", "python")  # metadata that a request of events has once, or that keeps users apart


class RunRecords:
    """Clean records of one run. `payloads`: JSON texts, None for a damaged one; `expired`: they waited too long.

    `header`: `metadata` (what an encoder needs), `revocations` (of the service at the run's start), `ledger`.
    """

    __slots__ = ("expired", "header", "payloads")

    def __init__(self, header: Mapping[str, Any], payloads: list[bytes | None], *, expired: bool = False) -> None:
        self.header = header
        self.payloads = payloads
        self.expired = expired


class Segment:
    """A file of the spool, or a part of its memory. `name`: the spool's own; `runs`: in the order of their records.

    `tries`: how often a server has failed on its first record.
    """

    __slots__ = ("name", "runs", "tries")

    def __init__(self, name: Any, runs: list[RunRecords], tries: int) -> None:
        self.name = name
        self.runs = runs
        self.tries = tries

    @property
    def payloads(self) -> list[bytes | None]:
        """All records in their order."""
        return [payload for run in self.runs for payload in run.payloads]

    @property
    def expired(self) -> bool:
        """Whether all records have waited too long, or there are none."""
        return all(run.expired for run in self.runs)

    @property
    def shared(self) -> tuple[object, ...]:
        """What is the same in all segments of a batch."""
        return shared(self.runs[0].header)


class Batch:
    """Whole segments of one service, taken by a sender and not settled yet."""

    def __init__(self, service: str, segments: list[Segment]) -> None:
        self.service = service
        self.segments = segments
        self.runs = [run for segment in segments for run in segment.runs]

    @property
    def payloads(self) -> list[bytes | None]:
        """All records in their order."""
        return [payload for run in self.runs for payload in run.payloads]

    def by_segment(self, records: list[T]) -> Iterator[list[T]]:
        """Yield each segment's part of a list that begins with the batch's first record."""
        position = 0
        for segment in self.segments:
            end = position + len(segment.payloads)
            yield records[position:end]
            position = end


class BatchBuilder:
    """Collects segments while they fit into one request: one error, or events of one user."""

    def __init__(self, service: str, limit: int) -> None:
        self._service = service
        self._limit = limit
        self._segments: list[Segment] = []
        self._count = 0

    def fits(self, segment: Segment) -> bool:
        """Tell whether a segment can be part of the batch; the first always can.

        One that holds many runs fills the request up: its other records wait for the next one.
        """
        left = self._limit - self._count
        fits = len(segment.payloads) <= left or (len(segment.runs) > 1 and left > 0)
        return not self._segments or (fits and not self.is_other(segment))

    def is_other(self, segment: Segment) -> bool:
        """Tell whether a segment belongs into another request, whatever its size."""
        return segment.shared != self._segments[0].shared

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


def shared(header: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what runs must have in common to be part of one request: user, versions, and whether the ledger is on."""
    metadata = header["metadata"]
    return header.get("ledger"), *(metadata.get(name) for name in SHARED)
