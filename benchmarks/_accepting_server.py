"""A server that accepts all requests, whatever their wire format: prints its port, then serves until terminated."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class AcceptingHandler(BaseHTTPRequestHandler):
    """Reads the body and answers with an empty JSON object."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Accept."""
        length = self.headers.get("Content-Length")
        if length is None:
            while size := int(self.rfile.readline().strip() or b"0", 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
        else:
            self.rfile.read(int(length))
        self._answer()

    def do_GET(self) -> None:
        """Answer a request for configuration: there is none."""
        self._answer()

    def _answer(self) -> None:
        self.send_response(202 if "log_event" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main() -> None:
    """Serve on a free port of the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), AcceptingHandler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
