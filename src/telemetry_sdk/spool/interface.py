"""The spool: clean records between the writer and the sender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ..losses import LossReason
    from ..storage.shared_state import SharedState
    from .batch import Batch


class Spool(Protocol):
    """Two implementations: `DiskSpool`, and `MemorySpool` where no disk can be trusted.

    The writer appends under the drain's lock. One sender at a time, whichever process it runs in, takes and settles
    between `lock` and `unlock`.
    """

    @property
    def state(self) -> SharedState:
        """What the processes of the state directory share; of this process alone, in memory."""
        ...

    @property
    def path(self) -> str | None:
        """The state directory; None: in memory."""
        ...

    @property
    def listed(self) -> Collection[str]:
        """The services of which something may wait, of whatever run, as of the last `lock`."""
        ...

    @property
    def problem(self) -> str | None:
        """Why the directory cannot be used; None: it can."""
        ...

    def append(self, service: str, payloads: Sequence[bytes]) -> LossReason | None:
        """Write records; return None, or why they are not kept."""
        ...

    def close(self) -> None:
        """Close the open segment, so that a sender takes it too."""
        ...

    def end(self) -> int:
        """Drop what is lost with the process, as `closed`; return how many records memory lost. The disk's stay."""
        ...

    @property
    def open_count(self) -> int:
        """The number of events in the open segment."""
        ...

    def forget(self) -> None:
        """Drop what is open, in the child of a fork: it is the parent's."""
        ...

    def lock(self, *, close_segment: bool = False) -> bool:
        """Become the sender; False if another process is. `close_segment`: what is open is sent, too."""
        ...

    def unlock(self) -> bool:
        """Let others send; True if another run closed a segment since the last look."""
        ...

    def take(self, service: str, limit: int) -> Batch | None:
        """Mark the oldest waiting segments as being sent and return them, about `limit` records; None: none."""
        ...

    def settle(self, batch: Batch, fates: Sequence[Sequence[str]], *, tried: int = 0) -> None:
        """Write down what became of a batch: for each segment the fates of its first records, in their order.

        A fate is `DELIVERED` or a loss reason. The records that have none wait again; a server has failed on the first
        `tried` records of the batch.
        """
        ...

    def holds_own(self) -> bool:
        """Tell whether records of this run wait, or were lost with its end."""
        ...

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the accounts: `waiting` and `delivered` by service, `dropped` by reason."""
        ...

    def discard(self, service: str, reason: LossReason) -> None:
        """Drop all that waits of a service, of every run."""
        ...
