"""Errors as stack traces: of Sentry's events, and of the records in bug reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..plain_json import as_list, as_object, as_text
from ..summary import exceptions_of
from .sections import ShownException, ShownFrame, StackSection
from .shown_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_EXCEPTIONS, MOST_FRAMES = 20, 100  # shown
NAME = 300  # characters of a name
_RELATIONS = {"__cause__": "caused by", "__context__": "while handling"}


def of_event(event: Mapping[str, Any]) -> Iterator[StackSection]:
    """Yield the chain of exceptions of a Sentry event, and the stack of each thread."""
    if exceptions := exceptions_of(event):
        yield StackSection("Stack trace", _chain(exceptions))
    for number, thread in enumerate(map(as_object, as_list(as_object(event.get("threads")).get("values")))):
        frames = as_list(as_object(thread.get("stacktrace")).get("frames"))
        if frames and number < MOST_EXCEPTIONS:
            found = ShownException(shown(f"Thread {number}"), shown(""), "", *_frames(frames))
            yield StackSection(f"Thread {number}", [found])


def of_record(record: Mapping[str, Any]) -> StackSection:
    """Return the chain of exceptions of an error in a bug report: of this run's memory, or as it was spooled."""
    found = [as_object(value) for value in as_list(record.get("exceptions"))] or exceptions_of(record)
    return StackSection("Recent error", _chain(found))


def _chain(exceptions: list[dict[str, Any]]) -> list[ShownException]:
    """Return the exceptions with the captured one, which is the last, first."""
    newest_first = reversed(exceptions[-MOST_EXCEPTIONS:])
    return [_exception(thrown, first=number == 0) for number, thrown in enumerate(newest_first)]


def _exception(thrown: Mapping[str, Any], *, first: bool) -> ShownException:
    stack = as_object(thrown.get("stacktrace")).get("frames") or thrown.get("frames")
    source = as_text(as_object(thrown.get("mechanism")).get("source"))
    return ShownException(
        shown(as_text(thrown.get("type")), NAME),
        shown(as_text(thrown.get("value"))),
        "" if first else _RELATIONS.get(source, "with"),
        *_frames(as_list(stack)),
    )


def _frames(frames: list[Any]) -> tuple[list[ShownFrame], str]:
    """Return the innermost frames, and a note if there are more."""
    more = len(frames) - MOST_FRAMES
    note = f"The {MOST_FRAMES} innermost of {len(frames):,} frames are shown." if more > 0 else ""
    return [_frame(as_object(frame)) for frame in frames[-MOST_FRAMES:]], note


def _frame(frame: Mapping[str, Any]) -> ShownFrame:
    return ShownFrame(
        shown(as_text(frame.get("module") or frame.get("filename")), NAME),
        shown(as_text(frame.get("function")), NAME),
        as_text(frame.get("lineno"))[:12],
        frame.get("in_app") is True,
    )
