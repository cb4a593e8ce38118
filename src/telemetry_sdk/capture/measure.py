"""Measures a block of code as an event."""

from __future__ import annotations

from time import perf_counter

from .control_flow import error_behind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from ..events import Event
    from .recorder import Recorder


class Measure:
    """Records an event at the end of a block; fills in `duration_ms` and `ok` where the event declares them.

    `ok` is False if an error leaves the block; control flow (`SystemExit`, a cancellation) is no error.
    """

    def __init__(self, recorder: Recorder, event: type[Event], fields: dict[str, Any]) -> None:
        self._recorder = recorder
        self._event = event
        self._fields = fields
        self._began = 0.0

    def set(self, **fields: object) -> None:
        """Set further fields within the block."""
        self._fields.update(fields)

    def __enter__(self) -> Self:
        self._began = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ok = error is None or error_behind(error) is None
        measured = {"duration_ms": (perf_counter() - self._began) * 1000, "ok": ok}
        try:
            declared = self._event.__telemetry__.fields
            filled = {key: value for key, value in measured.items() if key in declared}
            self._recorder.event(self._event(**{**filled, **self._fields}), None, None)
        except Exception as failure:  # the measured block raises its own errors, never ours
            if self._recorder.diagnostics.strict:
                raise
            self._recorder.diagnostics.failed(failure)
