"""Runs uvicorn in a thread: ready when it accepts connections, stopped on request."""

from __future__ import annotations

import asyncio
import os
import socket
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from starlette.types import ASGIApp


class _StoppableServer(uvicorn.Server):
    """A uvicorn that stops at once and aborts open connections."""

    def __init__(self, app: ASGIApp, on_stop: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
            )
        )
        self.ready: Future[Callable[[], object]] = Future()  # its result stops the server, from any thread
        self._on_stop = on_stop
        self._stopping = asyncio.Event()

    async def main_loop(self) -> None:
        loop = asyncio.get_running_loop()
        self.ready.set_result(lambda: loop.call_soon_threadsafe(self._stopping.set))
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - the servers hold them
        while half_accepted := self._half_accepted():  # asyncio would leak the socket
            await asyncio.gather(*half_accepted)
        for server in self.servers:
            server.close()
        while self.server_state.connections:
            for connection in self.server_state.connections:
                connection.transport.abort()
            await asyncio.sleep(0)  # the loop closes the connections
        self._on_stop()
        await asyncio.gather(*self.server_state.tasks)
        for server in self.servers:
            await server.wait_closed()

    def _half_accepted(self) -> set[asyncio.Task[object]]:
        return asyncio.all_tasks() - self.server_state.tasks - {asyncio.current_task()}

    def run_in_thread(self, listener: socket.socket) -> None:
        """Serve until stopped; an error at the start is raised where `ready` is awaited."""
        try:
            asyncio.run(self.serve([listener]))
        except BaseException as error:
            if self.ready.done():
                raise
            self.ready.set_exception(error)


@contextmanager
def listening(port: int) -> Generator[socket.socket]:
    """Bind a port of 127.0.0.1 (0: a free one)."""
    # With the protocol named, asyncio switches off Nagle's algorithm, which costs 40 ms a request.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        if os.name == "posix":  # on Windows the option would let another program take the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        yield listener


@contextmanager
def serving(app: ASGIApp, listener: socket.socket, on_stop: Callable[[], None]) -> Generator[None]:
    """Serve on a bound socket while the block runs; `on_stop` runs in the server's thread."""
    server = _StoppableServer(app, on_stop)
    thread = Thread(target=server.run_in_thread, args=(listener,), name="telemetry-sdk-receiver", daemon=True)
    thread.start()
    try:
        stop = server.ready.result()
        try:
            yield
        finally:
            stop()
    finally:
        thread.join()
