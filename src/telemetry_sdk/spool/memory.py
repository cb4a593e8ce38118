"""The spool in memory, where no disk can be trusted: bounded, and lost with the process; `status` says so."""

from __future__ import annotations

import _thread

from .._internal.services import METRICS, RECORDED
from ..losses import CLOSED, MEMORY_FULL, NO_INSTALLATION_ID, SPOOL_FULL, LossReason
from ..storage.shared_state import SharedState
from .batch import BATCH_EVENTS, Batch, BatchBuilder, RunRecords, Segment
from .segment_name import DELIVERED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from .record_format import RunHeader

CAP = 32 << 20  # bytes of clean records


class MemorySpool:
    """Holds clean records until they are sent; full, the oldest metrics go first. `problem`: why no disk is used."""

    def __init__(self, header: RunHeader, problem: str | None = None) -> None:
        self.path: str | None = None
        self.state = SharedState(None)
        self.listed: Collection[str] = RECORDED
        self.problem = problem
        self._header = header
        self._open: Segment | None = None
        self._bytes = 0
        self.forget()

    def append(self, service: str, payloads: Sequence[bytes]) -> LossReason | None:
        """Keep records; return None, or why they are not kept."""
        metadata = self._header.fields(service)
        if metadata is None:
            return NO_INSTALLATION_ID
        size = sum(map(len, payloads))
        with self._lock:
            if self._ended:
                return CLOSED
            self._evict(size)
            if self._bytes + size > CAP:
                return MEMORY_FULL
            self._bytes += size
            if service == METRICS and self.open_count + len(payloads) > BATCH_EVENTS:
                self.close()
            run = self._open.runs[0] if service == METRICS and self._open is not None else None
            if run is not None and run.header["metadata"] == metadata["metadata"]:
                run.payloads.extend(payloads)
            else:
                segment = Segment(None, [RunRecords(metadata, list(payloads))], 0)
                self._segments[service].append(segment)
                self._open = segment if service == METRICS else self._open
            if self.open_count >= BATCH_EVENTS:
                self.close()
        return None

    @property
    def open_count(self) -> int:
        """The number of events in the segment that is still written."""
        segment = self._open
        return len(segment.payloads) if segment is not None else 0

    def close(self) -> None:
        """Close the open segment, so that the sender takes it too."""
        self._open = None

    def end(self) -> int:
        """Drop what is not sent, also what a request in flight holds, and take no more.

        Return how many records are lost, by their end or by the cap.
        """
        with self._lock:
            self._ended = True
            for service in RECORDED:
                self.discard(service, CLOSED)
            return sum(self._dropped.get(reason, 0) for reason in (CLOSED, SPOOL_FULL))

    def forget(self) -> None:
        """Drop everything, in the child of a fork: the parent sends it."""
        self._lock = _thread.RLock()  # a signal handler may opt out in the middle of an append
        self._segments: dict[str, list[Segment]] = {service: [] for service in RECORDED}
        self._open = None
        self._ended = False
        self._sending: list[Segment] = []
        self._bytes = 0
        self._delivered: dict[str, int] = {}
        self._dropped: dict[str, int] = {}

    def lock(self, *, close_segment: bool = False) -> bool:
        """Return True: no other process can send what is in memory. `close_segment`: what is open is sent, too."""
        if close_segment:
            self.close()
        return True

    def unlock(self) -> bool:
        """Return False: no other process has records here."""
        return False

    def take(self, service: str, limit: int) -> Batch | None:
        """Return the oldest records; None if there are none."""
        builder = BatchBuilder(service, limit)
        with self._lock:
            for segment in self._segments[service]:
                if segment is self._open or not builder.fits(segment):
                    break
                builder.add(segment)
                self._sending.append(segment)
                if builder.full:
                    break
        return builder.batch()

    def settle(self, batch: Batch, fates: Sequence[Sequence[str]], *, tried: int = 0) -> None:
        """Count what became of a batch; what has no fate waits again."""
        with self._lock:
            position = 0
            for segment, some in zip(batch.segments, fates, strict=True):
                failed = position < tried
                position += len(segment.payloads)
                self._sending.remove(segment)
                if segment not in self._segments[batch.service]:
                    continue  # discarded meanwhile, and counted then
                for fate in some:
                    table, key = (self._delivered, batch.service) if fate == DELIVERED else (self._dropped, fate)
                    table[key] = table.get(key, 0) + 1
                self._bytes -= _size(segment.payloads[: len(some)])
                del segment.runs[0].payloads[: len(some)]
                segment.tries = 0 if some else segment.tries + failed
                if not segment.payloads:
                    self._segments[batch.service].remove(segment)

    def holds_own(self) -> bool:
        """Tell whether something waits, or was lost with the end."""
        with self._lock:
            return CLOSED in self._dropped or any(self._segments.values())

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the accounts of this process."""
        with self._lock:
            waiting = {name: sum(len(s.payloads) for s in some) for name, some in self._segments.items()}
            return {"waiting": waiting, "delivered": dict(self._delivered), "dropped": dict(self._dropped)}

    def discard(self, service: str, reason: LossReason) -> None:
        """Drop all that waits of a service and count it."""
        with self._lock:
            for segment in self._segments[service]:
                self._drop(segment.payloads, reason)
            self._segments[service].clear()
            if service == METRICS:
                self._open = None

    def _evict(self, size: int) -> None:
        while self._bytes + size > CAP:
            oldest = next((segment for segment in self._segments[METRICS] if segment not in self._sending), None)
            if oldest is None:
                return
            self._segments[METRICS].remove(oldest)
            if oldest is self._open:
                self._open = None
            self._drop(oldest.payloads, SPOOL_FULL)

    def _drop(self, payloads: Sequence[bytes | None], reason: LossReason) -> None:
        self._bytes -= _size(payloads)
        self._dropped[reason] = self._dropped.get(reason, 0) + len(payloads)


def _size(payloads: Sequence[bytes | None]) -> int:
    return sum(len(payload or b"") for payload in payloads)
