"""Takes the segments of all runs for the sender, and writes down what became of them."""

from __future__ import annotations

import os

from .._internal.services import RECORDED
from ..losses import CORRUPT, EXPIRED
from ..storage import files
from . import record_format, segment_name
from .accounts import fates_of
from .adoption import adopt
from .batch import BatchBuilder, RunRecords, Segment
from .record_format import MAX_AGE, expired
from .segment_name import DAMAGED, ENDED, OPEN, SENDING, WAITING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .batch import Batch
    from .record_format import ParsedRun
    from .segment_name import SegmentName

OTHERS = 100  # segments that do not fit into a batch, of other users: then it is sent as it is


class SegmentReader:
    """Used by the holder of the sender's lock only. `clock`: monotonic seconds; `wall`: seconds since the epoch."""

    def __init__(self, directory: str, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self._directory = directory
        self._clock = clock
        self._wall = wall
        self.listed: dict[str, list[SegmentName]] = {service: [] for service in RECORDED}  # not taken yet
        self.damaged: list[SegmentName] = []
        self.unsettled: dict[tuple[str, int, str], tuple[SegmentName, SegmentName]] = {}  # sent, the rename failed
        self.unreadable: OSError | None = None  # of the first segment that could not be read

    def take(self, service: str, limit: int) -> Batch | None:
        """Mark the oldest waiting segments as being sent and return them; None if there are none.

        Raises `OSError` if the directory cannot be read or a segment cannot be marked: then nothing may be sent. A
        segment that cannot be read is left, and raises only where no other is taken.
        """
        self.unreadable = None
        batch = self._take_listed(service, limit) if self.listed[service] else None
        if batch is None:  # a listing serves many batches: to read a directory takes a system call for each file
            self._list()
            batch = self._take_listed(service, limit) if self.listed[service] else None
        if batch is None and self.unreadable is not None:
            raise self.unreadable
        return batch

    def _list(self) -> None:
        names = segment_name.listed(self._directory)
        self.listed = {service: [name for name in names if name.service == service] for service in RECORDED}

    def _take_listed(self, service: str, limit: int) -> Batch | None:
        builder = BatchBuilder(service, limit)
        passed: list[SegmentName] = []
        others = 0
        rest = iter(self.listed[service])
        for listed in rest:
            name = self._takable(listed)
            segment = self._read(name) if name is not None else None
            if segment is not None and not builder.fits(segment):
                passed.append(segment.name)
                others += 1 if builder.is_other(segment) else OTHERS
            elif segment is not None and self._mark(segment):
                builder.add(segment)
            if builder.full or others >= OTHERS:
                break
        self.listed[service] = [*passed, *rest]
        return builder.batch()

    def _mark(self, segment: Segment) -> bool:
        """Rename a segment to its name while it is sent; False if it was evicted or discarded meanwhile."""
        marked = segment.name.changed(SENDING)
        try:
            segment_name.rename(self._directory, segment.name, marked)
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
                self.listed[batch.service] = []  # the oldest first, again
            changed = name.changed(ENDED if ended else WAITING, tries=tries, fates=fates_of(some))
            self._settle(name, changed)

    def retry(self) -> None:
        """Write down what could not be written when it was settled."""
        for name, changed in list(self.unsettled.values()):
            self._settle(name, changed)

    def delete_damaged(self) -> None:
        """Delete the damaged segments that are over 7 days old, which are counted."""
        for name in self.damaged:
            path = os.path.join(self._directory, name.text)
            try:
                age = self._wall() - max(segment_name.began(name.run), os.lstat(path).st_mtime)
            except OSError:  # deleted meanwhile
                continue
            if age > MAX_AGE:
                files.remove(path)

    def _takable(self, name: SegmentName) -> SegmentName | None:
        """Return a segment that waits, under its present name; settles what could not be settled."""
        if name.key in self.unsettled:
            self._settle(*self.unsettled[name.key])
        elif name.state in {WAITING, SENDING}:  # a dead sender's: this one holds the lock
            return name
        elif name.state == OPEN:
            return adopt(self._directory, name)
        return None

    def _read(self, name: SegmentName) -> Segment | None:
        path = os.path.join(self._directory, name.text)
        try:
            changed = os.lstat(path).st_mtime
            parsed = record_format.parse(files.read(path))
        except (record_format.NewerSegment, FileNotFoundError):
            return None  # for a newer release to send; or discarded meanwhile
        except (files.Untrusted, ValueError, RecursionError):
            self._settle(name, name.changed(DAMAGED, fates={CORRUPT: max(1, name.waiting)}))
            return None
        except OSError as error:  # of this file (the disk's, its mode), or of all: no descriptor is left
            self.unreadable = self.unreadable or error
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
                made = header.get("changed", changed)  # the time of a merged segment's part
                old = expired(header, made if type(made) is float else changed, clock=self._clock, wall=self._wall)
                runs.append(RunRecords(header, some, expired=old))
        if runs:
            runs[-1].payloads += [None] * left  # torn after it was closed
        return runs

    def _settle(self, name: SegmentName, changed: SegmentName) -> None:
        """Rename a segment. Where that fails it is never sent again by this process, and the rename is tried later."""
        try:
            segment_name.rename(self._directory, name, changed)
            self.unsettled.pop(name.key, None)
        except FileNotFoundError:
            self.unsettled.pop(name.key, None)  # discarded meanwhile
        except OSError:
            self.unsettled[name.key] = name, changed
