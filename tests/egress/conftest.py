"""Real servers on loopback, and a loop like the sender's."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

import pytest

from telemetry_sdk._internal.event_loop import new_loop

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine, Iterator


class Server:
    """A raw TCP server: `talk` gets the connection and each whole request, and closes by returning False.

    `raw`: `talk` gets each connection alone.
    """

    def __init__(self, talk: Callable[..., object], *, tls: ssl.SSLContext | None, raw: bool) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.sent = 0
        self.released = threading.Event()  # what hangs waits for the test's end
        self._talk = talk
        self._tls = tls
        self._raw = raw
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            connection.settimeout(10)
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls is not None:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
            if self._raw:
                self._talk(connection)
                return
            while request := self.read(connection):
                self.requests.append(request)
                if self._talk(self, connection, request) is False:
                    return

    @staticmethod
    def read(connection: socket.socket) -> bytes:
        """Read one request with its body; b"" when the peer has closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        while len(body) < length:
            more = connection.recv(65536)
            if not more:
                return b""
            body += more
        return head + b"\r\n\r\n" + body


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers: `serve(talk)` or `serve(b"HTTP/1.1 ...")`, over TLS with `tls=`."""
    with contextlib.ExitStack() as stack:

        def start(talk: Any, *, tls: ssl.SSLContext | None = None, raw: bool = False) -> Server:
            if isinstance(talk, bytes):
                answer = talk
                talk = lambda _server, connection, _request: connection.sendall(answer)  # noqa: E731
            return stack.enter_context(Server(talk, tls=tls, raw=raw))

        yield start


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine on the sender's kind of loop."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        loop = new_loop()
        try:
            return loop.run_until_complete(coroutine)
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())  # as the sender's session does
            loop.close()

    return run
