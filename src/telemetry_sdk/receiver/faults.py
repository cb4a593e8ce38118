"""Faults that a test injects: planned answers, hanging requests, delays."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class PlannedAnswer:
    """An answer in place of the real one; the request is stored, its records are not."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


class ClosedError(Exception):
    """The receiver closes while a request waits."""


@dataclass(frozen=True, slots=True)
class _Hang:
    released: Future[None]
    stored: bool


class Faults:
    """The faults of each service; set from any thread, applied in the server's."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: defaultdict[str, deque[PlannedAnswer]] = defaultdict(deque)
        self._hangs: dict[str, _Hang] = {}
        self._delays: dict[str, float] = {}
        self._closed: Future[None] = Future()

    def answer_next(self, service: str, answer: PlannedAnswer, times: int) -> None:
        """Give this answer to the next `times` requests of the service, after those planned before."""
        with self._lock:
            self._answers[service].extend([answer] * times)

    def hang(self, service: str, *, stored: bool) -> None:
        """Take requests but do not answer until released; `stored`: their content is kept first."""
        with self._lock:
            self._hangs.setdefault(service, _Hang(Future(), stored))

    def delay(self, service: str, seconds: float) -> None:
        """Wait before each answer of the service; 0 ends it."""
        with self._lock:
            self._delays[service] = seconds

    def release(self) -> None:
        """Let hanging requests continue."""
        with self._lock:
            hangs = list(self._hangs.values())
            self._hangs.clear()
        for hang in hangs:
            hang.released.set_result(None)

    def clear(self) -> None:
        """Remove all faults."""
        self.release()
        with self._lock:
            self._answers.clear()
            self._delays.clear()

    def next_answer(self, service: str) -> PlannedAnswer | None:
        """Take the answer planned for this request, if any."""
        with self._lock:
            planned = self._answers[service]
            return planned.popleft() if planned else None

    def close(self) -> None:
        """End every wait with ClosedError; called in the server's own thread."""
        self._closed.set_result(None)

    async def before_storing(self, service: str) -> None:
        """Wait while the service hangs, before records are stored. Raises ClosedError."""
        if delay := self._delays.get(service):
            await self._wait([], delay)
        await self._hang(service, stored=False)

    async def before_answering(self, service: str) -> None:
        """Wait while the service hangs or is delayed, after records are stored. Raises ClosedError."""
        await self._hang(service, stored=True)

    async def _hang(self, service: str, *, stored: bool) -> None:
        hang = self._hangs.get(service)
        if hang is not None and hang.stored is stored:
            await self._wait([hang.released], None)

    async def _wait(self, ends: list[Future[None]], seconds: float | None) -> None:
        waits = [asyncio.wrap_future(end) for end in (self._closed, *ends)]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._closed.done():
            raise ClosedError
