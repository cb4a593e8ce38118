"""The spool on disk: one flat directory of segments, shared by all processes of an application."""

from __future__ import annotations

import os
from time import time

from .._internal.clock import monotonic
from .._internal.services import METRICS
from ..losses import CORRUPT, EXPIRED
from ..storage import files
from ..storage.file_lock import FileLock
from . import accounts, record_format, segment_name
from .adoption import adopt
from .batch import Batch, BatchBuilder, RunRecords, Segment
from .quota import MAX_BYTES, Quota
from .record_format import expired
from .segment_name import DAMAGED, ENDED, OPEN, SENDING, WAITING
from .segment_writer import SegmentWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..losses import LossReason
    from ..storage.shared_state import SharedState
    from .record_format import ParsedRun, RunHeader
    from .segment_name import SegmentName

OTHERS = 100  # segments that do not fit into a batch, of other users: then it is sent as it is
SENDER_LOCK = "sender.lock"


class DiskSpool:
    """Writes this run's segments; takes and settles those of all runs, of the dead too.

    `header` None: a sender without a run of its own. Making one creates the directories and raises `OSError` where
    they cannot be the user's alone. `lock`: the sender's, if it is held already.
    `clock`: monotonic seconds; `wall`: seconds since the epoch.
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
        lock: FileLock | None = None,
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
        self._lock = lock or FileLock(os.path.join(path, SENDER_LOCK))
        self.problem: str | None = None
        self._listed: list[SegmentName] = []  # of the last listing, not taken yet
        self._seen: set[str] = set()  # closed by other runs when the lock was taken
        self._unsettled: dict[tuple[str, int, str], SegmentName] = {}  # sent, but the rename failed

    def append(self, service: str, payloads: Sequence[bytes]) -> LossReason | None:
        """Write records; return None, or why they are not kept."""
        assert self._writer is not None  # noqa: S101 - a sender appends nothing
        return self._writer.append(service, payloads)

    def open_count(self) -> int:
        """Return the number of events in this run's open segment, which no sender takes."""
        return self._writer.open_count if self._writer is not None else 0

    def close(self) -> None:
        """Close the open segment; a sender finds what waits."""
        self._settle_rest()
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
            locked = self._lock.acquire()
            self._seen = self._left_by_others() if locked else set()
            return locked  # noqa: TRY300 - both steps may fail
        except OSError as error:  # nothing is sent from here; `stats()` says why
            self.problem = f"{self._lock.path} cannot be locked: {error.strerror or type(error).__name__}"
            return False

    def unlock(self) -> bool:
        """Fold the accounts and let others send; True if another run closed a segment since `lock`."""
        self.fold()
        self._lock.release()
        return not self._left_by_others() <= self._seen

    def fold(self) -> None:
        """Fold the accounts of ended segments."""
        self._settle_rest()
        accounts.fold(self.directory, self._state)

    def _left_by_others(self) -> set[str]:
        """Return the closed segments of other runs, by what no rename changes."""
        own = self._writer.run if self._writer is not None else None
        names = segment_name.listed(self.directory)
        return {name.identity for name in names if name.run != own and name.state in {WAITING, SENDING}}

    def waiting_services(self) -> set[str]:
        """Return the services of closed segments, of whatever run."""
        return {name.service for name in segment_name.listed(self.directory) if name.state in {WAITING, SENDING}}

    def take(self, service: str, limit: int) -> Batch | None:
        """Mark the oldest waiting segments as being sent and return them; None if there are none.

        Raises `OSError` if the directory cannot be read or a segment cannot be marked: then nothing is sent.
        """
        batch = self._take_listed(service, limit) if self._listed else None
        if batch is None:  # a listing serves many batches: to read a directory takes a system call for each file
            self._listed = segment_name.listed(self.directory)
            batch = self._take_listed(service, limit)
        return batch

    def _take_listed(self, service: str, limit: int) -> Batch | None:
        builder = BatchBuilder(service, limit)
        passed: list[SegmentName] = []
        others = 0
        rest = iter(self._listed)
        for listed in rest:
            name = self._takable(listed) if listed.service == service else None
            segment = self._read(name) if name is not None else None
            if listed.service != service:
                passed.append(listed)
            elif segment is not None and not builder.fits(segment):
                passed.append(segment.name)
                others += 1 if builder.is_other(segment) else OTHERS
            elif segment is not None and self._mark(segment):
                builder.add(segment)
            if builder.full or others >= OTHERS:
                break
        self._listed = [*passed, *rest]
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

    def settle(self, batch: Batch, fates: Sequence[Sequence[str]], *, tried: int = 0) -> None:
        """Write down what became of a batch, a rename for each segment."""
        position = 0
        for segment, some in zip(batch.segments, fates, strict=True):
            name: SegmentName = segment.name
            count = len(segment.payloads)
            tries = name.tries if position >= tried else 0 if some else name.tries + 1
            position += count
            ended = len(some) == count
            if not ended:
                self._listed = []  # the oldest first, again
            changed = name.changed(ENDED if ended else WAITING, tries=tries, fates=accounts.fates_of(some))
            self._settle(name, changed)

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
        accounts.discard(self.directory, self._state, service, reason)

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
            parsed = record_format.parse(files.read(path))
        except (record_format.NewerSegment, FileNotFoundError):
            return None  # for a newer release to send; or discarded meanwhile
        except (files.Untrusted, ValueError, RecursionError):
            self._settle(name, name.changed(DAMAGED, fates={CORRUPT: max(1, name.waiting)}))
            return None
        runs = self._runs(name, parsed, changed)
        segment = Segment(name, runs, name.tries)
        if segment.expired:
            self._settle(name, name.ended(EXPIRED if runs else CORRUPT))
            return None
        return segment

    def _runs(self, name: SegmentName, parsed: Sequence[ParsedRun], changed: float) -> list[RunRecords]:
        """Return the records that have no fate yet, as many as the name says."""
        runs: list[RunRecords] = []
        skip, left = name.settled, name.waiting
        for header, payloads in parsed:
            some = payloads[skip : skip + left]
            skip, left = max(0, skip - len(payloads)), left - len(some)
            if some:
                old = expired(header, changed, clock=self._clock, wall=self._wall)
                runs.append(RunRecords(header, some, expired=old))
        if runs:
            runs[-1].payloads += [None] * left  # torn after it was closed
        return runs

    def _settle(self, name: SegmentName, changed: SegmentName) -> None:
        """Rename a segment. Where that fails it is never sent again by this process, and the rename is tried later."""
        try:
            self._rename(name, changed)
            self._unsettled.pop(name.key, None)
        except FileNotFoundError:
            self._unsettled.pop(name.key, None)  # discarded meanwhile
        except OSError:
            self._unsettled[name.key] = changed

    def _settle_rest(self) -> None:
        """Write down the fates that could not be written: the next process would send these segments again."""
        try:
            names = segment_name.listed(self.directory) if self._unsettled else []
        except OSError:  # no descriptor left: the next look writes them
            return
        for name in names:
            if name.key in self._unsettled:
                self._settle(name, self._unsettled[name.key])

    def _rename(self, name: SegmentName, changed: SegmentName) -> None:
        os.rename(os.path.join(self.directory, name.text), os.path.join(self.directory, changed.text))
