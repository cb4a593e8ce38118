"""The interface of a service: it authorizes a request, checks it, and returns what to store and to answer."""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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


class Service(ABC):
    """One wire format, without I/O: the caller reads, stores and answers.

    `name`: `metrics`, `errors` or `bug_reports`; `wire`: the largest body as received, `expanded`: after decompression,
    in bytes.
    """

    __slots__ = ()

    name: str
    wire: int
    expanded: int

    @abstractmethod
    def authorize(self, incoming: IncomingRequest) -> None:
        """Check the headers of a request. Raises Refusal."""

    @abstractmethod
    def accept(self, incoming: IncomingRequest) -> AcceptedRequest:
        """Check the decompressed body. Raises Refusal."""

    @abstractmethod
    def explain(self, refusal: Refusal) -> dict[str, Any]:
        """Return the error document in the vendor's form."""


def is_one_of(given: str, keys: Iterable[str]) -> bool:
    """Compare in constant time."""
    return any(hmac.compare_digest(given.encode(), key.encode()) for key in keys)
