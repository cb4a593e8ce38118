"""Where a bound package's records go: what the binding knows of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Put: TypeAlias = Callable[[object, object, Mapping[str, object] | None], None]


class Outlet(Protocol):
    """A client, as its bindings see it."""

    @property
    def put(self) -> Put | None:
        """Return what appends a record to the queue; None while nothing is recorded: off, opted out, closed."""
        ...

    def flush(self, to: str) -> object:
        """Wait, within the exit's time, until all is on disk ("spool") or delivered ("server")."""
        ...

    def failed(self, error: BaseException) -> None:
        """Count a failure inside."""
        ...


class Silent:
    """The outlet of what outlives its client: features go on, nothing is recorded."""

    put: Put | None = None

    def flush(self, to: str) -> None:
        """Nothing waits."""

    def failed(self, error: BaseException) -> None:
        """Nobody counts any more."""
