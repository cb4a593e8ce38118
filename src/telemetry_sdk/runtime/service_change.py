"""Stops or resumes a service wherever records of it are."""

from __future__ import annotations

from ..policy.current import ON, WITHDRAWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._internal.lazy import Lazy
    from ..options import Options
    from ..pipeline.pipeline import Pipeline
    from ..queue.queue import Queue


class ServiceChange:
    """Stops or resumes a service wherever records of it are; deletes what waits where consent was withdrawn."""

    def __init__(self, options: Options, queue: Queue, pipeline: Lazy[Pipeline]) -> None:
        self._options = options
        self._queue = queue
        self._pipeline = pipeline

    def service_changed(self, service: str, state: str) -> None:
        """Refuse or take records; what was recorded before a silence is still spooled, and sent by whoever may."""
        if state == ON:
            self._queue.accept(service)
            return
        self._queue.refuse(service)
        pipeline = self._pipeline.built
        if pipeline is not None:
            pipeline.sender.cancel(service)
        if state == WITHDRAWN:
            if pipeline is not None:
                pipeline.withdraw(service)
            from .purge import discard_services

            discard_services(self._options.base_dir, self._options.app, [service])
