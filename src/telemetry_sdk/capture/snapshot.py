"""An exception as plain values, taken on the caller's thread.

No source, no locals, no linecache, and no foreign code: attributes are read through the built-in types' own
descriptors, which a subclass cannot override. Nothing raw is kept alive but code objects, types and the first
argument of each exception, if it is a str: in memory, until the gate has held it against its template.
"""

from __future__ import annotations

import os
import sys
import time

from ..sanitizer.exception_details import read_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType, TracebackType
    from typing import Any

    # code, line, the name that the frame's globals claim
    RawFrame = tuple[CodeType, int | None, str | None]
    Facts = dict[str, Any]

MAX_EXCEPTIONS = 32  # links and group members in all; Sentry shows 50
MAX_MESSAGE = 8_192  # characters of a message; a longer one is none
MAX_FRAMES = 100  # of one traceback: the outer half and the inner half (Relay keeps 250)
HALF = MAX_FRAMES // 2

_cause: Any = BaseException.__dict__["__cause__"].__get__
_context: Any = BaseException.__dict__["__context__"].__get__
_suppressed: Any = BaseException.__dict__["__suppress_context__"].__get__
_traceback: Any = BaseException.__dict__["__traceback__"].__get__
_errno: Any = OSError.__dict__["errno"].__get__
_members: Any = BaseExceptionGroup.__dict__["exceptions"].__get__
_args: Any = BaseException.__dict__["args"].__get__
_space: Any = BaseException.__dict__["__dict__"].__get__

CAPTURED = "__telemetry_sdk_captured__"


class Link:
    """One exception of a chain: its type, its frames (oldest first), how it hangs on its parent.

    `message` is its first argument, if that is exactly a str; `at` the byte offset of the instruction that raised it;
    `facts` what its type tells in numbers and names.
    """

    __slots__ = ("at", "errno", "facts", "frames", "group", "message", "parent", "source", "type")

    def __init__(self, exc: BaseException, parent: int | None, source: str | None) -> None:
        kind = type(exc)
        errno = _errno(exc) if issubclass(kind, OSError) else None  # OSError's own metaclass: no foreign code
        self.type = kind
        self.parent = parent
        self.source = source
        self.errno: int | None = errno if type(errno) is int else None
        self.group = issubclass(kind, BaseExceptionGroup)
        self.facts = read_facts(exc, kind)
        args = _args(exc)
        message = args[0] if args else None
        self.message: str | None = message if type(message) is str and len(message) <= MAX_MESSAGE else None
        self.frames, self.at = walk(_traceback(exc))


class Snapshot:
    """All that is kept of one captured exception; `links` is outermost first."""

    __slots__ = ("handled", "id", "level", "links", "mechanism", "tags", "time")

    def __init__(
        self,
        exc: BaseException,
        *,
        level: str,
        handled: bool,
        tags: Mapping[str, object] | None,
        mechanism: str = "generic",
    ) -> None:
        self.id = event_id()
        self.time = time.time()
        self.level = level
        self.handled = handled
        self.mechanism = mechanism
        self.tags = tags.copy() if type(tags) is dict else None
        self.links = chain(exc)


def event_id() -> str:
    """Return a new event id: a random UUID of version 4 as 32 hexadecimal digits (Sentry's form)."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return raw.hex()


def chain(exc: BaseException) -> list[Link]:
    """Walk causes, contexts and groups; a cycle and a long chain end."""
    links: list[Link] = []
    seen: set[int] = set()
    waiting: list[tuple[BaseException, int | None, str | None]] = [(exc, None, None)]
    while waiting and len(links) < MAX_EXCEPTIONS:
        current, parent, source = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        index = len(links)
        link = Link(current, parent, source)
        links.append(link)
        if link.group:
            members = _members(current)[:MAX_EXCEPTIONS]
            waiting += [(members[i], index, f"exceptions[{i}]") for i in reversed(range(len(members)))]
        cause = _cause(current)
        if cause is not None:
            waiting.append((cause, index, "__cause__"))
        elif not _suppressed(current):
            context = _context(current)
            if context is not None:
                waiting.append((context, index, "__context__"))
    return links


def walk(tb: TracebackType | None) -> tuple[list[RawFrame], int]:
    """Return the frames of a traceback, oldest first (of a deep recursion its two ends), and where the last one is."""
    frames: list[RawFrame] = []
    at = -1
    while tb is not None:
        frame = tb.tb_frame
        name = dict.get(frame.f_globals, "__name__")
        frames.append((frame.f_code, tb.tb_lineno, name if type(name) is str else None))
        if len(frames) > 2 * MAX_FRAMES:
            del frames[HALF:-HALF]
        at = tb.tb_lasti
        tb = tb.tb_next
    if len(frames) > MAX_FRAMES:
        del frames[HALF:-HALF]
    return frames, at


def captured(
    error: object,
    *,
    level: str,
    handled: bool,
    tags: Mapping[str, object] | None = None,
    mechanism: str = "generic",
    again: bool = True,
) -> Snapshot | None:
    """Return the snapshot of an exception and mark it as captured; None for an interrupt and for no exception.

    `again` False: None, too, for one that was captured before.
    """
    if not is_error(error):
        return None
    if mark(error) and not again:  # type: ignore[arg-type]
        return None
    return Snapshot(error, level=level, handled=handled, tags=tags, mechanism=mechanism)  # type: ignore[arg-type]


def is_error(error: object) -> bool:
    """Tell whether `error` is an exception that is no interrupt: no KeyboardInterrupt, SystemExit, CancelledError."""
    kind = type(error)
    return issubclass(kind, Exception) or issubclass(kind, BaseExceptionGroup)


def mark(exc: BaseException) -> bool:
    """Mark an exception as captured; return whether it was already: a hook that meets it later lets it pass.

    The mark goes where the exception goes and keeps nothing alive, as an id or a reference would not.
    """
    space: dict[str, object] = _space(exc)
    known = CAPTURED in space
    space[CAPTURED] = True
    return known


def current() -> BaseException | None:
    """Return the exception that is being handled, if there is one."""
    return sys.exc_info()[1]
