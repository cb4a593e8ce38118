"""Raw records as the queue holds them: what the sanitizer takes. Loaded at start."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType
    from typing import Any

    # time in seconds; name, declaration or a vendor's event; value; metadata, or the fields of an instance
    RawEvent = tuple[float, object, object, object]
    RawFrame = tuple[CodeType, int | None, str | None]  # code, line, the name that the frame's globals claim

MAX_EXCEPTIONS = 32  # chained exceptions and group members in all; Sentry shows 50
MAX_FRAMES = 100  # of one traceback: the outer half and the inner half; Relay keeps 250
MAX_MESSAGE = 8_192  # characters of a message; a longer one is ignored


class ChainedException:
    """One exception of a chain: its type, its frames (oldest first), its relation to its parent.

    `parent`: the parent's index in the chain. `source`: the parent's attribute that holds it, such as `__cause__`.
    `message`: its first argument, if that is exactly a str. `raised_at`: the byte offset of the instruction that
    raised it, -1 without a traceback. `details`: numbers and names read from well-known types, not yet cleaned.
    """

    __slots__ = ("details", "errno", "frames", "is_group", "message", "parent", "raised_at", "source", "type")

    def __init__(
        self,
        kind: type,
        *,
        frames: list[RawFrame],
        raised_at: int = -1,
        parent: int | None = None,
        source: str | None = None,
        is_group: bool = False,
        errno: int | None = None,
        message: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        self.type = kind
        self.frames = frames
        self.raised_at = raised_at
        self.parent = parent
        self.source = source
        self.is_group = is_group
        self.errno = errno
        self.message = message
        self.details = details


class Snapshot:
    """A captured exception as plain values; `exceptions` is the chain, the captured one first.

    `id`: 32 hexadecimal digits. `time`: seconds since the epoch. `tags` are not checked yet.
    """

    __slots__ = ("exceptions", "handled", "id", "level", "mechanism", "tags", "time")

    def __init__(
        self,
        exceptions: list[ChainedException],
        *,
        event_id: str,
        time: float,
        level: str,
        handled: bool,
        mechanism: str,
        tags: dict[str, object] | None,
    ) -> None:
        self.exceptions = exceptions
        self.id = event_id
        self.time = time
        self.level = level
        self.handled = handled
        self.mechanism = mechanism
        self.tags = tags


class Item:
    """One item of an envelope as Sentry's own SDK made it."""

    __slots__ = ("payload", "type")

    def __init__(self, kind: str, payload: Mapping[str, Any]) -> None:
        self.type = kind
        self.payload = payload


class VendorEvent:
    """The name of an event recorded through Statsig's own package, whose numbers and flags are often strings."""

    __slots__ = ("name",)

    def __init__(self, name: object) -> None:
        self.name = name


class Exposure:
    """The name of an exposure of Statsig's package. `known`: all its names stand in the specs in use."""

    __slots__ = ("known", "name")

    def __init__(self, name: str, *, known: bool) -> None:
        self.name = name
        self.known = known
