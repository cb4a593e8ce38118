"""Messages as lines of JSON, compressed in memory; the oldest can be dropped."""

from __future__ import annotations

import zlib
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 1 << 17  # bytes that are compressed together
_LEVEL = 1  # text shrinks to a third; higher levels gain a tenth and take thrice the time


class MessageStore:
    """Holds lines without line breaks, the oldest first.

    `size`: bytes of all, each with a comma behind it; `compressed`: bytes of what is compressed already.
    """

    def __init__(self) -> None:
        self.size = 0
        self.compressed = 0
        self.count = 0
        self._oldest: deque[bytes] = deque()
        self._blocks: deque[bytes] = deque()
        self._newest: list[bytes] = []
        self._newest_size = 0

    def append(self, line: bytes) -> None:
        """Add a line."""
        self._newest.append(line)
        self._newest_size += len(line) + 1
        self.size += len(line) + 1
        self.count += 1
        if self._newest_size > _BLOCK:
            block = zlib.compress(b"\n".join(self._newest), _LEVEL)
            self._blocks.append(block)
            self.compressed += len(block)
            self._newest, self._newest_size = [], 0

    def pop_oldest(self) -> bytes:
        """Remove the oldest line and return it. Raises IndexError if there is none."""
        if not self._oldest:
            if self._blocks:
                block = self._blocks.popleft()
                self.compressed -= len(block)
                self._oldest.extend(zlib.decompress(block).split(b"\n"))
            else:
                self._oldest.extend(self._newest)
                self._newest, self._newest_size = [], 0
        line = self._oldest.popleft()
        self.size -= len(line) + 1
        self.count -= 1
        return line

    def __iter__(self) -> Iterator[bytes]:
        yield from self._oldest
        for block in self._blocks:
            yield from zlib.decompress(block).split(b"\n")
        yield from self._newest

    def __len__(self) -> int:
        return self.count
