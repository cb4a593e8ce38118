"""Calls from 16 threads and a signal handler at once."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.lazy import Lazy

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 16


def built_at_once(make: Callable[[], Any]) -> list[Any]:
    """Build a lazy value from 16 threads and a signal handler that interrupts the factory; return what each got."""

    def interrupted() -> Any:
        if signals:
            signals.pop()
            signal.raise_signal(signal.SIGUSR1)  # on the main thread, in the middle of its call or of its wait
        return make()

    signals = [1]
    lazy: Lazy[Any] = Lazy(interrupted)
    return at_once(lazy.get)


def at_once(work: Callable[[], Any]) -> list[Any]:
    """Call `work` from 16 threads, from this one, and from a signal handler; return all results."""
    barrier = threading.Barrier(THREADS + 1)
    results: list[Any] = []

    def run() -> None:
        barrier.wait()
        results.append(work())

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    interval = sys.getswitchinterval()
    previous = signal.signal(signal.SIGUSR1, lambda *_: results.append(work()))
    sys.setswitchinterval(1e-6)
    try:
        barrier.wait()
        results.append(work())
        signal.raise_signal(signal.SIGUSR1)
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
        signal.signal(signal.SIGUSR1, previous)
    assert len(results) >= THREADS + 2
    return results
