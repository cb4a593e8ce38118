"""The spool on disk: one flat directory of segments, shared by all processes of an application."""

from __future__ import annotations

import os
from time import time

from .._internal.clock import monotonic
from .._internal.services import METRICS, RECORDED
from ..losses import SPOOL_FAILED
from ..storage import files
from ..storage.file_lock import FileLock
from ..storage.shared_state import add_counts
from . import accounts, merging, segment_name
from .quota import MAX_BYTES, MAX_FILES, Quota
from .segment_name import DAMAGED, OPEN, SENDING, WAITING
from .segment_reader import SegmentReader
from .segment_writer import SegmentWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Any

    from ..losses import LossReason
    from ..storage.shared_state import SharedState
    from .batch import Batch
    from .memory import MemorySpool
    from .record_format import RunHeader
    from .segment_name import SegmentName

SENDER_LOCK = "sender.lock"
MAX_RUNS = 200  # that wait: then their segments are merged
MERGING = 0.2  # seconds of a sender for it
MERGING_AT_EXIT = 0.01  # seconds of reading; writing takes as long


class DiskSpool:
    """Writes this run's segments; takes and settles those of all runs, of the dead too.

    `header` None: a sender without a run of its own. Making one creates the directories and raises `OSError` where
    they cannot be the user's alone. While the directory cannot be written (read-only, permission taken away), new
    records are kept in memory and what is on disk is left. `lock`: the sender's, if it is held already.
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
        max_files: int = MAX_FILES,
        max_runs: int = MAX_RUNS,
        lock: FileLock | None = None,
    ) -> None:
        self._path = path
        self.directory = os.path.join(path, "spool")
        files.private_part(self.directory)
        self.state = state
        self._quota = Quota(self.directory, state, max_bytes=max_bytes, max_files=max_files)
        self._writer = SegmentWriter(self.directory, header, self._quota, clock) if header is not None else None
        self._reader = SegmentReader(self.directory, clock, wall)
        self._header = header
        self._memory: MemorySpool | None = None  # made when the directory cannot be written
        self._ended = False
        self._lock = lock or FileLock(os.path.join(path, SENDER_LOCK))
        self._locked = False
        self._problem: str | None = None
        self._max_runs = max_runs
        self.listed: Collection[str] = RECORDED
        self._seen: set[str] = set()  # closed by other runs when the lock was taken

    @property
    def path(self) -> str | None:
        """The state directory; None while records are in memory."""
        return None if self._holds_memory() else self._path

    @property
    def problem(self) -> str | None:
        """Why the directory cannot be used, as far as is known."""
        error = self._writer.error if self._writer is not None else None
        return self._problem if error is None else _describe(self.directory, "written", error)

    def append(self, service: str, payloads: Sequence[bytes]) -> LossReason | None:
        """Write records; return None, or why they are not kept."""
        assert self._writer is not None  # noqa: S101 - a sender appends nothing
        assert self._header is not None  # noqa: S101
        reason = self._writer.append(service, payloads)
        if reason != SPOOL_FAILED:
            return reason
        if self._memory is None:
            from .memory import MemorySpool

            self._memory = MemorySpool(self._header)
            if self._ended:
                self._memory.end()
        return self._memory.append(service, payloads)

    @property
    def open_count(self) -> int:
        """The number of events in this run's open segment, which no sender takes."""
        return sum(part.open_count for part in (self._writer, self._memory) if part is not None)

    def close(self) -> None:
        """Close the open segment; a sender finds what waits."""
        if self._writer is not None:
            self._writer.rotate()
        if self._memory is not None:
            self._memory.close()
        if self._reader.unsettled:
            self._reader.retry()

    def end(self) -> int:
        """Drop what is in memory; return how many records it lost. What is on disk stays."""
        self._ended = True  # before the look: a thread in the middle of `append` may make one
        return self._memory.end() if self._memory is not None else 0

    def forget(self) -> None:
        """Drop the open segment, in the child of a fork: it is the parent's."""
        self._memory = None
        if self._writer is not None:
            self._writer.forget()

    def lock(self, *, close_segment: bool = False) -> bool:
        """Become the sender; False if another process is, and nothing is in memory.

        `close_segment`: what this run writes at present is sent, too.
        """
        if close_segment:
            self.close()
        self.listed = RECORDED
        try:
            self._problem = None
            self._locked = self._lock.acquire()
            if self._locked:
                self._list()
        except OSError as error:  # nothing is sent from disk; `stats()` says why
            self._locked = False
            self._lock.release()
            self._problem = _describe(self._lock.path, "locked", error)
        except BaseException:
            self._locked = False
            self._lock.release()
            raise
        return self._locked or self._holds_memory()

    def _list(self) -> None:
        """Look at the directory once for all of a burst; a merge that was interrupted is finished first."""
        names = segment_name.listed(self.directory)
        spares = [os.path.join(self.directory, name) for name in merging.SPARES]
        if any(name.merged for name in names) or any(map(os.path.lexists, spares)):
            merging.finish(self.directory)
            names = segment_name.listed(self.directory)
        self._seen = self._of_others(names)
        by_service = {service: [name for name in names if name.service == service] for service in RECORDED}
        self._reader.listed = by_service
        self._reader.damaged = [name for name in names if name.state == DAMAGED]
        self.listed = [service for service, some in by_service.items() if some]

    def unlock(self) -> bool:
        """Fold the accounts and let others send; True if another run closed a segment since `lock`."""
        if not self._locked:
            return False
        try:
            self.fold()
            self._merge()
            self._locked = False
            self._lock.release()
            return not self._of_others(segment_name.listed(self.directory)) <= self._seen
        finally:
            self._locked = False
            self._lock.release()

    def fold(self) -> None:
        """Fold the accounts of ended segments."""
        self._reader.retry()
        if accounts.fold(self.directory, self.state):
            self._reader.delete_damaged()

    def _merge(self) -> None:
        if segment_name.run_count(self.directory) > self._max_runs:
            merged = merging.merge(self.directory, self.state, monotonic() + MERGING)
            self._seen.update(name.identity for name in merged)

    def _of_others(self, names: Sequence[SegmentName]) -> set[str]:
        """Return the closed segments of other runs, by what no rename changes."""
        own = self._writer.run if self._writer is not None else None
        return {name.identity for name in names if name.run != own and name.state in {WAITING, SENDING}}

    def waiting_services(self) -> set[str]:
        """Return the services of closed segments, of whatever run."""
        return {name.service for name in segment_name.listed(self.directory) if name.state in {WAITING, SENDING}}

    def take(self, service: str, limit: int) -> Batch | None:
        """Mark the oldest waiting segments as being sent and return them; None if there are none.

        Where a segment cannot be marked, what is on disk is left.
        """
        batch = None
        if self._locked:
            try:
                batch = self._reader.take(service, limit)
            except OSError as error:
                what = "read" if error is self._reader.unreadable else "written"
                self._problem = _describe(error.filename or self.directory, what, error)
        if batch is None and self._memory is not None:
            batch = self._memory.take(service, limit)
        return batch

    def settle(self, batch: Batch, fates: Sequence[Sequence[str]], *, tried: int = 0) -> None:
        """Write down what became of a batch, a rename for each segment."""
        if self._memory is not None and batch.segments[0].name is None:
            self._memory.settle(batch, fates, tried=tried)
            return
        self._reader.settle(batch, fates, tried=tried)

    def holds_own(self) -> bool:
        """Tell whether records of this run wait."""
        run = self._writer.run if self._writer is not None else None
        try:
            return self._holds_memory() or any(map(self._holds, [run, run]))  # twice: one listing may miss a rename
        except OSError:  # not known
            return True

    def _holds(self, run: str | None) -> bool:
        """Tell whether records of a run wait, also in a merged segment."""
        names = [name for name in segment_name.listed(self.directory) if name.state in {OPEN, WAITING, SENDING}]
        merged = (part for name in names if name.merged for part in merging.parts(self.directory, name))
        return any(name.run == run for name in names) or any(part.startswith(f"{run}.") for part in merged)

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the accounts of the state directory, and of what is in memory."""
        tables: dict[str, Any] = {"waiting": dict.fromkeys(RECORDED, 0), "delivered": {}, "dropped": {}}
        try:
            tables = accounts.counts(self.directory, self.state)
        except OSError as error:
            self._problem = _describe(self.directory, "read", error)
        for table, counts in self.memory_counts().items():
            add_counts(tables, table, counts)
        return tables

    def memory_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the accounts of what went through memory."""
        return self._memory.counts() if self._memory is not None else {}

    def discard(self, service: str, reason: LossReason) -> None:
        """Drop all that waits of a service, of every run, and count it."""
        if self._writer is not None and service == METRICS:
            self._writer.rotate()
        if self._memory is not None:
            self._memory.discard(service, reason)
        accounts.discard(self.directory, self.state, service, reason)

    def _holds_memory(self) -> bool:
        return self._memory is not None and self._memory.holds_own()


def merge_at_exit(path: str, state: SharedState, *, max_runs: int = MAX_RUNS) -> None:
    """Merge the segments of many runs in a state directory, unless a sender is at work there."""
    directory, lock = os.path.join(path, "spool"), FileLock(os.path.join(path, SENDER_LOCK))
    try:
        if segment_name.run_count(directory) > max_runs and lock.acquire():
            merging.finish(directory)
            merging.merge(directory, state, monotonic() + MERGING_AT_EXIT)
    except OSError:  # a read-only directory: left as it is
        return
    finally:
        lock.release()


def _describe(path: str, what: str, error: OSError) -> str:
    return f"{path} cannot be {what}: {error.strerror or error}"
