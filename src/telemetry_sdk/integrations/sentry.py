"""Binds Sentry's own SDK: what `sentry_sdk.capture_*` produces enters our queue and is sanitized like the rest.

Initialized to collect as little as possible: no locals, no source, no host name, no arguments, no list of packages, no
headers on the host's own requests. What still comes is rebuilt by the sanitizer.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.consts import DEFAULT_OPTIONS
from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger
from sentry_sdk.transport import Transport
from sentry_sdk.utils import event_from_exception

from telemetry_sdk._internal.budget import Budget
from telemetry_sdk.capture.snapshot import is_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentry_sdk.client import BaseClient
    from sentry_sdk.envelope import Envelope
    from sentry_sdk.envelope import Item as EnvelopeItem
    from sentry_sdk.types import Event, Hint

    from telemetry_sdk.capture.recorder import Recorder

REPORT_EVERY = 30.0  # seconds between two reports of what was discarded, as in Sentry's own transports
MAX_LOSSES = 10_000  # noted between two reports
KEPT = frozenset(("event", "session", "client_report"))  # of all others only the type is looked at
READ = (
    *("event_id", "timestamp", "level", "exception", "threads", "breadcrumbs", "contexts", "tags", "discarded_events"),
    *("sid", "init", "started", "status", "errors", "duration"),
)
UNREAD = frozenset(
    ("vars", "pre_context", "context_line", "post_context", "data", "message", "filename", "raw_stacktrace")
)
DEPTH = 8  # of an event: exception, values, stacktrace, frames, and what a frame holds
MAX_NODES = 200_000  # values: 32 exceptions of 250 frames with what is read of each
MAX_VALUES = 250  # of one list: frames, breadcrumbs; more than the sanitizer reads
MAX_TEXT = 8_192  # characters: a message is held against its template up to here
IGNORED_LOGGERS = ("telemetry_sdk*", "httpx*", "httpcore*", "truststore*")  # they log our own requests


class QueueTransport(Transport):
    """Replaces the network in Sentry's SDK: appends the items of envelopes to our queue."""

    def __init__(self, options: dict[str, Any], recorder: Recorder) -> None:
        super().__init__(options)
        self._recorder = recorder
        self._losses: deque[tuple[str, str, int]] = deque(maxlen=MAX_LOSSES)
        self._reported = time.monotonic()

    def capture_envelope(self, envelope: Envelope) -> None:
        """Record every item; never raises. Of an item that is never sent only the type is recorded, to be counted."""
        try:
            for item in envelope.items:
                self._recorder.item(item.type or "unknown", _payload(item))
            if time.monotonic() - self._reported > REPORT_EVERY:
                self._report()
        except Exception as error:
            self._recorder.diagnostics.failed(error)

    def record_lost_event(
        self,
        reason: str,
        data_category: str | None = None,
        item: EnvelopeItem | None = None,
        *,
        quantity: int = 1,
    ) -> None:
        """Note what the SDK itself has discarded, for the next report."""
        category = data_category or (item.data_category if item is not None else "default")
        self._losses.append((reason, category, quantity))

    def flush(self, timeout: float, callback: Callable[[int, float], None] | None = None) -> None:
        """Wait at most `timeout` seconds until all is delivered; `callback` is not called: nothing is printed."""
        del callback
        self._report()
        if timeout > 0:
            self._recorder.flush_sync("server", timeout)

    def kill(self) -> None:
        """Report what was discarded; the queue lives on."""
        self._report()

    def _report(self) -> None:
        losses: Counter[tuple[str, str]] = Counter()
        while self._losses:
            reason, category, quantity = self._losses.popleft()
            losses[reason, category] += quantity
        self._reported = time.monotonic()
        if losses:
            discarded = [{"reason": r, "category": c, "quantity": n} for (r, c), n in losses.items()]
            self._recorder.item("client_report", {"timestamp": time.time(), "discarded_events": discarded})


