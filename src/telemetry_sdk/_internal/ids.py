"""Random ids, and ids in a row."""

from __future__ import annotations

import os
from time import time


def event_id() -> str:
    """Return a random UUID of version 4 as 32 hexadecimal digits, Sentry's form."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return raw.hex()


def new_uuid() -> str:
    """Return a random UUID of version 4 in its usual form."""
    text = event_id()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_run() -> str:
    """Return a run's name: sorts by time, with 64 random bits."""
    return f"{int(time()):010x}-{os.urandom(8).hex()}"


class EventIds:
    """Ids of one process's events: 66 random bits and a counter, as a UUID, which compresses well.

    No system call for each: one that gives the interpreter away waits for every busy thread of the host.
    """

    def __init__(self) -> None:
        self._pid = 0
        self._head = ""
        self._count = 0

    def next(self) -> str:
        """Return the next id; a child of a fork has its own head. Not thread-safe: called under the drain's lock."""
        pid = os.getpid()
        if pid != self._pid:
            self._pid, self._head, self._count = pid, new_uuid()[:26], 0
        self._count += 1
        return "%s%010x" % (self._head, self._count)  # noqa: UP031 - faster than an f-string
