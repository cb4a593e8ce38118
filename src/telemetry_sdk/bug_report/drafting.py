"""Drafts off the caller's event loop: in a thread, from asynchronous messages too, under asyncio and trio."""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import anyio.from_thread
import anyio.to_thread

from telemetry_sdk.exceptions import DraftError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from .context import ReportContext
    from .drafts import BugReportDraft

_AT_ONCE = 64  # messages that are fetched by one call into the loop


async def draft_in_thread(
    make: Callable[[ReportContext, dict[str, Any]], BugReportDraft], context: ReportContext, parts: dict[str, Any]
) -> BugReportDraft:
    """Call `make` in a thread and return its draft. Cancelled, it ends at the next message and leaves no draft."""
    cancelled = Event()

    def check() -> None:
        if cancelled.is_set():
            raise DraftError("the drafting was cancelled")

    def work() -> BugReportDraft:
        made = make(replace(context, check=check), {name: _readable(part, check) for name, part in parts.items()})
        if cancelled.is_set():
            made.delete()
        return made

    try:
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    except BaseException:
        cancelled.set()
        raise


def _readable(part: Any, check: Callable[[], None]) -> Any:
    """Return a part with asynchronous messages as an iterator for the thread."""
    if isinstance(part, AsyncIterable):
        return _fetched(aiter(part), check)
    if isinstance(part, list | tuple):
        return [_readable(item, check) if isinstance(item, AsyncIterable) else item for item in cast("list[Any]", part)]
    return part


def _fetched(messages: AsyncIterator[Any], check: Callable[[], None]) -> Iterator[Any]:
    """Yield the messages; each call into the loop fetches several."""

    async def fetch() -> list[Any]:
        found: list[Any] = []
        async for message in messages:
            check()
            found.append(message)
            if len(found) == _AT_ONCE:
                break
        return found

    while batch := anyio.from_thread.run(fetch):
        yield from batch
