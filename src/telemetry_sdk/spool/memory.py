"""The spool's twin where there is no disk to trust: read-only, another user's home, locks that do not work.

Bounded, and lost with the process: `status` says so.
"""

from __future__ import annotations

import _thread

from ..losses import MEMORY_FULL, NO_INSTALLATION_ID, LossReason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

CAP = 32 << 20  # bytes of clean records
SEGMENT_EVENTS = 1_000


class MemoryParcel:
    """Records of one kind with their context, as the sender takes them."""

    def __init__(self, kind: str, context: Mapping[str, Any], payloads: list[bytes]) -> None:
        self.kind = kind
        self.context = context
        self.payloads = payloads
        self.damaged = 0
        self.name = ""
        self.size = sum(map(len, payloads))


class MemorySpool:
    """Holds clean records until the sender takes them; full, the oldest metrics go."""

    run = "memory"

    def __init__(self, contexts: Callable[[str], Mapping[str, Any] | None]) -> None:
        self._contexts = contexts
        self._lock = _thread.allocate_lock()
        self._parcels: dict[str, list[MemoryParcel]] = {"errors": [], "metrics": []}
        self._evicted = 0

    def put_events(self, payloads: Sequence[bytes]) -> LossReason | None:
        """Keep events; return None, or the reason why not."""
        return self._put("metrics", list(payloads))

    def put_error(self, payload: bytes) -> LossReason | None:
        """Keep one error; return None, or the reason why not."""
        return self._put("errors", [payload])

    def rotate(self, *, older_than: float = 0.0) -> None:
        """Nothing to close."""

    def close(self) -> None:
        """Nothing to let go: what is left is lost with the process."""

    def forget(self) -> None:
        """After a fork, in the child: the parent sends its own."""
        self._lock = _thread.allocate_lock()
        self._parcels = {"errors": [], "metrics": []}

    def purge(self, kind: str) -> None:
        """Drop all of a kind."""
        with self._lock:
            self._parcels[kind].clear()

    def any_waiting(self) -> bool:
        """Tell whether something has not been sent."""
        return any(self.waiting().values())

    def take_evicted(self) -> int:
        """Return and forget how many events made room for others."""
        count, self._evicted = self._evicted, 0
        return count

    def parcels(self, kind: str, done: Sequence[str] = ()) -> Iterator[MemoryParcel]:
        """Yield what waits of a kind, the oldest first; `done` names files, and here are none."""
        del done
        with self._lock:
            waiting = list(self._parcels[kind])
        yield from waiting

    def waiting(self) -> dict[str, int]:
        """Return how many records of each kind wait."""
        with self._lock:
            return {kind: sum(len(p.payloads) for p in some) for kind, some in self._parcels.items()}

    def remove(self, parcels: Sequence[MemoryParcel]) -> None:
        """Take away what has been sent or given up."""
        with self._lock:
            for parcel in parcels:
                if parcel in self._parcels[parcel.kind]:
                    self._parcels[parcel.kind].remove(parcel)

    def split(self, parcel: MemoryParcel) -> None:
        """Halve a parcel that a server found too large."""
        half = len(parcel.payloads) // 2
        parts = [
            MemoryParcel(parcel.kind, parcel.context, some) for some in (parcel.payloads[:half], parcel.payloads[half:])
        ]
        with self._lock:
            place = self._parcels[parcel.kind]
            at = place.index(parcel)
            place[at : at + 1] = parts

    def _put(self, kind: str, payloads: list[bytes]) -> LossReason | None:
        context = self._contexts(kind)
        if context is None:
            return NO_INSTALLATION_ID
        parcel = MemoryParcel(kind, context, payloads)
        with self._lock:
            place = self._parcels[kind]
            last = place[-1] if place and kind == "metrics" else None
            if last is not None and len(last.payloads) + len(payloads) <= SEGMENT_EVENTS and last.context == context:
                parcel.payloads = last.payloads + payloads
                parcel.size += last.size
                place.pop()
            while self._size() + parcel.size > CAP and self._parcels["metrics"]:
                self._evicted += len(self._parcels["metrics"].pop(0).payloads)
            if self._size() + parcel.size > CAP:
                return MEMORY_FULL
            place.append(parcel)
        return None

    def _size(self) -> int:
        return sum(parcel.size for some in self._parcels.values() for parcel in some)
