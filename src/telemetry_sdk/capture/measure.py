"""Measures a piece of work and records it as an event."""

from __future__ import annotations

from time import perf_counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from ..events import Event
    from .recorder import Recorder


class Measure:
    """Records an event at its end; `duration_ms` and `ok` are filled in where the event declares them."""

    def __init__(self, recorder: Recorder, event: type[Event], fields: dict[str, Any]) -> None:
        self._recorder = recorder
        self._event = event
        self._fields = fields
        self._began = 0.0

    def set(self, **fields: object) -> None:
        """Give further fields while the work goes on."""
        self._fields.update(fields)

    def __enter__(self) -> Self:
        self._began = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        measured = {"duration_ms": (perf_counter() - self._began) * 1000, "ok": error is None}
        try:
            declared = self._event.__telemetry__.fields
            filled = {key: value for key, value in measured.items() if key in declared}
            self._recorder.event(self._event(**{**filled, **self._fields}), None, None)
        except Exception as failure:  # the measured work raises its own errors, never ours
            if self._recorder.diagnostics.strict:
                raise
            self._recorder.diagnostics.failed(failure)
