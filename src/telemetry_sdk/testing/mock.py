"""Starts clients on a respx router and decodes what they send."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from telemetry_sdk.exceptions import TelemetryError
from telemetry_sdk.startup import ADDRESSES, StartInputs, start

from .sent import SentRequest, sent_bug_reports, sent_errors, sent_metrics

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import respx

    from telemetry_sdk.client import TelemetryClient

STATSIG = "https://events.statsigapi.net/v1"
SENTRY = "https://public@sentry.example/1"
BUG_REPORTS = "https://bugs.example/v1/reports"
DRAINING = 10.0  # seconds, at the end of a test
STEP = 0.1  # seconds between two looks for a refused request
DIRECTORY = (*ADDRESSES, "app", "state_dir")  # clients for which these are equal share a state directory


class UnexpectedRequestError(TelemetryError):
    """A client of the mock made a request that no route answers. Nothing was sent."""

    __module__ = "telemetry_sdk.testing"


class TelemetryMock:
    """Starts clients, answers their requests, keeps what arrived.

    `router` is a `respx.MockRouter`: add routes, count calls. `environ` and `choices` are the defaults of `start()`.

    Ignores the environment and settings files of the process: the policy is the default one, changed by `environ` and
    by the arguments of `start()`.
    """

    def __init__(
        self, state_dir: str | os.PathLike[str], *, environ: Mapping[str, str] | None = None, **choices: Any
    ) -> None:
        try:
            import respx
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("telemetry_mock needs its extra: pip install 'telemetry-sdk[testing]'") from error
        self.router: respx.MockRouter = respx.mock(assert_all_called=False, assert_all_mocked=True)
        self.active = False
        self.clients: list[TelemetryClient] = []
        self.refused: list[str] = []
        self._state_dir = state_dir
        self._environ = dict(environ or {})
        self._choices = choices
        self._directories: dict[tuple[str, ...], TelemetryClient] = {}

    def start(self, *, environ: Mapping[str, str] | None = None, **choices: Any) -> TelemetryClient:
        """Start a client as `telemetry_sdk.start` does, with endpoints that only the router answers."""
        nowhere = str(self._state_dir)
        around = StartInputs(
            environ={**self._environ, **(environ or {})},
            cwd=nowhere,
            home=nowhere,
            managed=nowhere + "/none",
            transport=self._transport,
        )
        chosen = {**_defaults(self._state_dir), **self._choices, **choices}
        client = start(**chosen, _given=around)
        self.clients.append(client)
        self._directories[tuple(str(chosen[name]) for name in DIRECTORY if name != "bug_report_auth")] = client
        return client

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The metric events sent, in Statsig's wire format."""
        return sent_metrics(self._requests())

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The error events sent, in Sentry's schema."""
        return sent_errors(self._requests())

    @property
    def bug_reports(self) -> list[dict[str, Any]]:
        """The bug reports sent."""
        return sent_bug_reports(self._requests())

    @property
    def losses(self) -> dict[str, int]:
        """The number of dropped records of all clients and of their state directories, by loss reason."""
        self.settle()
        counts = [client.stats()["dropped"] for client in self.clients]
        counts += [client.stats()["directory"]["dropped"] for client in self._directories.values()]
        lost: dict[str, int] = {}
        for dropped in counts:
            for reason, count in dropped.items():
                lost[reason] = lost.get(reason, 0) + count
        return lost

    def settle(self, timeout: float = DRAINING) -> None:
        """Wait, at most `timeout` seconds for each client, until everything recorded has been sent.

        Returns at once when a request was refused: the test fails anyway, and its records wait for a next try.
        """
        for client in self.clients:
            until = monotonic() + timeout
            while not (client.closed or client.flush_sync(STEP) or self.refused or monotonic() > until):
                pass

    def __enter__(self) -> Self:
        """Add the vendors' answers; routes that a test adds come first."""
        self.router.post(f"{STATSIG}/log_event").respond(202, json={"success": True})
        self.router.post(url__regex=r"https://sentry\.example/api/1/envelope/").respond(200, json={"id": "0" * 32})
        self.router.post(BUG_REPORTS).respond(200, json={"feedback_id": "mock"})
        self.active = True
        return self

    def __exit__(self, *_: object) -> None:
        """Drain and close the clients while the router answers, then stop it.

        Raises UnexpectedRequestError if requests were refused; in strict mode what failed inside a client.
        """
        with ExitStack() as stack:
            stack.callback(self._stop)
            for client in self.clients:
                stack.callback(client.close)
            self.settle()

    def _stop(self) -> None:
        self.active = False
        if self.refused:
            raise UnexpectedRequestError("; ".join(self.refused))

    def _transport(self) -> Any:
        from telemetry_sdk.egress.client import answered_by

        return answered_by(self._answer)

    async def _answer(self, request: Any) -> Any:
        if not self.active:
            raise self._unexpected(request, "no router is active")
        try:
            return await self.router.async_handler(request)
        except AssertionError:  # of respx: no route
            raise self._unexpected(request, "no route; add one to `router`, or correct the endpoint") from None

    def _unexpected(self, request: Any, why: str) -> UnexpectedRequestError:
        url = request.url
        self.refused.append(f"{request.method} {url.scheme}://{url.netloc.decode()}{url.path}: {why}")
        return UnexpectedRequestError(self.refused[-1])

    def _requests(self) -> list[SentRequest]:
        self.settle()
        requests = [call.request for call in self.router.calls]
        return [SentRequest(r.method, r.url.path, r.content, r.headers.get("content-encoding", "")) for r in requests]


def _defaults(state_dir: str | os.PathLike[str]) -> dict[str, Any]:
    return {
        "app": "app",
        "version": "0",
        "statsig_key": "client-mock",
        "statsig_url": STATSIG,
        "sentry_dsn": SENTRY,
        "bug_report_url": BUG_REPORTS,
        "bug_report_auth": lambda: ("Authorization", "Bearer mock"),
        "state_dir": state_dir,
    }


@contextmanager
def mocked(
    state_dir: str | os.PathLike[str] | None = None, *, environ: Mapping[str, str] | None = None, **choices: Any
) -> Generator[TelemetryMock]:
    """Do what the fixture `telemetry_mock` does, without pytest.

    `state_dir`: default a temporary directory. `environ` and `choices`: the defaults of the mock's `start()`.
    """
    with ExitStack() as stack:
        directory = state_dir or stack.enter_context(tempfile.TemporaryDirectory())
        os.makedirs(directory, exist_ok=True)
        yield stack.enter_context(TelemetryMock(directory, environ=environ, **choices))
