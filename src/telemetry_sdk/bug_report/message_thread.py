"""Reads an iterable in a thread of its own, which is left when the iterable hangs: nothing can interrupt it."""

from __future__ import annotations

import contextlib
import threading
from contextvars import copy_context
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.clock import monotonic

from .message_reader import LateMessageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_AHEAD = 64  # messages that are read before they are wanted


class MessageThread:
    """An iterator over the messages of an iterable. `seconds`: for all of them, from the first one on.

    Raises LateMessageError when they are over, and what the iterable raises.
    """

    def __init__(self, iterable: Iterable[Any], seconds: float) -> None:
        self._iterable = iterable
        self._seconds = seconds
        self._end: float | None = None
        self._arrived: Queue[tuple[Any, BaseException | None]] = Queue(_AHEAD)
        self._is_left = False

    def __iter__(self) -> MessageThread:
        return self

    def __next__(self) -> Any:
        if self._end is None:
            self._end = monotonic() + self._seconds
            thread = threading.Thread(target=copy_context().run, args=(self._read,), daemon=True)
            thread.start()
        try:
            message, error = self._arrived.get(timeout=max(0.0, self._end - monotonic()))
        except Empty:
            self.leave()
            raise LateMessageError from None
        if error is not None:
            raise error
        return message

    def leave(self) -> None:
        """Let the thread end at the next message; whoever waits for one goes on."""
        self._is_left = True
        with contextlib.suppress(Empty):
            while True:
                self._arrived.get_nowait()
        self._arrived.put_nowait((None, LateMessageError()))

    def _read(self) -> None:
        end: BaseException = StopIteration()
        try:
            for message in self._iterable:
                self._arrived.put((message, None))
                if self._is_left:
                    return
        except BaseException as error:  # of the host: raised where the messages are wanted
            end = error
        self._arrived.put((None, end))
