"""The thread that reads the queue: builds the pipeline and runs its writer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._internal.diagnostics import Diagnostics
    from .._internal.lazy import Lazy
    from ..pipeline.pipeline import Pipeline


class WriterThread:
    """The queue's reader: builds the pipeline on its own thread and runs its writer."""

    def __init__(self, pipeline: Lazy[Pipeline], diagnostics: Diagnostics) -> None:
        self._pipeline = pipeline
        self._diagnostics = diagnostics

    def run(self) -> None:
        """Run the writer; nothing reaches the host's stderr."""
        try:
            self._pipeline.get().writer.run()
        except BaseException as error:
            self._diagnostics.failed(error)
