"""What a service is: it knows a key, looks at one request, and says what is to be kept and answered."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .refusal import Refusal
    from .store import Record


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request: header names in lower case; `params` are the parts of the path."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    params: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What to keep and to answer; `status_if_known` when every record was here before."""

    records: Sequence[Record]
    answer: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    status_if_known: int | None = None


class Service(Protocol):
    """One protocol; pure: the caller reads, stores and answers."""

    @property
    def name(self) -> str:
        """What the service is called everywhere: `metrics`, `errors`, `bug_reports`."""
        ...

    @property
    def wire(self) -> int:
        """The largest body as it comes, in bytes."""
        ...

    @property
    def expanded(self) -> int:
        """The largest body after decompression, in bytes."""
        ...

    def authorize(self, arrival: Arrival) -> None:
        """Look at the head of a request. Raises Refusal."""

    def accept(self, arrival: Arrival) -> Accepted:
        """Look at the body, expanded. Raises Refusal."""
        ...

    def explain(self, refusal: Refusal) -> dict[str, Any]:
        """Say no as the vendor does."""
        ...


def is_one_of(given: str, keys: Iterable[str]) -> bool:
    """Compare in constant time."""
    return any(hmac.compare_digest(given.encode(), key.encode()) for key in keys)
