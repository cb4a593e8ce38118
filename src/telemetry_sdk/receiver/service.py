"""The interface of a service: it authorizes a request, checks it, and returns what to store and to answer."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .errors import Refusal
    from .store import ReceivedRecord


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """One request: header names in lower case; `params` are the parts of the path."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    params: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """What to store and to answer; `status_if_known`: the status if every record is a duplicate."""

    records: Sequence[ReceivedRecord]
    answer: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    status_if_known: int | None = None


class Service(Protocol):
    """One wire format, without I/O: the caller reads, stores and answers."""

    @property
    def name(self) -> str:
        """The name: `metrics`, `errors` or `bug_reports`."""
        ...

    @property
    def wire(self) -> int:
        """The largest body as received, in bytes."""
        ...

    @property
    def expanded(self) -> int:
        """The largest body after decompression, in bytes."""
        ...

    def authorize(self, incoming: IncomingRequest) -> None:
        """Check the headers of a request. Raises Refusal."""

    def accept(self, incoming: IncomingRequest) -> AcceptedRequest:
        """Check the decompressed body. Raises Refusal."""
        ...

    def explain(self, refusal: Refusal) -> dict[str, Any]:
        """Return the error document in the vendor's form."""
        ...


def is_one_of(given: str, keys: Iterable[str]) -> bool:
    """Compare in constant time."""
    return any(hmac.compare_digest(given.encode(), key.encode()) for key in keys)
