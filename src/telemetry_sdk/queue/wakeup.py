"""Starts the queue's reader at the first record and wakes it later."""

from __future__ import annotations

import _thread
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Reader(Protocol):
        """What empties the queue."""

        def run(self) -> None:
            """Read until told to stop: the life of one thread. Never raises."""
            ...


class WakeUp:
    """A lock that is released once for each sleep of the reader, whatever the number of records.

    `idle`: the reader sleeps, or has not started; a recording call wakes it only then. `urgent`: do not wait for more.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.reset()

    def reset(self) -> None:
        """Begin anew, in the child of a fork: the thread is the parent's."""
        self._signal = _thread.allocate_lock()
        self._signal.acquire()
        self._start = _thread.allocate_lock()
        self.idle = True
        self.urgent = False

    @property
    def started(self) -> bool:
        """Whether the reader's thread was started."""
        return self._start.locked()

    def wake(self, urgent: bool = False) -> None:
        """Start or wake the reader; from any thread and from a signal handler, never waits."""
        self.idle = False
        self.urgent = self.urgent or urgent
        if self._start.acquire(blocking=False):
            self._start_thread()
            return
        try:
            self._signal.release()
        except RuntimeError:
            return  # signalled already

    def sleep(self, timeout: float = -1) -> None:
        """Sleep until woken, at most `timeout` seconds (-1: no limit); for the reader."""
        self._signal.acquire(timeout=timeout)

    def _start_thread(self) -> None:
        try:
            _load_threading()
            _thread.start_new_thread(self._reader.run, ())
        except RuntimeError:  # no thread can be had now: the next record tries again, the exit drains
            self.idle = True
            self._start.release()


def _load_threading() -> None:
    """Load threading on this thread: before Python 3.13 it takes the thread that loads it for the main thread.

    Nothing to do where the application has threads, a loop or a log already; else 4 ms, once, at its first record.
    """
    if sys.version_info < (3, 13) and "threading" not in sys.modules:
        __import__("threading")
