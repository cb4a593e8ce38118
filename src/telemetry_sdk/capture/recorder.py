"""Where records enter: used by the client, the exception hooks and the integrations."""

from __future__ import annotations

from time import perf_counter

from .._internal.clock import monotonic
from .._internal.imports import load
from ..events import declared
from .control_flow import error_behind
from .snapshot import captured, mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Any, Self

    from .._internal.diagnostics import Diagnostics
    from .._internal.future import Future
    from .._internal.lazy import Lazy
    from ..events import Event
    from ..pipeline.pipeline import Pipeline
    from ..pipeline.writer_thread import WriterThread
    from ..policy.current import CurrentPolicy
    from ..queue import Queue

FATAL = "fatal"  # the level of what ends the program: it is spooled first


class Recorder:
    """Nothing here raises, save a caller's mistake in strict mode."""

    def __init__(
        self,
        queue: Queue,
        policy: CurrentPolicy,
        writer: WriterThread,
        pipeline: Lazy[Pipeline],
        diagnostics: Diagnostics,
    ) -> None:
        self.queue = queue
        self.policy = policy
        self.writer = writer
        self.pipeline = pipeline
        self.diagnostics = diagnostics

    def event(self, event: object, value: object, metadata: Mapping[str, object] | None) -> None:
        """Record an event. In strict mode raises `EventError` for one that does not fit its declaration."""
        if self.diagnostics.strict and self.queue.takes_metrics:
            from ..sanitizer.metrics import check

            check(event, value, metadata)
        self.queue.put_event(event, value, metadata)

    def exception(
        self,
        error: object,
        *,
        level: str,
        handled: bool,
        tags: Mapping[str, str] | None = None,
        mechanism: str = "generic",
        again: bool = True,
    ) -> str | None:
        """Record an exception; return its event id, None if it is not recorded.

        `again` False: not if it was recorded before.
        """
        if not self.queue.takes_errors:
            return None
        try:
            snapshot = captured(error, level=level, handled=handled, tags=tags, mechanism=mechanism, again=again)
            if snapshot is None:
                return None
            self.queue.put_error(snapshot, first=not handled and _is_fatal(level))
        except Exception as failure:
            self.diagnostics.failed(failure)
            return None
        return snapshot.id

    def item(self, item_type: str, payload: dict[str, Any]) -> None:
        """Record an envelope item of Sentry's SDK."""
        from .._internal.raw_records import Item

        self.queue.put_error(Item(item_type, payload), first=_is_fatal(payload.get("level")))

    def recorded_before(self, error: BaseException) -> bool:
        """Mark an exception as recorded; tell whether it was already."""
        return mark(error)

    def flush(self, to: str, timeout: float) -> Future[bool] | None:
        """Begin to flush `to` "spool" or "server"; complete at once where there is nothing to flush.

        None: nothing can be flushed in `timeout` seconds, in a signal handler that interrupts an import for instance.
        """
        try:
            load("telemetry_sdk.sender.send_schedule", monotonic() + timeout)
            from ..sender.send_schedule import Flush
        except (ImportError, TimeoutError):
            return None
        flush = Flush(to, timeout)
        if self.queue.wakeup.held:
            flush.future.set(self.queue.empty())
            return flush.future
        if self.queue.closed or (self.pipeline.built is None and self.queue.empty()):
            flush.future.set(True)
            return flush.future
        try:
            self.pipeline.get(max(0.0, timeout)).flush(flush)
        except TimeoutError:  # another thread is still building
            flush.future.set(False)
        except Exception as failure:
            self.diagnostics.failed(failure)
            flush.future.set(False)
        return flush.future

    def flush_sync(self, to: str, timeout: float) -> bool:
        """Flush, and wait at most `timeout` seconds; True if all was."""
        future = self.flush(to, timeout)
        return future is not None and future.wait(timeout) and future.result()

    def spool_crash(self, timeout: float) -> None:
        """Have the error that waits on disk before anything else is done: the process may be killed next."""
        if not self.queue.errors.records:
            return
        try:
            self.pipeline.get(timeout).spool_first(timeout)
        except Exception as failure:
            self.diagnostics.failed(failure)


class Measure:
    """Records an event at the end of a block; fills in `duration_ms` and `ok` where the event declares them.

    `ok` is False if an error leaves the block; control flow (`SystemExit`, a cancellation) is no error.
    """

    def __init__(self, recorder: Recorder, event: type[Event] | str, fields: dict[str, Any]) -> None:
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
            event = self._event
            declaration = declared().get(event) if isinstance(event, str) else event.__telemetry__
            known = {} if declaration is None else declaration.fields
            fields = {**{key: value for key, value in measured.items() if key in known}, **self._fields}
            if isinstance(event, str):
                self._recorder.event(event, None, fields)
            else:
                self._recorder.event(event(**fields), None, None)
        except Exception as failure:  # the measured block raises its own errors, never ours
            if self._recorder.diagnostics.strict:
                raise
            self._recorder.diagnostics.failed(failure)


def _is_fatal(level: object) -> bool:
    """Tell whether a level is the one that ends the program; asks no foreign object."""
    return type(level) is str and level == FATAL
