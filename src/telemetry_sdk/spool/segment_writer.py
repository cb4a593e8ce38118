"""Writes the segments of one run. What is written survives kill -9."""

from __future__ import annotations

import _thread
import os

from .._internal.clock import monotonic
from .._internal.ids import new_run
from .._internal.services import ERRORS, METRICS
from ..losses import DISK_FULL, NO_INSTALLATION_ID, SPOOL_FAILED, SPOOL_FULL, LossReason
from ..storage import files
from ..storage.file_lock import try_lock
from . import record_format
from .batch import BATCH_EVENTS
from .quota import QuotaExceeded
from .segment_name import WAITING, SegmentName, rename

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .quota import Quota
    from .record_format import RunHeader

SEGMENT_BYTES = 256 << 10
SEGMENT_SECONDS = 60.0
LOOK = 1.0  # seconds between two looks at who owns the directory: nine calls, each waits for every busy thread
ATTEMPTS = 5  # to create a segment, beside senders that look at each new one


class NoMetadata(Exception):
    """Metrics have no installation id to go by."""


class SegmentWriter:
    """One open segment of metrics, and a segment for each error. An open segment is locked by its writer.

    The drain appends; the sender, or a thread that opts out, closes the open segment at any moment.
    """

    def __init__(self, directory: str, header: RunHeader, quota: Quota, clock: Callable[[], float] = monotonic) -> None:
        self.run = new_run()
        self._lock = _thread.RLock()  # a signal handler may opt out in the middle of an append
        self._clock = clock
        self._directory = directory
        self._header = header
        self._quota = quota
        self._number = 0
        self._descriptor: int | None = None
        self._name: SegmentName | None = None
        self._bytes = 0
        self.open_count = 0  # events in the open segment
        self._since = 0.0
        self._checked, self._seen = clock(), self._identity()  # the spool has just made sure of it
        self._provider = ""
        self.error: OSError | None = None  # why the last append failed; of the directory, not of a full disk

    @property
    def open_name(self) -> str | None:
        """The name of the open segment."""
        return self._name.text if self._name is not None else None

    def append(self, service: str, payloads: Sequence[bytes]) -> LossReason | None:
        """Write records; return None, or why they are not kept. Full: the oldest metrics go, and it tries once more."""
        reason = self._try_append(service, payloads)
        if reason is None or reason not in {DISK_FULL, SPOOL_FULL}:
            return reason
        freed = reason == DISK_FULL and self._quota.evict(SEGMENT_BYTES, self.run, DISK_FULL)
        freed = freed or self._quota.evict_others(SEGMENT_BYTES, reason)
        return self._try_append(service, payloads) if freed else reason

    def _try_append(self, service: str, payloads: Sequence[bytes]) -> LossReason | None:
        from errno import EDQUOT, ENOSPC

        try:
            if service == METRICS:
                self.append_events(payloads)
            else:
                self.append_error(payloads[0])
        except NoMetadata:
            return NO_INSTALLATION_ID
        except QuotaExceeded:
            return SPOOL_FULL
        except OSError as error:
            full = error.errno in {ENOSPC, EDQUOT}
            self.error = None if full else error
            return DISK_FULL if full else SPOOL_FAILED
        self.error = None
        return None

    def append_events(self, payloads: Sequence[bytes]) -> None:
        """Append events with one write. Raises `OSError` or `NoMetadata`: then none is kept."""
        with self._lock:
            if self._name is not None and not (
                self._header.metadata.provider == self._provider and self.open_count + len(payloads) <= BATCH_EVENTS
            ):
                self.rotate()
            self._append(payloads)
            self.open_count += len(payloads)
            full = self._bytes >= SEGMENT_BYTES or self.open_count >= BATCH_EVENTS
            if full or self._clock() - self._since >= SEGMENT_SECONDS:
                self.rotate()

    def _append(self, payloads: Sequence[bytes]) -> None:
        """Write events to the open segment, or to a new one with its header."""
        for _ in range(ATTEMPTS):
            head: bytes | None = b""
            if self._name is None:
                self._check_owner()
                self._provider = self._header.metadata.provider
                head = self._header.line(METRICS)
            if head is None:
                raise NoMetadata
            data = head + b"".join(map(record_format.line, payloads))
            if head:
                self._quota.claim(SEGMENT_BYTES, self.run)
                self._name, self._descriptor = self._create(METRICS, data)
                self._bytes, self.open_count, self._since = 0, 0, self._clock()
            else:
                self._write(data)
            self._bytes += len(data)
            if not self._is_gone():
                return
            self.abandon()  # discarded by another process: what was just written with it
        raise FileNotFoundError("each new segment is deleted")

    def append_error(self, payload: bytes) -> None:
        """Write one error as a segment of its own. Raises `OSError` or `NoMetadata`."""
        self._check_owner()
        head = self._header.line(ERRORS)
        if head is None:
            raise NoMetadata
        data = head + record_format.line(payload)
        self._quota.claim(len(data), self.run)
        name, descriptor = self._create(ERRORS, data)
        try:
            self._close(name, 1)
        except OSError:
            if files.remove(os.path.join(self._directory, name.text)):
                raise
            # else it is whole on disk: a sender adopts it
        finally:
            os.close(descriptor)

    def rotate(self) -> None:
        """Close the open segment, so that a sender may take it."""
        with self._lock:
            if self._name is None:
                return
            try:
                self._close(self._name, self.open_count)
            except OSError:
                return  # discarded meanwhile, or the directory is read-only: adopted once its lock is gone
            finally:
                self.abandon()

    def forget(self) -> None:
        """Begin anew in the child of a fork: segment and lock are the parent's."""
        self._lock = _thread.RLock()
        self.abandon()

    def abandon(self) -> None:
        """Close the descriptor of the open segment and forget the segment."""
        descriptor, self._descriptor, self._name, self.open_count = self._descriptor, None, None, 0
        if descriptor is not None:
            os.close(descriptor)

    def _check_owner(self) -> None:
        """Make sure of the directory where it, or the state directory, is another than before, and once a second.

        Raises `OSError` where one is another user's now.
        """
        now = self._clock()
        if self._identity() != self._seen or now - self._checked >= LOOK:
            files.private_part(self._directory)
            self._checked, self._seen = now, self._identity()

    def _identity(self) -> list[tuple[int, ...]] | None:
        try:
            found = [os.lstat(path) for path in (os.path.dirname(self._directory), self._directory)]
        except OSError:  # deleted while the program runs: made anew
            return None
        return [(one.st_dev, one.st_ino, one.st_uid, one.st_mode) for one in found]

    def _create(self, service: str, data: bytes) -> tuple[SegmentName, int]:
        """Create a locked segment that begins with `data`; nothing is left of it if that fails."""
        for _ in range(ATTEMPTS):
            self._number += 1
            name = SegmentName(self.run, self._number, service)
            path = os.path.join(self._directory, name.text)
            descriptor = files.create(path, append=True)
            try:
                if try_lock(descriptor, path):
                    files.write_all(descriptor, data)
                    return name, descriptor
            except BaseException:
                os.close(descriptor)
                files.remove(path)
                raise
            os.close(descriptor)  # a sender took the empty file for a dead run's, and deletes it
        raise BlockingIOError("a new segment's lock is taken")

    def _write(self, data: bytes) -> None:
        assert self._descriptor is not None  # noqa: S101 - it has a name
        try:
            files.write_all(self._descriptor, data)
        except OSError:
            try:
                os.ftruncate(self._descriptor, self._bytes)  # no torn line in the middle; works on a full disk
            except OSError:
                self.abandon()  # a sender adopts it and cuts the torn line off
            raise

    def _is_gone(self) -> bool:
        return not os.path.exists(os.path.join(self._directory, self.open_name or ""))

    def _close(self, name: SegmentName, count: int) -> None:
        closed = SegmentName(name.run, name.number, name.service, count=count, state=WAITING)
        rename(self._directory, name, closed)
