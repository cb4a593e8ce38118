"""Puts a respx router in the network's place for an application's clients, and decodes what they send."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Self

from telemetry_sdk._internal.argument_shapes import SHAPES
from telemetry_sdk._internal.clock import monotonic
from telemetry_sdk.exceptions import TelemetryError
from telemetry_sdk.options import MAX_EXIT_TIMEOUT
from telemetry_sdk.policy import CLAUDE_CODE
from telemetry_sdk.runtime.runtime import INTERCEPTORS, LAST_CLIENT, StartInterceptor
from telemetry_sdk.runtime.strict_start import unknown_name
from telemetry_sdk.startup import start

from .arguments import ANSWERS, URLS, all_addresses, complete_addresses
from .environment import BASELINES, changed_variables, start_inputs, write_settings
from .sent import SentRequest, sent_bug_reports, sent_errors, sent_metrics
from .waiting import is_paused, send_waiting

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import respx

    from telemetry_sdk.client import TelemetryClient
    from telemetry_sdk.events import Event
    from telemetry_sdk.runtime.runtime import Runtime

    from .sent import SentBugReport, SentError, SentMetric

DRAINING = 10.0  # seconds, at the end of a test
STEP = 0.1  # seconds between two looks for a refused request
STRICT = {"TELEMETRY_SDK_STRICT": "1"}


class UnexpectedRequestError(TelemetryError):
    """A client of the mock made a request that no route answers. Nothing was sent."""

    __module__ = "telemetry_sdk.testing"


class TelemetryMock(StartInterceptor):
    """Answers the requests of all clients started while it is active, and keeps what arrived.

    Takes over the application's own `telemetry_sdk.start()`; `start()` starts a client with defaults. Each client sees
    the variables that the test sets and an empty home directory: neither the shell's variables nor the user's files.

    `router` is a `respx.MockRouter`: add routes, count calls. `environ`: further variables; `settings`: the content of
    the user's settings file; `choices`: arguments of `start()` that replace the application's. Strict mode is on unless
    `environ` has `TELEMETRY_SDK_STRICT=0`.
    """

    def __init__(
        self,
        state_dir: str | os.PathLike[str],
        *,
        environ: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        **choices: Any,
    ) -> None:
        try:
            import respx
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("telemetry_mock needs its extra: pip install 'telemetry-sdk[testing]'") from error
        self.router: respx.MockRouter = respx.mock(assert_all_called=False, assert_all_mocked=True)
        self.active = False
        self.clients: list[TelemetryClient] = []
        self.refused: list[str] = []
        self._state_dir = os.fspath(state_dir)
        self._environ = {**STRICT, **(environ or {})}
        self._settings = settings
        self._choices = _known(choices)
        self._baseline = BASELINES[-1] if BASELINES else dict(os.environ)
        self._runtimes: list[Runtime] = []
        self._answered: set[str] = set()  # URLs of endpoints
        self._client_before: list[TelemetryClient] = []

    def start(self, *, environ: Mapping[str, str] | None = None, **choices: Any) -> TelemetryClient:
        """Start a client as `telemetry_sdk.start` does, with endpoints that only the router answers."""
        chosen: dict[str, Any] = {"app": "app", "version": "0", **all_addresses(), **self._own_choices(), **choices}
        note = _Note(self)
        INTERCEPTORS.append(note)
        try:
            return start(**chosen, _given=self._inputs(chosen, environ or {}))
        finally:
            INTERCEPTORS.remove(note)

    def patch(self, **choices: Any) -> ExitStack:
        """Replace arguments of the application's own `start()` from now on; of a `with` block, until its end.

        `start()` is taken over without it, too: `telemetry_mock.patch(provider="bedrock")` adds to what it is given.
        """
        undo, before = ExitStack(), self._choices
        self._choices = {**before, **_known(choices)}
        undo.callback(setattr, self, "_choices", before)
        return undo

    @property
    def metrics(self) -> list[Event | SentMetric]:
        """The metric events sent, as instances of the classes that declare them."""
        return sent_metrics(self.requests)

    @property
    def errors(self) -> list[SentError]:
        """The error events sent."""
        return sent_errors(self.requests)

    @property
    def bug_reports(self) -> list[SentBugReport]:
        """The bug reports sent."""
        return sent_bug_reports(self.requests)

    @property
    def requests(self) -> list[SentRequest]:
        """The requests that the router answered, once everything recorded has been sent."""
        self.settle()
        requests = [call.request for call in self.router.calls]
        return [SentRequest(r.method, str(r.url), r.content, r.headers.get("content-encoding", "")) for r in requests]

    @property
    def waiting(self) -> dict[str, int]:
        """The number of records by service that wait for a retry: their server answered 5xx or 429, or not at all."""
        self.settle()
        directories = {runtime.state_dir.get(): client.stats()["directory"] for runtime, client in self._pairs()}
        waiting: dict[str, int] = {}
        for found in directories.values():
            for service, count in found["waiting"].items():
                if count:
                    waiting[service] = waiting.get(service, 0) + count
        return waiting

    @property
    def losses(self) -> dict[str, int]:
        """The number of dropped records of all clients and of their state directories, by loss reason."""
        self.settle()
        stats = [(runtime.state_dir.get(), client.stats()) for runtime, client in self._pairs()]
        directories = {path: found["directory"]["dropped"] for path, found in stats}
        lost: dict[str, int] = {}
        for dropped in (*(found["dropped"] for _, found in stats), *directories.values()):
            for reason, count in dropped.items():
                lost[reason] = lost.get(reason, 0) + count
        return lost

    def settle(self, timeout: float = DRAINING) -> None:
        """Wait, at most `timeout` seconds for each client, closed or not, until everything recorded has been sent.

        Returns at once when a request was refused: the test fails anyway. What a mocked server failed on, or asked to
        wait for, is not waited for: see `waiting`.
        """
        for runtime, client in self._pairs():
            until = monotonic() + timeout
            while not self.refused and monotonic() < until:
                if client.closed:
                    if send_waiting(runtime):
                        break
                elif runtime.queue.wakeup.held or client.flush_sync(STEP) or is_paused(client):
                    break

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """Complete the arguments of the application's own `start()`."""
        chosen = {**given, **self._own_choices()}
        inputs = self._inputs(chosen, {})
        return {**complete_addresses(chosen, inputs.environ), "_given": inputs}

    def started(self, client: TelemetryClient, runtime: Runtime) -> None:
        """Note a client of the application's; requests to the endpoints that it names are answered."""
        self.note(client, runtime)
        for service, (status, body) in ANSWERS.items():
            endpoint = getattr(runtime.endpoints, service)
            if endpoint is not None and endpoint.url not in self._answered:
                self._answered.add(endpoint.url)
                self.router.post(endpoint.url).respond(status, json=body)

    def note(self, client: TelemetryClient, runtime: Runtime) -> None:
        """Note a client."""
        self.clients.append(client)
        self._runtimes.append(runtime)

    def __enter__(self) -> Self:
        """Add the vendors' answers; a route of the same pattern that a test adds replaces one."""
        for url, (status, body) in zip(URLS, ANSWERS.values(), strict=True):
            self.router.post(url).respond(status, json=body)
        self._answered.update(URLS)
        self.active = True
        self._client_before = LAST_CLIENT[:]
        INTERCEPTORS.append(self)
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
        INTERCEPTORS.remove(self)
        LAST_CLIENT[:] = self._client_before
        if self.refused:
            raise UnexpectedRequestError("; ".join(self.refused))

    def _pairs(self) -> list[tuple[Runtime, TelemetryClient]]:
        return list(zip(self._runtimes, self.clients, strict=True))

    def _own_choices(self) -> dict[str, Any]:
        """Return the arguments that replace an application's; on a busy machine a close still spools everything."""
        return {"state_dir": self._state_dir, "exit_timeout": MAX_EXIT_TIMEOUT, **self._choices}

    def _inputs(self, chosen: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
        variables = {**changed_variables(self._baseline), **self._environ, **environ}
        inputs = start_inputs(self._state_dir, variables, self._transport)
        if self._settings is not None:
            write_settings(str(inputs.home), chosen.get("profile", CLAUDE_CODE), self._settings)
        return inputs

    def _transport(self) -> Any:
        from telemetry_sdk.egress.client import answered_by

        return answered_by(self._answer)

    async def _answer(self, request: Any) -> Any:
        if not self.active:
            raise self._unexpected(request, "no router is active")
        try:
            return await self.router.async_handler(request)
        except AssertionError:  # of respx: no route
            pass
        route = f"telemetry_mock.router.{request.method.lower()}({str(request.url)!r}).respond(202)"
        raise self._unexpected(request, f"no route; add one, `{route}`, or correct the endpoint")

    def _unexpected(self, request: Any, why: str) -> UnexpectedRequestError:
        url = request.url
        self.refused.append(f"{request.method} {url.scheme}://{url.netloc.decode()}{url.path}: {why}")
        return UnexpectedRequestError(self.refused[-1])


def _known(choices: dict[str, Any]) -> dict[str, Any]:
    """Return arguments of `start()`; raises TypeError for one that it does not have."""
    for name in choices.keys() - SHAPES.keys():
        raise TypeError(unknown_name("start()", name, SHAPES))
    return choices


class _Note(StartInterceptor):
    """Notes the clients of the mock's own `start()`, whose arguments are complete."""

    def __init__(self, mock: TelemetryMock) -> None:
        self._mock = mock

    def started(self, client: TelemetryClient, runtime: Runtime) -> None:
        self._mock.note(client, runtime)


@contextmanager
def mocked(
    state_dir: str | os.PathLike[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    **choices: Any,
) -> Generator[TelemetryMock]:
    """Do what the fixture `telemetry_mock` does, without pytest.

    `state_dir`: default a temporary directory. The others: see `TelemetryMock`.
    """
    with ExitStack() as stack:
        if state_dir is None:  # a closed client's threads end soon, not at once: one may still write when it is deleted
            state_dir = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        os.makedirs(state_dir, exist_ok=True)
        yield stack.enter_context(TelemetryMock(state_dir, environ=environ, settings=settings, **choices))