class SentryBinding:
    """The SDK, initialized for a client; `close` takes it back."""

    def __init__(self, recorder: Recorder, *, dsn: str, release: str | None, environment: str | None) -> None:
        self._recorder = recorder
        transport = QueueTransport({**DEFAULT_OPTIONS, "dsn": dsn}, recorder)
        for name in IGNORED_LOGGERS:
            ignore_logger(name)
        known = {name: value for name, value in _hardened().items() if name in DEFAULT_OPTIONS}
        scope = sentry_sdk.get_global_scope()
        self._before: BaseClient = scope.client
        self._client: BaseClient = sentry_sdk.Client(
            dsn=dsn,  # without one it would look for SENTRY_DSN
            transport=transport,
            release=release or "unknown",  # without one it would ask git
            environment=environment or "production",
            before_send=self._once,
            **known,
        )
        self._client.transport = transport  # SENTRY_PRINT_ENVELOPES stands between
        scope.set_client(self._client)
        sentry_sdk.get_isolation_scope().set_new_propagation_context()  # not the trace of SENTRY_TRACE

    def capture(self, error: BaseException, mechanism: str, level: str) -> bool:
        """Capture what nobody caught, with the scope's tags and its session; False if this is not the SDK's client."""
        if sentry_sdk.get_client() is not self._client or self._client.transport is None:
            return False
        how = {"type": mechanism, "handled": False}
        event, hint = event_from_exception(error, client_options=self._client.options, mechanism=how)
        event["level"] = level  # type: ignore[typeddict-item]
        sentry_sdk.capture_event(event, hint=hint)
        return True

    def close(self) -> None:
        """End the session, let it put what it still holds, and take it back if it is still in its place."""
        if sentry_sdk.get_client() is self._client:
            sentry_sdk.get_isolation_scope().end_session()
        self._client.close(timeout=0)
        scope = sentry_sdk.get_global_scope()
        if scope.client is self._client:
            scope.set_client(self._before)

    def _once(self, event: Event, hint: Hint) -> Event | None:
        """Drop an exception that was captured before: a log entry, a hook and a caller may all meet it."""
        given = hint.get("exc_info")
        error = given[1] if given else None
        if error is not None and not is_error(error):
            return None  # an interrupt is no error
        return None if error is not None and self._recorder.recorded_before(error) else event


def outside() -> bool:
    """Tell whether another client of the SDK is active, with a network of its own."""
    client = sentry_sdk.get_client()
    if not client.is_active() or isinstance(client.transport, QueueTransport):
        return False
    return client.transport is not None or client.spotlight is not None


def _hardened() -> dict[str, Any]:
    """Return the options that close what the SDK would collect, print or send by itself."""
    return {
        "default_integrations": False,  # argv, modules, stdlib (headers on every request), atexit (prints)
        "auto_enabling_integrations": False,
        "integrations": [LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None)],
        "server_name": "",
        "project_root": "",
        "spotlight": False,
        "debug": False,
        "keep_alive": False,
        "data_collection": {"frame_context_lines": 0, "stack_frame_variables": False},
        "include_local_variables": False,
        "include_source_context": False,
        "attach_stacktrace": True,  # a log entry leaves as the place where it was made
        "max_request_body_size": "never",
        "http_proxy": "",
        "https_proxy": "",
        "propagate_traces": False,
        "trace_propagation_targets": [],
        "auto_session_tracking": False,
        "enable_backpressure_handling": False,  # a thread that polls the transport
        "enable_db_query_source": False,
        "enable_http_request_source": False,
    }


def is_taken() -> bool:
    """Tell whether the package is bound to a client already."""
    return isinstance(sentry_sdk.get_client().transport, QueueTransport)


def _payload(item: EnvelopeItem) -> dict[str, Any]:
    """Return of an item what its record is made of: a log entry's text may be megabytes."""
    payload = item.payload.json if item.type in KEPT else None
    if type(payload) is not dict:
        return {}
    budget = Budget(MAX_NODES, depth=DEPTH)
    return {key: _bounded(payload[key], budget) for key in READ if key in payload}


def _bounded(value: Any, budget: Budget) -> Any:
    """Copy plain values: what the sanitizer does not read is left out, long texts and what lies too deep are none."""
    if type(value) is str and len(value) > MAX_TEXT:
        return None
    if not budget.spend():
        return None
    if type(value) not in {dict, list}:
        return value
    if budget.enter(value) is not None:
        return type(value)()
    try:
        if type(value) is dict:
            return {key: _bounded(inner, budget) for key, inner in value.items() if key not in UNREAD}
        return [_bounded(inner, budget) for inner in value[-MAX_VALUES:]]
    finally:
        budget.leave()
