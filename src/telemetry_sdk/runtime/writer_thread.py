"""The thread that reads the queue: builds the pipeline and runs its writer."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._internal.diagnostics import Diagnostics
    from .._internal.lazy import Lazy
    from ..pipeline.pipeline import Pipeline

LATE = 10  # priority among the finalizers of a multiprocessing child: 0 is the last that runs


class WriterThread:
    """The queue's reader: builds the pipeline on its own thread and runs its writer."""

    def __init__(self, pipeline: Lazy[Pipeline], exit_timeout: float, diagnostics: Diagnostics) -> None:
        self._pipeline = pipeline
        self._exit_timeout = exit_timeout
        self._diagnostics = diagnostics

    def prepare(self) -> None:
        """Load threading on this thread, and have a child of multiprocessing, which ends by `os._exit`, drain."""
        _load_threading()
        process, util = sys.modules.get("multiprocessing.process"), sys.modules.get("multiprocessing.util")
        if process is not None and util is not None and process.parent_process() is not None:
            util.Finalize(None, self._drain_at_end, exitpriority=LATE)

    def run(self) -> None:
        """Run the writer; nothing reaches the host's stderr."""
        try:
            self._pipeline.get().writer.run()
        except BaseException as error:
            self._diagnostics.failed(error)

    def _drain_at_end(self) -> None:
        try:
            pipeline = self._pipeline.get(self._exit_timeout)
            if not pipeline.queue.closed:
                pipeline.queue.close()
                pipeline.close(self._exit_timeout)
        except Exception as error:
            self._diagnostics.failed(error)


def _load_threading() -> None:
    """Load threading on this thread: before Python 3.13 it takes the thread that loads it for the main thread.

    Nothing to do where the application has threads, a loop or a log already; else 4 ms, once, at its first record.
    """
    if sys.version_info < (3, 13) and "threading" not in sys.modules:
        __import__("threading")
