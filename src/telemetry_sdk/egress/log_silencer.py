"""Keeps our own requests out of the host's logs.

Under a root logger at DEBUG httpcore and asyncio would feed the host's handlers (and log-reading
integrations) with our hosts and headers. Their loggers get one filter that drops what is logged while we
send, and nothing else: the host's own requests log as ever, no level or handler is touched.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_LOGGERS = (
    "asyncio",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.proxy",
    "httpcore.socks",
)
_ours: ContextVar[bool] = ContextVar("telemetry_sdk_silence", default=False)


class _Silence(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - what is logged does not matter
        return not _ours.get()


_FILTER = _Silence()  # one object: adding it again changes nothing


@contextmanager
def silent() -> Generator[None]:
    """Within this block, and in the tasks started in it, those loggers say nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
    token = _ours.set(True)
    try:
        yield
    finally:
        with suppress(ValueError):  # closed from another context, at an exit say: there is nothing to restore
            _ours.reset(token)
