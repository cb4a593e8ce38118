"""The spool's room on disk: at most 20 MiB allocated for all runs of a state directory; metrics go first."""

from __future__ import annotations

import os

from ..storage import files
from . import record_format as framing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CAP = 20 << 20  # bytes allocated: an outage of hours, and nothing that a user would notice
BLOCK = 4096  # bytes: what a small file takes where the system does not say
RECOUNT = 1 << 20  # bytes written between two looks at the whole directory


class Full(OSError):
    """The cap is reached and nothing is left that may go."""

    def __init__(self) -> None:
        from errno import ENOSPC

        super().__init__(ENOSPC, "the spool's cap is reached")


class Room:
    """Counts what is allocated, and makes room by deleting the oldest closed segments of metrics."""

    def __init__(self, state_dir: str, cap: int = CAP) -> None:
        self._state_dir = state_dir
        self._cap = cap
        self._used = cap  # unknown: the first claim counts
        self._since = RECOUNT
        self._evicted = 0

    def claim(self, size: int) -> None:
        """Make sure that `size` bytes more fit; raises `Full`."""
        size = max(size, BLOCK)
        if self._since >= RECOUNT or self._used + size > self._cap:
            self._used, self._since = sum(used for _, used in self._all()), 0
        if self._used + size > self._cap and self.evict(self._used + size - self._cap) < size:
            self._used = sum(used for _, used in self._all())
            if self._used + size > self._cap:
                raise Full
        self._used += size
        self._since += size

    def evict(self, size: int) -> int:
        """Delete the oldest segments until `size` bytes are free; return how many were."""
        freed = 0
        for path, used in sorted(self._all(), key=_not_set_aside):
            if freed >= size:
                break
            if path.endswith((".seg", ".bad")):
                events = _events_in(path)
                if files.remove(path):
                    freed += used
                    self._evicted += events
        self._used -= freed
        return freed

    def take_evicted(self) -> int:
        """Return and forget how many events were deleted."""
        count, self._evicted = self._evicted, 0
        return count

    def _all(self) -> Iterator[tuple[str, int]]:
        """Yield (path, bytes allocated) of every record's file, the oldest run first."""
        for run in files.names(self._state_dir):
            if run.endswith(".run"):
                for kind in ("metrics", "errors"):
                    place = os.path.join(self._state_dir, run, kind)
                    for name in files.names(place):
                        path = os.path.join(place, name)
                        yield path, allocated(path)


def _not_set_aside(found: tuple[str, int]) -> bool:
    return not found[0].endswith(".bad")


def allocated(path: str) -> int:
    """Return the bytes that a file takes on disk; 0 if it is gone."""
    try:
        found = os.lstat(path)
    except OSError:  # sent meanwhile
        return 0
    blocks: int | None = getattr(found, "st_blocks", None)
    return blocks * 512 if blocks else -(-found.st_size // BLOCK) * BLOCK


def _events_in(path: str) -> int:
    try:
        return len(framing.parse(files.read(path))[1])
    except (OSError, ValueError):  # damaged: the sender would have counted it so
        return 0
