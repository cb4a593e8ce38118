"""The writer's side of the disk: this run's own directory. What is written here survives kill -9.

<run>.lock   <run>.run/errors/<n>.err   <run>.run/metrics/<n>.open -> <n>.seg
"""

from __future__ import annotations

import os
import time

from ..losses import DISK_FULL, NO_INSTALLATION_ID, SPOOL_FAILED, LossReason
from ..storage import files
from ..storage.file_lock import FileLock
from . import record_format as framing
from .quota import Room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

OURS = (".err", ".open", ".seg")
SEGMENT_BYTES = 256 << 10
SEGMENT_EVENTS = 1_000  # one Statsig batch: the vendor's SDK sends as many
SEGMENT_SECONDS = 60.0


def new_run() -> str:
    """Return a run's name: it sorts by time, and no two are the same."""
    return f"{int(time.time()):010x}-{os.getpid():x}-{os.urandom(4).hex()}"


class Spool:
    """Appends clean records to this run's files. Used under the drain's lock; never raises.

    `contexts` gives the header of a file of a kind: asked when the file is made.
    """

    def __init__(self, state_dir: str, contexts: Callable[[str], Mapping[str, Any] | None]) -> None:
        self.run = new_run()
        self.directory = os.path.join(state_dir, f"{self.run}.run")
        self._state_dir = state_dir
        self._contexts = contexts
        self._lock = FileLock(os.path.join(state_dir, f"{self.run}.lock"))
        self._room = Room(state_dir)
        self._number = 0
        self._open: int | None = None
        self._open_path = ""
        self._open_bytes = self._open_events = 0
        self._open_since = 0.0

    def open(self) -> None:
        """Make the directory and take its lock. Raises `OSError` where the place cannot be ours."""
        files.private_directory(self._state_dir)
        if not self._lock.acquire():
            raise files.Untrusted(f"the lock of a new run is taken: {self.run}")
        for path in (self.directory, self._place("errors"), self._place("metrics")):
            files.private_directory(path)

    def put_events(self, payloads: Sequence[bytes]) -> LossReason | None:
        """Append events with one write; return None, or the reason why they are not kept."""
        data = b"".join(map(framing.line, payloads))
        return self._twice(lambda: self._append(data, len(payloads)))

    def put_error(self, payload: bytes) -> LossReason | None:
        """Write one error to a file of its own; return None, or the reason why it is not kept."""
        context = self._contexts("errors")
        if context is None:
            return NO_INSTALLATION_ID
        self._number += 1
        path = os.path.join(self._place("errors"), f"{self._number:08d}.err")
        data = framing.header("errors", context) + framing.line(payload)

        def write() -> None:
            self._room.claim(len(data))
            files.replace(path, data)

        return self._twice(write)

    def rotate(self, *, older_than: float = 0.0) -> None:
        """Close the open segment, so that a sender may take it."""
        if self._open is None or time.monotonic() - self._open_since < older_than:
            return
        os.close(self._open)
        self._open = None
        try:
            os.rename(self._open_path, f"{self._open_path[: -len('.open')]}.seg")
        except OSError:
            return  # purged meanwhile: nothing left to close

    def close(self) -> None:
        """Close and let go: what is left waits for whoever sends next; an empty run leaves nothing behind."""
        self.rotate()
        for path in (self._place("errors"), self._place("metrics"), self.directory):
            try:
                os.rmdir(path)
            except OSError:
                continue  # records wait in it
        self._lock.release(delete=not os.path.exists(self.directory))

    def forget(self) -> None:
        """After a fork, in the child: this run is the parent's."""
        if self._open is not None:
            os.close(self._open)
            self._open = None

    def purge(self, kind: str) -> None:
        """Delete this run's records of a kind; an open segment is closed by its next use."""
        place = self._place(kind)
        for name in files.names(place):
            files.remove(os.path.join(place, name))

    def any_waiting(self) -> bool:
        """Tell whether something of this run has not been sent."""
        places = (self._place(kind) for kind in ("errors", "metrics"))
        return any(name.endswith(OURS) for place in places for name in files.names(place))

    def take_evicted(self) -> int:
        """Return how many spooled events made room for others since the last call."""
        return self._room.take_evicted()

    def _append(self, data: bytes, count: int) -> None:
        if self._open is not None and not os.path.exists(self._open_path):
            os.close(self._open)  # purged by another process: what goes into it now would be lost unseen
            self._open = None
        if self._open is None:
            self._start()
        assert self._open is not None  # noqa: S101 - _start opened it or raised
        try:
            files.write_all(self._open, data)
        except OSError:
            os.ftruncate(self._open, self._open_bytes)  # no torn line in the middle; works on a full disk
            raise
        self._open_bytes += len(data)
        self._open_events += count
        full = self._open_bytes >= SEGMENT_BYTES or self._open_events >= SEGMENT_EVENTS
        self.rotate(older_than=0.0 if full else SEGMENT_SECONDS)

    def _start(self) -> None:
        context = self._contexts("metrics")
        if context is None:
            raise OSError("no context")
        self._room.claim(SEGMENT_BYTES)
        self._number += 1
        self._open_path = os.path.join(self._place("metrics"), f"{self._number:08d}.open")
        head = framing.header("metrics", context)
        descriptor = files.create(self._open_path, append=True)
        try:
            files.write_all(descriptor, head)
        except OSError:  # a file without its header would take what comes later with it
            os.close(descriptor)
            files.remove(self._open_path)
            raise
        self._open = descriptor
        self._open_bytes, self._open_events, self._open_since = len(head), 0, time.monotonic()

    def _twice(self, write: Callable[[], None]) -> LossReason | None:
        """Write; if that fails make room and try once more. Return None, or what to call the loss."""
        try:
            write()
        except OSError as error:
            reason = self._made_room(error)
        else:
            return None
        try:
            write()
        except OSError:
            return reason
        return None

    def _made_room(self, error: OSError) -> LossReason:
        from errno import EDQUOT, ENOSPC

        if error.errno in {ENOSPC, EDQUOT}:
            self._room.evict(SEGMENT_BYTES)
            return DISK_FULL
        return SPOOL_FAILED

    def _place(self, kind: str) -> str:
        return os.path.join(self.directory, kind)
