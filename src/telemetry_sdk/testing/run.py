"""Keeps the clients of a test run from the network and from the user's files."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.layers import LOCAL, LOCAL_HOME, MODE
from telemetry_sdk.runtime.runtime import INTERCEPTORS, StartInterceptor

from .environment import BASELINES, changed_variables

if TYPE_CHECKING:
    from collections.abc import Generator


STATE_DIR = "TELEMETRY_SDK_STATE_DIR"


@contextmanager
def isolated_run() -> Generator[RespxStarts]:
    """Set local mode and a temporary home in this process's environment, which subprocesses inherit.

    Yields what has respx's routers get the requests of clients.
    """
    home = tempfile.mkdtemp(prefix="telemetry-sdk-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # runs after the clients, which are registered later
    before = dict(os.environ)
    variables = {MODE: LOCAL, LOCAL_HOME: home, STATE_DIR: os.path.join(home, "state")}
    os.environ.update(variables)
    BASELINES.append(dict(os.environ))
    starts = RespxStarts(home)
    INTERCEPTORS.append(starts)
    try:
        yield starts
    finally:
        INTERCEPTORS.remove(starts)
        BASELINES.pop()
        for name in variables:
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)


class RespxStarts(StartInterceptor):
    """Has the active respx routers get the requests of a client that starts while there is one.

    Such a client never reaches the network: not after the router has stopped, either. `refused`: the requests of the
    running test's clients that no route answered.
    """

    def __init__(self, home: str) -> None:
        self._home = home
        self._test: object = None
        self.refused: list[str] = []

    def begin_test(self, test: object) -> None:
        """Note requests of clients that start from now on for this test."""
        self._test = test
        self.refused = []

    def end_test(self) -> None:
        """Raise UnexpectedRequestError for the requests that no route answered."""
        if self.refused:
            from .mock import UnexpectedRequestError

            raise UnexpectedRequestError("; ".join(dict.fromkeys(self.refused)))

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """Take a client out of local mode; not one of a test that has changed the mode."""
        if given["_given"] is not None or os.environ.get(MODE) != LOCAL or not _active_mockers():
            return given
        from .environment import start_inputs

        router = ActiveRouter(self, self._test)
        return {
            **given,
            "_given": start_inputs(self._home, changed_variables(BASELINES[-1]), router.transport),
        }

    def note(self, test: object, request: Any, error: AssertionError) -> None:
        """Note a request that respx refused, unless another test is running by now."""
        if test is self._test:
            self.refused.append(f"{request.method} {request.url}: {_why(request, error)}")


class ActiveRouter:
    """The network of a client that a test has started while a respx router was active."""

    def __init__(self, starts: RespxStarts, test: object) -> None:
        self._starts = starts
        self._test = test

    def transport(self) -> Any:
        """Return what takes the network's place."""
        from telemetry_sdk.egress.client import answered_by

        return answered_by(self._answer)

    async def _answer(self, request: Any) -> Any:
        for mocker in _active_mockers():
            try:
                return await mocker.async_handler(request)
            except AssertionError as error:
                self._starts.note(self._test, request, error)
                raise
        raise ConnectionError("no respx router is active")


def _why(request: Any, error: AssertionError) -> str:
    if type(error).__name__ != "AllMockedAssertionError":
        return f"a route raised {error!r}"
    route = f"respx.{request.method.lower()}({str(request.url)!r}).respond(202)"
    return (
        f"no route of the active respx router; add one, `{route}`, or use the fixture telemetry_mock, which has the "
        "routes, or turn telemetry off in this test: monkeypatch.setenv('DO_NOT_TRACK', '1')"
    )


def _active_mockers() -> list[Any]:
    """Return respx's mockers that have an active router."""
    mocks = sys.modules.get("respx.mocks")
    return [] if mocks is None else [mocker for mocker in mocks.Mocker.registry.values() if mocker.routers]
