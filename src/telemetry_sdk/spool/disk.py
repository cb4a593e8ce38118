"""The spool on disk: one flat directory of segments, shared by all processes of an application."""

from __future__ import annotations

import os
from time import monotonic, time

from .._internal.services import METRICS
from ..losses import CORRUPT, DISK_FULL, EXPIRED, NO_INSTALLATION_ID, SPOOL_FAILED, SPOOL_FULL, LossReason
from ..storage import files
from ..storage.file_lock import FileLock
from . import accounts, record_format, segment_name
from .adoption import adopt
from .batch import Batch, BatchBuilder, Segment
from .quota import MAX_BYTES, Quota, QuotaExceeded
from .run_header import expired
from .segment_name import DAMAGED, ENDED, OPEN, SENDING, WAITING
from .segment_writer import SEGMENT_BYTES, NoMetadata, SegmentWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..storage.shared_state import SharedState
    from .run_header import RunHeader
    from .segment_name import SegmentName


class DiskSpool:
    """Writes this run's segments; takes and settles those of all runs, of the dead too.

    `header` None: a sender without a run of its own. Making one creates the directories and raises `OSError` where
    they cannot be the user's alone. `clock`: monotonic seconds; `wall`: seconds since the epoch.
    """

    def __init__(
        self,
        path: str,
        state: SharedState,
        header: RunHeader | None,
        *,
        clock: Callable[[], float] = monotonic,
        wall: Callable[[], float] = time,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        files.private_state_directory(path)
        self.path: str | None = path
        self.directory = os.path.join(path, "spool")
        files.private_directory(self.directory)
        self._state = state
        self._clock = clock
        self._wall = wall
        self._quota = Quota(self.directory, max_bytes)
        self._writer = SegmentWriter(self.directory, header, self._quota, clock) if header is not None else None
        self._lock = FileLock(os.path.join(path, "sender.lock"))
        self.problem: str | None = None
        self._listed: list[SegmentName] = []  # of the last listing, not taken yet
        self._unsettled: dict[tuple[str, int, str], SegmentName] = {}  # sent, but the rename failed

    def append(self, service: str, payloads: Sequence[bytes]) -> LossReason | None:
        """Write records; return None, or why they are not kept."""
        writer = self._writer
        assert writer is not None  # noqa: S101 - a sender appends nothing

        def write() -> None:
            if service == METRICS:
                writer.append_events(payloads)
            else:
                writer.append_error(payloads[0])

        reason = self._reason(write)
        freed = (reason == DISK_FULL and self._quota.evict(SEGMENT_BYTES, writer.run)) or (
            reason == SPOOL_FULL and self._evict_others()
        )
        return self._reason(write) if freed else reason

    def _evict_others(self) -> bool:
        """End the oldest segments of any run, if no sender is at work that may be sending them."""
        lock = FileLock(self._lock.path)  # another descriptor: it excludes this process's own sender, too
        try:
            if not lock.acquire():
                return False
        except OSError:
            return False
        try:
            return self._quota.evict(SEGMENT_BYTES) > 0
        finally:
            lock.release()

    def open_count(self) -> int:
        """Return the number of events in this run's open segment, which no sender takes."""
        return self._writer.open_count if self._writer is not None else 0

    def close(self) -> None:
        """Close the open segment; a sender finds what waits."""
        if self._writer is not None:
            self._writer.rotate()

    def forget(self) -> None:
        """Drop the open segment, in the child of a fork: it is the parent's."""
        if self._writer is not None:
            self._writer.forget()

    def lock(self) -> bool:
        """Become the sender; False if another process is."""
        try:
            self.problem = None
            return self._lock.acquire()
        except OSError as error:  # nothing is sent from here; `stats()` says why
            self.problem = f"{self._lock.path} cannot be locked: {error.strerror or type(error).__name__}"
            return False

    def unlock(self) -> None:
        """Fold the accounts and let others send."""
        accounts.fold(self.directory, self._state)
        self._lock.release()

    def take(self, service: str, limit: int) -> Batch | None:
        """Mark the oldest waiting segments as being sent and return them; None if there are none.

        Raises `OSError` if the directory cannot be read or a segment cannot be marked: then nothing is sent.
        """
        batch = self._take_listed(service, limit)
        if batch is None:  # a listing serves many batches: to read a directory takes a system call for each file
            self._listed = segment_name.listed(self.directory)
            batch = self._take_listed(service, limit)
        return batch

    def _take_listed(self, service: str, limit: int) -> Batch | None:
        builder = BatchBuilder(service, limit)
        passed: list[SegmentName] = []
        while self._listed and not builder.full:
            listed = self._listed.pop(0)
            if listed.service != service:
                passed.append(listed)
                continue
            name = self._takable(listed)
            segment = self._read(name) if name is not None else None
            if segment is None:
                continue
            if not builder.fits(segment.header, len(segment.payloads)):
                passed.append(segment.name)
                break
            if self._mark(segment):
                builder.add(segment)
        self._listed = passed + self._listed
        return builder.batch()

    def _mark(self, segment: Segment) -> bool:
        """Rename a segment to its name while it is sent; False if it was evicted or discarded meanwhile."""
        marked = segment.name.changed(SENDING)
        try:
            self._rename(segment.name, marked)
        except FileNotFoundError:
            return False
        segment.name = marked
        return True

    def settle(self, batch: Batch, fates: Sequence[Sequence[str]], *, tried: bool = False) -> None:
        """Write down what became of a batch, a rename for each segment."""
        for segment, some in zip(batch.segments, fates, strict=True):
            name: SegmentName = segment.name
            table = accounts.fates_of(some)
            ended = len(some) == len(segment.payloads)
            tries = name.tries + 1 if tried and not ended else name.tries
            if not ended:
                self._listed = []  # the oldest first, again
            self._settle(name, name.changed(ENDED if ended else WAITING, tries=tries, fates=table))

    def holds_own(self) -> bool:
        """Tell whether records of this run wait."""
        run = self._writer.run if self._writer is not None else None
        names = segment_name.listed(self.directory)
        return any(name.run == run and name.state in {OPEN, WAITING, SENDING} for name in names)

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the accounts of the state directory."""
        return accounts.counts(self.directory, self._state)

    def discard(self, service: str, reason: LossReason) -> None:
        """Drop all that waits of a service, of every run, and count it."""
        if self._writer is not None and service == METRICS:
            self._writer.rotate()
        discard(self.directory, self._state, service, reason)

    def _reason(self, write: Callable[[], None]) -> LossReason | None:
        """Write; return None, or why that failed."""
        from errno import EDQUOT, ENOSPC

        try:
            write()
        except NoMetadata:
            return NO_INSTALLATION_ID
        except QuotaExceeded:
            return SPOOL_FULL
        except OSError as error:
            return DISK_FULL if error.errno in {ENOSPC, EDQUOT} else SPOOL_FAILED
        return None

    def _takable(self, name: SegmentName) -> SegmentName | None:
        """Return a segment that waits, under its present name; settles what could not be settled."""
        if name.key in self._unsettled:
            self._settle(name, self._unsettled[name.key])
        elif name.state in {WAITING, SENDING}:  # a dead sender's: this one holds the lock
            return name
        elif name.state == OPEN:
            return adopt(self.directory, name)
        return None

    def _read(self, name: SegmentName) -> Segment | None:
        path = os.path.join(self.directory, name.text)
        try:
            changed = os.lstat(path).st_mtime
            header, payloads = record_format.parse(files.read(path))
        except (record_format.NewerSegment, FileNotFoundError):
            return None  # for a newer release to send; or discarded meanwhile
        except (files.Untrusted, ValueError, RecursionError):
            self._settle(name, name.changed(DAMAGED, fates={CORRUPT: max(1, name.waiting)}))
            return None
        if expired(header, changed, clock=self._clock, wall=self._wall):
            self._settle(name, name.ended(EXPIRED))
            return None
        missing = name.count - len(payloads)  # torn after it was closed
        return Segment(name, header, [*payloads, *[None] * missing][name.settled :], name.tries)

    def _settle(self, name: SegmentName, changed: SegmentName) -> None:
        """Rename a segment. Where that fails it is never sent again by this process, and the rename is tried later."""
        try:
            self._rename(name, changed)
            self._unsettled.pop(name.key, None)
        except FileNotFoundError:
            self._unsettled.pop(name.key, None)  # discarded meanwhile
        except OSError:
            self._unsettled[name.key] = changed

    def _rename(self, name: SegmentName, changed: SegmentName) -> None:
        os.rename(os.path.join(self.directory, name.text), os.path.join(self.directory, changed.text))


def discard(directory: str, state: SharedState, service: str, reason: LossReason) -> int:
    """End all segments of a service, open ones too, and fold them; return how many records were dropped."""
    dropped = 0
    if not files.is_own_directory(directory):
        return 0
    for name in segment_name.listed(directory):
        if name.service == service and name.state == OPEN:
            adopt(directory, name, force=True)
    for name in segment_name.listed(directory):
        if name.service != service or name.state in {OPEN, ENDED}:
            continue
        ended = os.path.join(directory, name.ended(reason).text)
        try:
            os.rename(os.path.join(directory, name.text), ended)
            os.truncate(ended, 0)
        except OSError:
            continue  # ended by a sender meanwhile
        dropped += name.waiting
    accounts.fold(directory, state)
    return dropped


def directory_counts(path: str, state: SharedState) -> dict[str, dict[str, int]]:
    """Return the accounts of a state directory, without a spool of one's own."""
    return accounts.counts(os.path.join(path, "spool"), state)
