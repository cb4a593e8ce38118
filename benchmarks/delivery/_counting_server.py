"""A server that accepts all and notes, for each request, its time, its events and bytes: `<log file> [port]`."""

from __future__ import annotations

import gzip
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO


class _CountingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    log: IO[str]

    def do_POST(self) -> None:
        """Count the events and accept."""
        seen = time.time()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        size = len(body)
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        metrics = "log_event" in self.path
        events = body.count(b'"eventName"') if metrics else 0
        self.log.write(json.dumps({"time": seen, "events": events, "bytes": size, "raw": len(body)}) + "\n")
        self.log.flush()
        answer = b'{"success":true}' if metrics else b"{}"
        self.send_response(202 if metrics else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main() -> None:
    """Serve on a port (default: a free one) of the loopback interface, which is printed, until terminated."""
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with Path(sys.argv[1]).open("w") as log:
        _CountingHandler.log = log
        server = ThreadingHTTPServer(("127.0.0.1", port), _CountingHandler)
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
