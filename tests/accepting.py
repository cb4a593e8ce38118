"""A server that accepts all, at any loopback address, and keeps what arrived."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator


_ANSWERS = {"log_event": b'{"success":true}', "bug-reports": b'{"feedback_id":"f-1"}'}  # by the path's last part


class AcceptingServer(ThreadingHTTPServer):
    """An HTTP server; `bodies` are the paths and decompressed bodies of the requests."""

    daemon_threads = True

    def __init__(self, host: str, tls: ssl.SSLContext | None) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.bodies: list[tuple[str, bytes]] = []
        super().__init__((host, 0), _AcceptingHandler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: object) -> None:
        """Print nothing of a handshake that failed."""


class _AcceptingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: AcceptingServer

    def do_POST(self) -> None:
        """Keep the body and accept."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.bodies.append((self.path, body))
        answer = _ANSWERS.get(self.path.rpartition("/")[2], b"{}")
        self.send_response(202 if self.path.endswith("/log_event") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextlib.contextmanager
def accepting(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[AcceptingServer]:
    """Run the server on a free port while the block runs."""
    with AcceptingServer(host, tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
