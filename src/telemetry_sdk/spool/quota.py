"""The spool's quota: bytes allocated (the directory's, too) and files, of all runs. The oldest events go first."""

from __future__ import annotations

import os

from .._internal.clock import monotonic
from .._internal.services import METRICS
from ..losses import DISK_FULL, SPOOL_FULL
from ..storage.file_lock import FileLock
from . import accounts, segment_name
from .merging import finish
from .segment_name import DAMAGED, ENDED, WAITING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..losses import LossReason
    from ..storage.shared_state import SharedState
    from .segment_name import SegmentName

MAX_BYTES = 20 << 20  # allocated: an outage of hours, and nothing that a user would notice
MAX_FILES = 10_000
AT_ONCE = 100  # part of the files that goes at once: to look at 10,000 names takes 30 ms
BLOCK = 4096  # bytes: what a small file takes where the system does not say
RECOUNT = 1 << 20  # bytes written between two looks at the whole directory
FULL = 2.0  # seconds for which a full disk with nothing to evict is left: each try lists the directory four times
UNCHANGED = 30.0  # seconds for which a full directory is not looked at again unless it has changed


class QuotaExceeded(OSError):
    """The quota is reached and nothing may be dropped for it."""

    def __init__(self) -> None:
        from errno import ENOSPC

        super().__init__(ENOSPC, "the spool's quota is reached")


class Quota:
    """Counts what is allocated and frees space by ending the oldest closed segments of metrics.

    An eviction is one rename, which is its account; the file is then emptied, which works on a full disk. Where there
    are too many files the accounts are folded, which deletes them.
    """

    def __init__(
        self,
        directory: str,
        state: SharedState,
        *,
        max_bytes: int = MAX_BYTES,
        max_files: int = MAX_FILES,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._directory = directory
        self._state = state
        self._lock_path = os.path.join(os.path.dirname(directory), "sender.lock")
        self._max_bytes = max_bytes
        self._max_files = max_files
        self._used = max_bytes  # unknown: the first claim counts
        self._files = 0
        self._since = RECOUNT
        self._clock = clock
        self._changed = 0  # when the directory had changed at the last count, nanoseconds since the epoch
        self._full_until = 0.0  # monotonic seconds
        self._exhausted = -1, 0.0  # the same when nothing could be evicted, and until when that holds (monotonic)

    def claim(self, size: int, run: str) -> None:
        """Make sure that a file of `size` bytes fits, by evicting closed segments of `run`; raises `QuotaExceeded`."""
        size = max(size, BLOCK)
        if self._since >= RECOUNT or not (self._fits(size) or self._is_exhausted()):
            self._count()
        if not self._fits(size):
            self.evict(self._used + size - self._max_bytes, run)
            if not self._fits(size):
                raise QuotaExceeded
        self._used += size
        self._files += 1
        self._since += size

    def evict(self, size: int, run: str | None = None, reason: LossReason = SPOOL_FULL) -> int:
        """End the oldest segments (`run`: of this run only) until `size` bytes are free; return how many are.

        If there are too many files, a hundredth of them goes at least.
        """
        if self._is_exhausted(reason):
            return 0
        too_many = self._files >= self._max_files
        files = -(-self._max_files // AT_ONCE) if too_many else 0
        freed = ended = 0
        for name in self._evictable(run):
            if freed >= size and ended >= files:
                break
            allocated = self._end(name, reason)
            freed += allocated
            ended += allocated > 0
        self._used -= freed
        if too_many:
            accounts.fold(self._directory, self._state)
            self._count()
        return freed

    def _fits(self, size: int) -> bool:
        return self._used + size <= self._max_bytes and self._files < self._max_files

    def evict_others(self, size: int, reason: LossReason = SPOOL_FULL) -> int:
        """End the oldest segments of any run, if no sender is at work that may be sending them."""
        lock = FileLock(self._lock_path)  # another descriptor: it excludes this process's own sender, too
        try:
            if self._is_exhausted(reason) or not lock.acquire():
                return 0
            finish(self._directory)
            freed = self.evict(size, None, reason)
            if not freed:
                self._exhausted = self._changed, self._clock() + UNCHANGED
                self._full_until = self._clock() + FULL if reason == DISK_FULL else self._full_until
        except OSError:
            return 0
        else:
            return freed
        finally:
            lock.release()

    def _is_exhausted(self, reason: LossReason = SPOOL_FULL) -> bool:
        """Tell whether nothing could be evicted and the directory is as it was then: to look takes a call a file."""
        changed, until = self._exhausted
        if reason == DISK_FULL and self._clock() < self._full_until:  # each failed write changes the directory
            return True
        return self._clock() < until and _changed(self._directory) == changed

    def _count(self) -> None:
        self._changed = _changed(self._directory)
        try:
            names = os.listdir(self._directory)
        except FileNotFoundError:  # deleted: made again with the next segment
            names = []
        self._used = sum(_allocated(os.path.join(self._directory, name)) for name in ("", *names))
        self._files = len(names)
        self._since = 0

    def _evictable(self, run: str | None) -> list[SegmentName]:
        names = segment_name.listed(self._directory)
        damaged = [name for name in names if name.state == DAMAGED]
        waiting = [name for name in names if name.state == WAITING and name.service == METRICS]
        return [name for name in (*damaged, *waiting) if run is None or name.run == run or name.state == DAMAGED]

    def _end(self, name: SegmentName, reason: LossReason) -> int:
        allocated = self._allocated(name)
        ended = name.changed(ENDED) if name.state == DAMAGED else name.ended(reason)
        try:
            segment_name.rename(self._directory, name, ended)
            os.truncate(os.path.join(self._directory, ended.text), 0)
        except OSError:
            return 0  # taken by a sender
        return allocated

    def _allocated(self, name: SegmentName) -> int:
        return _allocated(os.path.join(self._directory, name.text))


def _changed(directory: str) -> int:
    try:
        return os.stat(directory).st_mtime_ns
    except OSError:
        return 0  # deleted: made again with the next segment


def _allocated(path: str) -> int:
    try:
        found = os.lstat(path)
    except OSError:
        return 0  # renamed meanwhile
    blocks: int | None = getattr(found, "st_blocks", None)
    return blocks * 512 if blocks is not None else -(-found.st_size // BLOCK) * BLOCK
