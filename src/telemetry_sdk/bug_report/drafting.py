"""Drafts off the caller's event loop: in a thread, from asynchronous messages too, under asyncio and trio."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import replace
from os import PathLike
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import anyio
import anyio.from_thread
import anyio.to_thread

from telemetry_sdk.exceptions import DraftError

from .message_reader import LateMessageError
from .message_thread import MessageThread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from .context import ReportContext
    from .drafts import BugReportDraft

_AT_ONCE = 64  # messages that are fetched by one call into the loop
_WAITED = 0.9  # of the seconds for a transcript; in the others the messages that came last are read
_READ_AT_ONCE = (str, bytes, bytearray, list, tuple, PathLike, Mapping)  # not in a thread of their own


async def draft_in_thread(
    make: Callable[[ReportContext, dict[str, Any]], BugReportDraft], context: ReportContext, parts: dict[str, Any]
) -> BugReportDraft:
    """Call `make` in a thread and return its draft. Cancelled, it ends at the next message and leaves no draft."""
    cancelled = Event()

    def check() -> None:
        if cancelled.is_set():
            raise DraftError("the drafting was cancelled")

    sources = _TranscriptSources(_WAITED * context.walk_seconds, check)

    def work() -> BugReportDraft:
        made = make(replace(context, check=check), sources.readable(parts))
        if cancelled.is_set():
            made.delete()
        return made

    try:
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    except BaseException:
        cancelled.set()
        sources.leave()
        raise


class _TranscriptSources:
    """The messages of a draft, as iterators for its thread that end in time."""

    def __init__(self, seconds: float, check: Callable[[], None]) -> None:
        self._seconds = seconds
        self._check = check
        self._threads: list[MessageThread] = []

    def readable(self, parts: dict[str, Any]) -> dict[str, Any]:
        """Return the parts with transcripts that the thread can read."""
        found = {"transcript": self._readable(parts.get("transcript"))}
        older = parts.get("older_sessions")
        if isinstance(older, list | tuple):
            found["older_sessions"] = [self._readable(session) for session in cast("list[Any]", older)]
        return {**parts, **found}

    def leave(self) -> None:
        """End what still reads."""
        for thread in self._threads:
            thread.leave()

    def _readable(self, part: Any) -> Any:
        if isinstance(part, AsyncIterable):
            return _fetched(aiter(part), self._seconds, self._check)
        if isinstance(part, _READ_AT_ONCE) or not isinstance(part, Iterable):
            return part
        self._threads.append(MessageThread(part, self._seconds))
        return self._threads[-1]


def _fetched(messages: AsyncIterator[Any], seconds: float, check: Callable[[], None]) -> Iterator[Any]:
    """Yield the messages; each call into the loop fetches several. Raises LateMessageError after `seconds`."""
    end: float | None = None

    async def fetch() -> tuple[list[Any], bool]:
        nonlocal end
        end = anyio.current_time() + seconds if end is None else end
        found: list[Any] = []
        with anyio.move_on_after(max(0.0, end - anyio.current_time())) as scope:
            async for message in messages:
                check()
                found.append(message)
                if len(found) == _AT_ONCE:
                    break
        return found, scope.cancelled_caught

    while True:
        batch, is_late = anyio.from_thread.run(fetch)
        yield from batch
        if is_late:
            raise LateMessageError
        if len(batch) < _AT_ONCE:
            return
