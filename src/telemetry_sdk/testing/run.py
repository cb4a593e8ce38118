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
from telemetry_sdk.runtime.runtime import INTERCEPTORS

from .environment import BASELINES, changed_variables

if TYPE_CHECKING:
    from collections.abc import Generator

    from telemetry_sdk.runtime.runtime import Runtime

STATE_DIR = "TELEMETRY_SDK_STATE_DIR"


@contextmanager
def isolated_run() -> Generator[None]:
    """Set local mode and a temporary home in this process's environment, which subprocesses inherit."""
    home = tempfile.mkdtemp(prefix="telemetry-sdk-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # runs after the clients, which are registered later
    before = dict(os.environ)
    variables = {MODE: LOCAL, LOCAL_HOME: home, STATE_DIR: os.path.join(home, "state")}
    os.environ.update(variables)
    BASELINES.append(dict(os.environ))
    starts = RespxStarts(home)
    INTERCEPTORS.append(starts)
    try:
        yield
    finally:
        INTERCEPTORS.remove(starts)
        BASELINES.pop()
        for name in variables:
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)


class RespxStarts:
    """Has the active respx routers get the requests of a client that starts while there is one.

    Such a client never reaches the network: not after the router has stopped, either.
    """

    def __init__(self, home: str) -> None:
        self._home = home

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """Take a client out of local mode; not one of a test that has changed the mode."""
        if given["_given"] is not None or os.environ.get(MODE) != LOCAL or not _active_mockers():
            return given
        from .environment import start_inputs

        return {
            **given,
            "_given": start_inputs(self._home, changed_variables(BASELINES[-1]), _transport),
        }

    def started(self, client: object, runtime: Runtime) -> None:
        """Do nothing."""


def _active_mockers() -> list[Any]:
    """Return respx's mockers that have an active router."""
    mocks = sys.modules.get("respx.mocks")
    return [] if mocks is None else [mocker for mocker in mocks.Mocker.registry.values() if mocker.routers]


def _transport() -> Any:
    from telemetry_sdk.egress.client import answered_by

    return answered_by(_answer)


async def _answer(request: Any) -> Any:
    for mocker in _active_mockers():
        return await mocker.async_handler(request)
    raise ConnectionError("no respx router is active")
