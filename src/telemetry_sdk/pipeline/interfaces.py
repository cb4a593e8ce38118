"""The two roles that the drain depends on: who cleans, and who keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..losses import LossReason
    from ..sanitizer.inputs import Item, RawEvent, Snapshot


class Cleans(Protocol):
    """The sanitizer as the drain sees it: a raw record in, a clean one or the name of a reason out."""

    def event(self, raw: RawEvent, event_id: str) -> dict[str, Any] | LossReason:
        """Clean a metric event."""
        ...

    def error(self, raw: Snapshot | Item) -> dict[str, Any] | LossReason:
        """Clean an exception, or an item of Sentry's SDK."""
        ...


class Keeps(Protocol):
    """A spool, on disk or in memory. `put_...` return None, or the reason why a record is not kept."""

    run: str

    def put_events(self, payloads: Sequence[bytes]) -> LossReason | None:
        """Keep events."""
        ...

    def put_error(self, payload: bytes) -> LossReason | None:
        """Keep one error."""
        ...

    def rotate(self, *, older_than: float = 0.0) -> None:
        """Close the open segment, so that a sender may take it."""
        ...

    def any_waiting(self) -> bool:
        """Tell whether something has not been sent."""
        ...

    def take_evicted(self) -> int:
        """Return and forget how many spooled events made room for others."""
        ...

    def purge(self, kind: str) -> None:
        """Delete what waits of a kind."""
        ...

    def close(self) -> None:
        """Let go."""
        ...

    def forget(self) -> None:
        """After a fork, in the child: what is open is the parent's."""
        ...
