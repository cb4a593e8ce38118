"""Starts clients on a respx router and decodes what they send."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Self

from telemetry_sdk.exceptions import TelemetryError
from telemetry_sdk.startup import Surroundings, start

if TYPE_CHECKING:
    from collections.abc import Generator

    import respx

    from telemetry_sdk.client import TelemetryClient

STATSIG = "https://events.statsigapi.net/v1"
SENTRY = "https://public@sentry.example/1"
BUG_REPORTS = "https://bugs.example/v1/reports"
DRAINING = 10.0  # seconds, at the end of a test


class NoRouterError(TelemetryError):
    """A client of the mock tried to send while its router was not active. Nothing was sent."""

    __module__ = "telemetry_sdk.testing"


class TelemetryMock:
    """Starts clients, answers their requests, keeps what arrived.

    `router` is a `respx.MockRouter`: add routes, count calls.

    Ignores the environment and settings files: the policy is the default one, changed by `environ=` and by the
    arguments of `start()`.
    """

    def __init__(self, state_dir: str | os.PathLike[str]) -> None:
        try:
            import respx
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("telemetry_mock needs its extra: pip install 'telemetry-sdk[testing]'") from error
        self.router: respx.MockRouter = respx.mock(assert_all_called=False, assert_all_mocked=True)
        self.active = False
        self.clients: list[TelemetryClient] = []
        self.refused: list[str] = []
        self._state_dir = state_dir

    def start(self, *, environ: dict[str, str] | None = None, **choices: Any) -> TelemetryClient:
        """Start a client as `telemetry_sdk.start` does, with endpoints that only the router answers."""
        defaults: dict[str, Any] = {
            "app": "app",
            "version": "0",
            "statsig_key": "client-mock",
            "statsig_url": STATSIG,
            "sentry_dsn": SENTRY,
            "bug_report_url": BUG_REPORTS,
            "bug_report_auth": lambda: ("Authorization", "Bearer mock"),
            "state_dir": self._state_dir,
        }
        nowhere = str(self._state_dir)
        around = Surroundings(
            environ=environ or {}, cwd=nowhere, home=nowhere, managed=nowhere + "/none", transport=self._transport
        )
        client = start(**{**defaults, **choices}, _surroundings=around)
        self.clients.append(client)
        return client

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The metric events sent, in Statsig's wire format."""
        bodies = self._bodies("/log_event")
        return [event for body in bodies for event in json.loads(body)["events"]]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The error events sent, in Sentry's schema."""
        return [json.loads(body.split(b"\n")[2]) for body in self._bodies("/envelope/")]

    @property
    def bug_reports(self) -> list[dict[str, Any]]:
        """The bug reports sent."""
        return [json.loads(json.loads(body)["content"]) for body in self._bodies("/v1/reports")]

    @property
    def losses(self) -> dict[str, int]:
        """The number of dropped records of all clients, by loss reason."""
        self.settle()
        lost: dict[str, int] = {}
        for client in self.clients:
            for reason, count in client.stats()["dropped"].items():
                lost[reason] = lost.get(reason, 0) + count
        return lost

    def settle(self, timeout: float = DRAINING) -> None:
        """Wait until everything recorded has been sent."""
        for client in self.clients:
            client.flush_sync(timeout)

    def __enter__(self) -> Self:
        """Add the vendors' answers; routes that a test adds come first."""
        self.router.post(f"{STATSIG}/log_event").respond(202, json={"success": True})
        self.router.post(url__regex=r"https://sentry\.example/api/1/envelope/").respond(200, json={"id": "0" * 32})
        self.router.post(BUG_REPORTS).respond(200, json={"feedback_id": "mock"})
        self.active = True
        return self

    def __exit__(self, *_: object) -> None:
        """Drain while the router answers, then stop it. Raises NoRouterError if requests were refused."""
        with ExitStack() as stack:
            for client in self.clients:
                stack.callback(client.close)
                if not client.closed and not self.refused:
                    client.flush_sync(DRAINING)
        self.active = False
        if self.refused:
            raise NoRouterError("; ".join(self.refused))

    def _transport(self) -> Any:
        from telemetry_sdk.egress.client import answered_by

        return answered_by(self._answer)

    async def _answer(self, request: Any) -> Any:
        if not self.active:
            self.refused.append(f"{request.method} {request.url.host}: no router is active")
            raise NoRouterError(self.refused[-1])
        try:
            return await self.router.async_handler(request)
        except Exception as error:
            self.refused.append(f"{request.method} {request.url.host}: {type(error).__name__}: {error}")
            raise

    def _bodies(self, path: str) -> list[bytes]:
        self.settle()
        requests = [call.request for call in self.router.calls]
        return [gzip.decompress(request.content) for request in requests if request.url.path.endswith(path)]


@contextmanager
def mocked(state_dir: str | os.PathLike[str] | None = None) -> Generator[TelemetryMock]:
    """Do what the fixture `telemetry_mock` does, without pytest. `state_dir`: default a temporary directory."""
    with ExitStack() as stack:
        directory = state_dir or stack.enter_context(tempfile.TemporaryDirectory())
        os.makedirs(directory, exist_ok=True)
        yield stack.enter_context(TelemetryMock(directory))
