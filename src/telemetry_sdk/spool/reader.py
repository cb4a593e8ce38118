"""The sender's side of the disk: what waits in a state directory, of this run, of others, of the dead.

Of a run whose owner lives only closed files are taken; the directory of a dead owner is adopted at once, by its
lock: no clock is asked.
"""

from __future__ import annotations

import os
import time

from ..losses import CORRUPT, EXPIRED, LossReason
from ..storage import files
from ..storage.file_lock import FileLock
from . import record_format as framing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

MAX_AGE = 7 * 86_400.0  # seconds
SANE_AGE = 10 * 365 * 86_400.0  # older than this, the clock lies
SUFFIXES = {"errors": (".err",), "metrics": (".seg",)}


class Parcel:
    """One file of records, read: its context, its payloads, how many lines were damaged."""

    def __init__(self, kind: str, path: str) -> None:
        head, self.payloads, self.damaged = framing.parse(files.read(path))
        self.kind = kind
        self.path = path
        self.context: Mapping[str, Any] = head["context"]
        self.name = os.path.join(*path.split(os.sep)[-3:])
        self.size = sum(map(len, self.payloads))


class Store:
    """All runs of a state directory, as seen by the sender that holds `sender.lock`."""

    def __init__(self, state_dir: str, *, own: str = "", lost: Callable[[LossReason, int], None]) -> None:
        self._state_dir = state_dir
        self._own = own
        self._lost = lost
        self._adopted: dict[str, FileLock] = {}

    def parcels(self, kind: str, done: Sequence[str] = ()) -> Iterator[Parcel]:
        """Yield what waits of a kind, the oldest run first. Files named in `done` are only deleted."""
        for run in self._runs():
            place = os.path.join(self._state_dir, f"{run}.run", kind)
            suffixes = (*SUFFIXES[kind], ".open") if run in self._adopted else SUFFIXES[kind]
            for name in files.names(place):
                path = os.path.join(place, name)
                if os.path.join(f"{run}.run", kind, name) in done:
                    files.remove(path)
                elif name.endswith(".tmp") and run in self._adopted:
                    files.remove(path)  # never was whole, never was counted
                elif name.endswith(suffixes) and not self._expired(path):
                    parcel = self._read(kind, path)
                    if parcel is not None:
                        yield parcel

    def waiting(self) -> dict[str, int]:
        """Return how many records of each kind wait, open segments included."""
        counts = {"errors": 0, "metrics": 0}
        for run in self._names():
            for kind in counts:
                place = os.path.join(self._state_dir, f"{run}.run", kind)
                for name in files.names(place):
                    if not name.endswith((".tmp", ".bad")):
                        counts[kind] += _records(os.path.join(place, name))
        return counts

    def any_waiting(self) -> bool:
        """Tell cheaply whether some run has left a file."""
        return any(
            files.names(os.path.join(self._state_dir, f"{run}.run", kind)) for run in self._names() for kind in SUFFIXES
        )

    def remove(self, parcels: Sequence[Parcel]) -> None:
        """Delete what has been sent or given up."""
        for parcel in parcels:
            files.remove(parcel.path)

    def split(self, parcel: Parcel) -> None:
        """Halve a file that a server found too large."""
        half = len(parcel.payloads) // 2
        stem, suffix = os.path.splitext(parcel.path)
        head = framing.header(parcel.kind, parcel.context)
        for mark, some in (("a", parcel.payloads[:half]), ("b", parcel.payloads[half:])):
            files.replace(f"{stem}{mark}{suffix}", head + b"".join(map(framing.line, some)))
        files.remove(parcel.path)

    def adopt(self) -> None:
        """Take the locks of all runs whose owners are dead."""
        for _ in self._runs():
            continue

    def sweep(self) -> None:
        """Remove the directories of dead runs that hold nothing any more, and let the others go."""
        for run, lock in list(self._adopted.items()):
            directory = os.path.join(self._state_dir, f"{run}.run")
            for path in (*(os.path.join(directory, kind) for kind in SUFFIXES), directory):
                try:
                    os.rmdir(path)
                except OSError:
                    continue  # not empty: it waits
            lock.release(delete=not os.path.exists(directory))
            del self._adopted[run]

    def _runs(self) -> Iterator[str]:
        for run in self._names():
            if run != self._own and run not in self._adopted:
                lock = FileLock(os.path.join(self._state_dir, f"{run}.lock"))
                try:
                    if lock.acquire():
                        self._adopted[run] = lock
                except OSError:
                    continue  # locks do not work here: nothing of others is touched
            yield run

    def _names(self) -> list[str]:
        found = (name for name in files.names(self._state_dir) if name.endswith(".run"))
        return [name[: -len(".run")] for name in found if files.is_own_directory(os.path.join(self._state_dir, name))]

    def _read(self, kind: str, path: str) -> Parcel | None:
        try:
            return Parcel(kind, path)
        except framing.NewerVersion:
            return None  # a newer release wrote it, and will send it
        except FileNotFoundError:
            return None  # its writer made room
        except (OSError, ValueError, RecursionError, KeyError):
            self._lost(CORRUPT, 1)
            try:
                os.replace(path, f"{path}.bad")
            except OSError:
                return None
            return None

    def _expired(self, path: str) -> bool:
        try:
            age = time.time() - os.lstat(path).st_mtime
        except OSError:
            return True  # gone
        if not MAX_AGE < age < SANE_AGE:
            return False
        count = _records(path)
        if files.remove(path):
            self._lost(EXPIRED, count)
        return True


def _records(path: str) -> int:
    try:
        return len(framing.parse(files.read(path))[1])
    except (OSError, ValueError):
        return 0
