"""The writer thread: builds the pipeline and drains the queue, asleep when nothing waits."""

from __future__ import annotations

import sys
from time import sleep

from .._internal.switch_interval import ShortSwitchInterval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .._internal.diagnostics import Diagnostics
    from .._internal.lazy import Lazy
    from .pipeline import Pipeline

GATHER = 0.25  # seconds that metrics gather: on disk within 1 s
LOOKS = 5  # at the queue meanwhile: a burst does not wait
PAUSE = 0.001  # seconds between two slices: the caches stay warm, and a loop has its turn
BUSY = 2_000  # events waiting from which on there is no pause: a busy host starves a polite writer
CROWDED = 0.0005  # seconds: the switch interval while records crowd, or modules are loaded
LATE = 10  # priority among the finalizers of a multiprocessing child: 0 is the last that runs


class WriterThread:
    """Drains until the queue is closed; the exiting thread drains what is left.

    `end_process` closes the client of a process that ends without `atexit`; what is in `after_drain` runs on the
    writer's thread after records were spooled, and is short.
    """

    def __init__(self, pipeline: Lazy[Pipeline], end_process: Callable[[], object], diagnostics: Diagnostics) -> None:
        self._pipeline = pipeline
        self._end = end_process
        self._diagnostics = diagnostics
        self.after_drain: list[Callable[[], object]] = []

    def prepare(self) -> None:
        """Load threading on this thread, and have a child of multiprocessing, which ends by `os._exit`, drain."""
        _load_threading()
        process, util = sys.modules.get("multiprocessing.process"), sys.modules.get("multiprocessing.util")
        if process is not None and util is not None and process.parent_process() is not None:
            util.Finalize(None, self._end_process, exitpriority=LATE)

    def run(self) -> None:
        """Drain until the queue is closed: the thread's whole life. Nothing reaches the host's stderr."""
        try:
            with ShortSwitchInterval(CROWDED):
                pipeline = self._pipeline.get()
            pipeline.sender.start()
            while not pipeline.queue.closed:
                self._wait(pipeline)
                pipeline.queue.wakeup.urgent = False
                self._work(pipeline)
            pipeline.drain.answer_flushes(last=True)
        except BaseException as error:
            self._diagnostics.failed(error)

    def _wait(self, pipeline: Pipeline) -> None:
        """Sleep until there is a record; let metrics gather."""
        queue, wakeup = pipeline.queue, pipeline.queue.wakeup
        if not (queue.events.records or queue.errors.records):
            wakeup.idle = True
            while not (queue.events.records or queue.errors.records or pipeline.drain.flushes or queue.closed):
                wakeup.sleep()  # also after a signal for what was drained already
            wakeup.idle = False
        for _ in range(LOOKS):
            if wakeup.urgent or queue.errors.records or queue.closed or len(queue.events.records) >= BUSY:
                break
            wakeup.sleep(GATHER / LOOKS)

    def _work(self, pipeline: Pipeline) -> None:
        queue, worked = pipeline.queue, False
        while not queue.closed:
            worked = self._slice(pipeline) > 0 or worked
            if queue.empty() and pipeline.drain.wait(PAUSE):
                break  # else another thread drains: in a moment again
            if len(queue.events.records) < BUSY:
                sleep(PAUSE)
        for step in self.after_drain if worked else ():
            try:
                step()
            except Exception as error:  # the writer lives on
                self._diagnostics.failed(error)
        pipeline.drain.answer_flushes()

    def _slice(self, pipeline: Pipeline) -> int:
        """Drain a slice. Where it makes many system calls, each gets the interpreter back soon.

        That is while records crowd, for an error, and for the first slice, which loads modules.
        """
        queue = pipeline.queue
        if pipeline.spool.built is not None and not queue.errors.records and len(queue.events.records) < BUSY:
            return pipeline.drain.slice()
        with ShortSwitchInterval(CROWDED):
            return pipeline.drain.slice()

    def _end_process(self) -> None:
        try:
            self._end()
        except Exception as error:
            self._diagnostics.failed(error)


def _load_threading() -> None:
    """Load threading on this thread: before Python 3.13 it takes the thread that loads it for the main thread.

    Nothing to do where the application has threads, a loop or a log already; else 4 ms, once, at its first record.
    """
    if sys.version_info < (3, 13) and "threading" not in sys.modules:
        try:
            __import__("threading")
        except Exception:  # the host has emptied sys.path, or put something else there
            return
