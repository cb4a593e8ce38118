"""Starts and stops the receiver."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .arrival_log import ArrivalLog
from .bug_reports import BugReportService
from .extra import extra_installed
from .faults import Faults
from .limits import Limits
from .receiver import Receiver
from .sentry import SentryService
from .statsig import StatsigService
from .store import ReceiverStore

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from .service import Service


@contextmanager
def running(
    *,
    port: int = 0,
    database: str | None = None,
    accept_keys: Iterable[str] = (),
    limits: Limits | None = None,
    keep_refused: bool = False,
    log: ArrivalLog | None = None,
) -> Generator[Receiver]:
    """Run the receiver in a thread, on 127.0.0.1, while the block runs; it accepts when the block begins.

    `port` 0 takes a free port; `database` is a file that stores what arrives, and the keys, which stay the same
    (default: memory); `log` gets a line for each request;
    `accept_keys` are Statsig keys accepted besides the generated one; `limits` those of request bodies; `keep_refused`
    keeps the bodies of requests without a valid key, too, for a search of all that arrives. Raises
    ModuleNotFoundError without the extra `telemetry-sdk[receiver]`, OSError if the port is taken.
    """
    with extra_installed():
        from .app import build
        from .server import listening, serving
    faults = Faults()
    with _open(database, keep_refused=keep_refused) as store, listening(port) as listener:
        receiver = _receiver(listener.getsockname()[1], store, faults)
        services = _services(receiver, accept_keys, limits or Limits())
        app = build(services, store, faults, receiver, log or ArrivalLog())
        with serving(app, listener, on_stop=faults.close):
            yield receiver


@contextmanager
def _open(database: str | None, *, keep_refused: bool) -> Generator[ReceiverStore]:
    store = ReceiverStore(database, keep_refused=keep_refused)
    try:
        yield store
    finally:
        store.close()


def _receiver(port: int, store: ReceiverStore, faults: Faults) -> Receiver:
    return Receiver(
        port=port,
        token=store.key("token", secrets.token_hex(16)),
        page_key=store.key("page", secrets.token_urlsafe(16)),
        _store=store,
        _faults=faults,
    )


def _services(receiver: Receiver, accept_keys: Iterable[str], limits: Limits) -> Mapping[str, Service]:
    statsig_keys = (receiver.statsig_key, *accept_keys)
    return {
        "/v1/log_event": StatsigService(statsig_keys, limits.metrics_wire, limits.metrics_expanded),
        "/api/{project}/envelope/": SentryService(
            receiver.sentry_key, limits.errors_wire, limits.errors_expanded, limits.event
        ),
        "/v1/bug-reports": BugReportService(
            receiver.bug_report_token, limits.bug_reports_wire, limits.bug_reports_expanded
        ),
    }
