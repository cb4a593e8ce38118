"""Serves the page over the ledgers of this machine, on loopback, read only."""

from __future__ import annotations

import secrets
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from .extra import extra_installed

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence


@contextmanager
def ledger_page(directories: Sequence[tuple[str, str]]) -> Generator[str]:
    """Serve while the block runs; yield the page's address, which holds a key.

    `directories`: (application, state directory) of each ledger. Raises ModuleNotFoundError without the extra
    `telemetry-sdk[receiver]`.
    """
    with extra_installed():
        from starlette.applications import Starlette

        from .page.ledger_source import LedgerPage
        from .page.routes import page_routes
        from .server import listening, serving
        from .web_requests import WebPageFilter
    source, key = LedgerPage(directories), secrets.token_urlsafe(16)
    with closing(source.store), listening(0) as listener:
        number = listener.getsockname()[1]
        app = WebPageFilter(Starlette(routes=page_routes(source, key)), number)
        with serving(app, listener, on_stop=lambda: None):
            yield f"http://127.0.0.1:{number}/page/{key}/"
