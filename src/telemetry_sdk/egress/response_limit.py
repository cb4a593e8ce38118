"""Limits what is read of a response: httpcore skips informational (1xx) responses without end."""

from __future__ import annotations

import re

INFORMATIONAL = 10
HEAD_LIMIT = 100 << 10  # bytes of all heads of a response, informational ones included; h11 takes as many for one

_END = re.compile(rb"\n\r?\n")  # as h11 finds the end of a head
_INFORMATIONAL = re.compile(rb"HTTP/\d\.\d 1(?!01)")  # 101 is final


class ResponseLimitError(Exception):
    """A response is longer than is read, or begins with too many informational ones."""


class ResponseLimit:
    """Counts one response as it is read. `body`: bytes of the body on the wire, chunk headers included."""

    def __init__(self, body: int) -> None:
        self._body_left = body
        self._head_left = HEAD_LIMIT
        self._informational_left = INFORMATIONAL
        self._head = bytearray()
        self._searched = 0
        self._in_body = False

    def next_read(self, wanted: int) -> int:
        """Return how many bytes may be read next, at most `wanted`. Raises `ResponseLimitError`."""
        if self._in_body:
            wanted = min(wanted, self._body_left)
        if wanted <= 0:
            raise ResponseLimitError
        return wanted

    def add(self, data: bytes) -> None:
        """Count what was read. Raises `ResponseLimitError`."""
        if self._in_body:
            self._body_left -= len(data)
        else:
            self._head += data
            self._count_heads()

    def _count_heads(self) -> None:
        while end := _END.search(self._head, self._searched):
            self._in_body = not _INFORMATIONAL.match(self._head)
            self._informational_left -= not self._in_body
            self._head_left -= end.end()
            del self._head[: end.end()]
            self._searched = 0
            if self._in_body:
                self._body_left -= len(self._head)
                self._head.clear()
                return
            if self._informational_left < 0:
                raise ResponseLimitError
        self._searched = max(0, len(self._head) - 2)  # the end may be cut between two reads
        if len(self._head) > self._head_left:
            raise ResponseLimitError
